"""Lines of other layers that borders are aligned to: found once, kept in the log."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.surroundings import RoadSegment, Zone, ZoneKind
from gridmgmt.errors import LayerError
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.line_layers import LineLayer, read_line_layer
from gridmgmt.services.workbench.operation_files import read_operations
from gridmgmt.store.responsibility.road_segments import put_road_segments
from gridmgmt.store.responsibility.zones import put_zones
from tests.factories import make_edition
from tests.geometry.editing.cities import level
from tests.services.workbench.test_editing import held

UNIT = 1e-4


def place(x: float, y: float) -> tuple[float, float]:
    return 120 + x * UNIT, 30 + y * UNIT


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(*place(west, south), *place(east, north))


def write_layer(
    path: Path, geoms: list[shapely.Geometry], names: list[str], crs: str = "EPSG:4326"
) -> Path:
    gpd.GeoDataFrame({"road": names}, geometry=geoms, crs="EPSG:4326").to_crs(crs).to_file(path)
    return path


ROAD = shapely.LineString(
    [place(10.5, -500), place(10.5, 5), place(10.4, 15), place(10.4, 500)]
)


@pytest.fixture
def base(conn: Connection) -> Connection:
    """Two cells in two streets, a road a few metres beside their border, and a campus."""
    drawn = {"W": box(0, 0, 10, 20), "E": box(10, 0, 20, 20)}
    levels: dict[str, LevelAreas] = {
        "street": level("street", drawn, lambda code: None),
        "cell": level("cell", {f"{k}1": v for k, v in drawn.items()}, lambda code: code[:1]),
    }
    make_edition(conn, levels)
    put_road_segments(
        conn,
        [RoadSegment("R1", "和平路", 20.0), RoadSegment("R2", "解放路", 20.0)],
        objects([shapely.MultiLineString([ROAD]), shapely.MultiLineString([ROAD.coords[:2]])]),
    )
    put_zones(
        conn,
        [Zone("campus", ZoneKind.CAMPUS, "大学城")],
        objects([shapely.MultiPolygon([box(9.6, -3, 19, 23)])]),
    )
    drafts.create(conn, "d", actor="a")
    return conn


def align(conn: Connection, lines: LineLayer | None = None, **wanted: Any) -> ops.Align:
    operation = ops.Align("cell", 8, ("W1", "E1"), **wanted)
    [done] = editing.edit(conn, "d", [operation], border_m=0.05, actor="a", lines=lines)
    assert isinstance(done.operation, ops.Align)
    return done.operation


def border(
    conn: Connection, name: str = "street", code: str = "E"
) -> list[tuple[float, float]]:
    """The western border of an area, by place in the drawing."""
    shape = shapely.from_wkb(held(conn)[name][code][2])
    places = [((x - 120) / UNIT, (y - 30) / UNIT) for x, y in shape.geoms[0].exterior.coords]
    return sorted({(round(x, 2), round(y, 2)) for x, y in places if x < 15}, key=lambda p: p[1])


def test_a_road_is_found_by_its_name_and_its_code(base: Connection) -> None:
    for feature in ("和平路", "R1"):
        align(base, layer="road", feature=feature)
        assert border(base) == [(10.5, 0), (10.5, 5), (10.4, 15), (10.4, 20)]
        assert border(base, "cell", "E1") == border(base)
        editing.undo(base, "d", actor="a")


def test_a_zone_is_its_outline(base: Connection) -> None:
    align(base, layer="zone", feature="大学城")
    assert border(base) == [(9.6, 0), (9.6, 20)]


def test_a_level_is_its_borders_as_the_draft_has_them(base: Connection) -> None:
    middle = ops.MoveVertex("street", place(10, 0), place(10.2, 0))
    editing.edit(base, "d", [middle], border_m=0.05, actor="a")
    with pytest.raises(EditError, match="nothing would change"):
        align(base, layer="street", feature="E")


def test_without_a_feature_the_nearest_line_of_the_layer_is_taken(base: Connection) -> None:
    align(base, layer="road")
    assert border(base)[0] == (10.5, 0)


def test_the_log_keeps_the_lines_and_gives_the_same_bytes_again(base: Connection) -> None:
    before = held(base)
    done = align(base, layer="road", feature="和平路")
    after = held(base)
    [entry] = editing.history(base, "d")
    # The road is fifty kilometres long; what lies near the border stands there, to the step.
    assert entry.arguments["lines"] == [[list(one) for one in line] for line in done.lines]
    assert {one for line in done.lines for one in line} <= set(ROAD.coords)
    editing.undo(base, "d", actor="a")
    assert held(base) == before
    # Nobody needs the layer any more, and what it is now does not matter.
    put_road_segments(
        base,
        [RoadSegment("R1", "和平路", 20.0)],
        objects([shapely.MultiLineString([[place(300, 0), place(300, 9)]])]),
    )
    editing.redo(base, "d", actor="a")
    assert held(base) == after
    editing.undo(base, "d", actor="a")
    [again] = read_operations([{"op": "align", **entry.arguments, "ends": [[0, 0], [0, 0]]}])
    assert isinstance(again, ops.Align)
    editing.edit(base, "d", [replace(again, ends=())], border_m=0.05, actor="a")
    assert held(base) == after


@pytest.mark.parametrize("name", ["roads.geojson", "roads.gpkg", "roads.shp"])
def test_a_file_is_read_with_its_coordinate_system(
    base: Connection, tmp_path: Path, name: str
) -> None:
    other = shapely.LineString([place(10.3, -5), place(10.3, 25)])
    path = write_layer(tmp_path / name, [other, ROAD], ["a", "b"], crs="EPSG:4549")
    align(base, read_line_layer(path), layer="file", feature="a")
    assert border(base) == [(10.3, 0), (10.3, 20)]


def test_a_file_without_lines_is_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "p.geojson", [shapely.Point(place(0, 0))], ["a"])
    with pytest.raises(LayerError, match="has no lines and no polygons"):
        read_line_layer(path)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "to align to: one of road, zone, city, district, street, community, cell, file"),
        ({"layer": "river"}, "layer 'river' is none of"),
        ({"layer": "road", "feature": "长江路"}, "no 长江路 of layer road is near that border"),
        ({"layer": "file"}, "no file with lines was given"),
        ({"layer": "community"}, "no line of layer community is near that border"),
    ],
)
def test_a_layer_that_gives_nothing_is_refused(
    base: Connection, wanted: dict[str, object], said: str
) -> None:
    with pytest.raises(EditError, match=said):
        align(base, **wanted)
