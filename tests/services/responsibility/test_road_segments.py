import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.services.responsibility.road_segments import import_road_segments
from gridmgmt.store.responsibility.road_segments import list_road_segments
from tests.factories import square
from tests.services.answering import PLAIN, layer

ROAD = shapely.LineString([(120.15, 30.255), (120.16, 30.255)])


def test_segments_keep_their_tolerance_and_the_rest_get_the_default(conn, tmp_path):
    rows = [
        {"code": "R1", "name": "文一路", "tolerance_m": 30.0},
        {"code": "R2", "name": "文二路", "tolerance_m": None},
    ]
    path = layer(tmp_path, rows, [ROAD, shapely.MultiLineString([ROAD])])
    summary = import_road_segments(conn, path, PLAIN, tolerance_m=12, actor="tester")
    assert summary.added == 2
    segments, lines = list_road_segments(conn)
    assert [one.tolerance_m for one in segments] == [30.0, 12.0]
    assert lines[0].equals(ROAD)
    again = import_road_segments(conn, path, PLAIN, tolerance_m=12, actor="tester")
    assert again.unchanged == 2


def test_a_polygon_is_no_road_segment(conn, tmp_path):
    path = layer(tmp_path, [{"code": "R1", "name": "文一路"}], [square(0, 0)])
    with pytest.raises(LayerError, match="feature 1: must be a line, is a Polygon"):
        import_road_segments(conn, path, PLAIN, actor="tester")
