from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmgmt.domain.responsibility.demolition import DemolitionMode
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.geometry.crs.crs import from_lonlat, resolve
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.responsibility.demolitions import import_demolitions
from gridmgmt.store.responsibility.demolitions import list_demolitions
from tests.factories import square
from tests.services.answering import PLAIN, layer, table
from tests.shared import shared_data

TODAY = date(2026, 5, 4)


def run(conn, path, options=PLAIN):
    return import_demolitions(conn, path, options, today=TODAY, actor="tester")


def test_footprints_are_measured_and_what_was_claimed_stays_beside(conn, tmp_path):
    rows = [
        {"code": "D1", "mode": "self", "demolished_on": "2026-01-31", "claimed_m2": 100.5},
        {"code": "D2", "mode": None, "demolished_on": None, "claimed_m2": None},
    ]
    footprint = square(0, 0, 0.01, 0.01)
    path = layer(tmp_path, rows, [footprint, shapely.Point(120.15, 30.25)])
    assert run(conn, path).added == 2
    (first, second), shapes = list_demolitions(conn)
    assert first.mode is DemolitionMode.SELF
    assert first.demolished_on == date(2026, 1, 31)
    assert first.claimed_m2 == 100.5
    assert first.measured_m2 == pytest.approx(float(area_m2([footprint])[0]))
    assert second.measured_m2 is None
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon", "Point"]
    assert run(conn, path).unchanged == 2


def test_a_table_gives_points_and_keeps_three_counts_apart(conn, tmp_path):
    text = """
        code,lon,lat,cases_count,sites_count,households_count
        D1,120.15,30.25,3,2.0,
    """
    assert run(conn, table(tmp_path, text)).added == 1
    (one,), (point,) = list_demolitions(conn)
    assert (one.cases_count, one.sites_count, one.households_count) == (3, 2, None)
    assert (point.x, point.y) == (120.15, 30.25)


def test_a_table_in_projected_metres_is_converted_by_its_crs(conn, tmp_path):
    datum = resolve("EPSG:4549")
    x, y = from_lonlat(np.array([120.15]), np.array([30.25]), datum)
    path = table(tmp_path, f"code,lon,lat\nD1,{x[0]},{y[0]}")
    with pytest.raises(LayerError, match="is not a position in"):
        run(conn, path)
    assert run(conn, path, FileOptions(datum=datum)).added == 1
    point = list_demolitions(conn)[1][0]
    assert (point.x, point.y) == pytest.approx((120.15, 30.25), abs=1e-7)


def test_everything_wrong_is_reported_at_once_and_nothing_is_loaded(conn, tmp_path):
    text = """
        code,lon,lat,mode,demolished_on,claimed_m2,cases_count
        D1,120.15,91,,,,
        D2,120.15,,,,,
        D3,120.15,30.25,burnt,,,
        D4,120.15,30.25,,2099-01-01,,
        D5,120.15,30.25,,,-5,
        D6,120.15,30.25,,,,2.5
        D7,30.25,120.15,,,,
        D8,120.15,30.25,,,,
    """
    with pytest.raises(LayerError) as caught:
        run(conn, table(tmp_path, text))
    words = caught.value.problems
    assert [word.split(":")[0] for word in words] == [f"row {n}" for n in range(2, 9)]
    assert "(120.15, 91) is not a position" in words[0]
    assert "lat is empty" in words[1]
    assert "'burnt' is unknown" in words[2]
    assert "2099-01-01 lies in the future" in words[3]
    assert "'-5' is no number of 0 or more" in words[4]
    assert "'2.5' is no count" in words[5]
    assert "are lon and lat swapped" in words[6]
    assert list_demolitions(conn)[0] == []


def test_numbers_of_shapefiles_that_are_none_are_refused_by_row(conn, tmp_path):
    path = tmp_path / "sites.shp"
    claims = ["1,234.50", "1_2.5", "12m2", "12.50"]
    frame = gpd.GeoDataFrame(
        {"code": ["D1", "D2", "D3", "D4"], "claimed_m2": "x" * 12},
        geometry=[square(k / 100, 0, 0.01, 0.01) for k in range(4)],
        crs=4326,
    )
    frame.to_file(path)
    content = path.with_suffix(".dbf").read_bytes()
    for claim in claims:
        content = content.replace(b"x" * 12, claim.rjust(12).encode(), 1)
    at = content.index(b"claimed_m2\0") + 11
    content = (
        content[:at] + b"N" + content[at + 1 : at + 5] + bytes([12, 2]) + content[at + 7 :]
    )
    path.with_suffix(".dbf").write_bytes(content)
    with pytest.raises(LayerError) as caught:
        run(conn, path)
    words = caught.value.problems
    assert len(words) == 3
    for word, claim in zip(words, claims, strict=False):
        assert f"claimed_m2: {claim!r} is no number" in word


def test_a_year_is_stored_as_its_first_day_and_that_is_told(conn, tmp_path):
    summary = run(conn, table(tmp_path, "code,lon,lat,demolished_on\nD1,120,30,2014"))
    assert list_demolitions(conn)[0][0].demolished_on == date(2014, 1, 1)
    assert "demolished_on: 1 row(s) name no day" in summary.notes[-1]


@pytest.mark.proof
def test_the_demolitions_of_detroit_are_loaded(conn):
    path = shared_data("detroit_demolitions/demolitions.csv.gz")
    mapping = {"code": "ObjectId", "demolished_on": "demolition_date"}
    summary = run(conn, path, FileOptions(mapping=mapping))
    assert summary.added == 25_581
    assert summary.unmapped == (
        "parcel_id",
        "emergency_demo",
        "council_district",
        "neighborhood",
    )
    assert run(conn, path, FileOptions(mapping=mapping)).unchanged == 25_581
