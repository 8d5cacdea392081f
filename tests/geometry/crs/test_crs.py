from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.errors import CRSError
from gridmgmt.geometry.crs.crs import (
    WGS84,
    Datum,
    from_crs,
    from_lonlat,
    geometries_from_lonlat,
    geometries_to_lonlat,
    metric_crs,
    resolve,
    to_lonlat,
)
from gridmgmt.geometry.measure import on_grid
from tests import shapes

CITY = "+proj=tmerc +lat_0=0 +lon_0=120.2 +k=1 +x_0=50000 +y_0=-3000000 +ellps=GRS80"

_TEXTS = ["4326", "4490", "4549", "4528", "32651", "3857", CITY, "gcj02", "bd09"]
ANY_DATUM = [pytest.param(resolve(text), id=text) for text in _TEXTS]


@pytest.mark.parametrize(
    "text",
    ["EPSG:4549", "4549", " epsg:4549 ", pyproj.CRS.from_epsg(4549).to_wkt("WKT1_ESRI")],
)
def test_one_crs_may_be_named_in_many_ways(text: str) -> None:
    lon, lat = to_lonlat([500000.0], [3320113.398], resolve(text))
    assert (lon[0], lat[0]) == pytest.approx((120.0, 30.0), abs=1e-8)


def test_a_prj_file_says_what_its_text_says(tmp_path: Path) -> None:
    prj = tmp_path / "街道.prj"
    prj.write_text(pyproj.CRS.from_epsg(4490).to_wkt("WKT1_ESRI"), encoding="utf-8-sig")
    datum = resolve(str(prj))
    assert datum.label == str(prj)
    assert datum.is_lonlat_degrees
    assert datum.is_stored_form


def test_a_city_has_names_of_its_own() -> None:
    names = {"Hangzhou-2000": CITY, "map": "gcj02", "loop": "loop"}
    assert resolve("hangzhou-2000", names).label == "hangzhou-2000"
    assert resolve("MAP", names).kind == "gcj02"
    with pytest.raises(CRSError):
        resolve("loop", names)


@pytest.mark.parametrize("text", ["GCJ02", "gcj-02", "BD09", "bd-09"])
def test_the_shifted_datums_are_known_by_name_and_told_of(text: str) -> None:
    datum = resolve(text)
    assert datum.crs is None
    assert datum.is_lonlat_degrees
    assert not datum.is_stored_form
    assert datum.note is not None


@pytest.mark.parametrize(
    "text", ["", "nonsense", "EPSG:999999", "9" * 30, "EPSG:4978", "EPSG:5773", "no/such.prj"]
)
def test_what_is_no_crs_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(CRSError) as refused:
        resolve(text, {"Hangzhou-2000": CITY})
    assert "gcj02" in refused.value.remedy


def test_a_refusal_lists_the_names_of_the_deployment() -> None:
    with pytest.raises(CRSError) as refused:
        resolve("Suzhou", {"Hangzhou-2000": CITY})
    assert "Hangzhou-2000" in refused.value.remedy


def test_only_the_horizontal_part_of_a_crs_counts() -> None:
    assert resolve("EPSG:4979").label == "EPSG:4326"
    assert resolve("EPSG:9705").label == "EPSG:4326"


def test_cgcs2000_is_taken_as_wgs84_and_said_so() -> None:
    for text in ("4490", "4549", "4526"):
        note = resolve(text).note
        assert note is not None
        assert "CGCS2000" in note
    lon, lat = to_lonlat([120.123456789], [30.1], resolve("4490"))
    assert (lon[0], lat[0]) == (120.123456789, 30.1)


def test_a_datum_without_a_known_shift_is_told_of() -> None:
    for text in ("EPSG:4610", CITY):
        note = resolve(text).note
        assert note is not None
        assert "no shift" in note
    assert resolve(f"{CITY} +towgs84=1,2,3").note is None
    assert WGS84.note is None


def test_zones_with_and_without_their_number_are_the_same_place() -> None:
    with_zone, without = resolve("4526"), resolve("4547")
    x, y = from_lonlat([114.2], [30.5], without)
    zx, zy = from_lonlat([114.2], [30.5], with_zone)
    assert zx[0] - x[0] == pytest.approx(38_000_000)
    assert zy[0] == pytest.approx(y[0])


@pytest.mark.parametrize("datum", ANY_DATUM)
@given(lon=st.floats(119.0, 121.5), lat=st.floats(29.0, 31.5))
def test_every_datum_comes_back_to_the_storage_grid(
    datum: Datum, lon: float, lat: float
) -> None:
    back_lon, back_lat = to_lonlat(*from_lonlat([lon], [lat], datum), datum)
    assert abs(back_lon[0] - lon) < 1e-8
    assert abs(back_lat[0] - lat) < 1e-8


@pytest.mark.parametrize("datum", ANY_DATUM)
def test_no_position_stays_no_position(datum: Datum) -> None:
    lon, lat = to_lonlat([np.nan, np.nan], [30.0, np.nan], datum)
    assert (np.isnan(lon) | np.isnan(lat)).all()
    assert len(to_lonlat([], [], datum)[0]) == 0


def test_shapes_come_in_flat_and_go_out_again() -> None:
    datum = resolve("4549")
    there = geometries_from_lonlat(on_grid(list(shapes.ZOO.values())[:12]), datum)
    back = on_grid(geometries_to_lonlat(there, datum))
    assert shapely.equals_exact(back, on_grid(list(shapes.ZOO.values())[:12]), 2e-8).all()
    assert geometries_to_lonlat([None], datum).tolist() == [None]
    assert not shapely.has_z(geometries_to_lonlat([shapes.WITH_HEIGHT], WGS84))[0]


def test_a_vertex_that_a_crs_cannot_express_is_named() -> None:
    with pytest.raises(CRSError, match="vertices that cannot be expressed: 1, the first 1e"):
        geometries_to_lonlat([shapely.Point(1e30, 1e30)], resolve("4549"))


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (75.0, 39.5, 4534),  # the westernmost zone
        (73.7, 39.5, 4534),
        (120.17, 30.28, 4549),
        (118.4, 30.0, 4548),
        (118.6, 30.0, 4549),
        (134.7, 48.3, 4554),  # the easternmost
        (-87.6, 41.9, 32616),
        (2.35, 48.85, 32631),
        (151.2, -33.9, 32756),
        (180.0, 10.0, 32601),
    ],
)
def test_metres_are_measured_in_the_zone_of_the_place(
    lon: float, lat: float, epsg: int
) -> None:
    assert metric_crs([lon, np.nan], [lat, 1.0]).to_epsg() == epsg


def test_a_few_stray_positions_do_not_move_the_zone() -> None:
    assert metric_crs([120.1, 120.2, 120.3, 0.0], [30.1, 30.2, 30.3, 0.0]).to_epsg() == 4549


def test_no_position_has_no_zone() -> None:
    with pytest.raises(ValueError, match="at least one position"):
        metric_crs([np.nan], [np.nan])


def test_a_made_up_datum_without_a_crs_is_a_mistake_of_ours() -> None:
    broken = Datum("x", "crs", None)
    with pytest.raises(ValueError, match="no CRS"):
        to_lonlat([1.0], [1.0], broken)


def test_a_datum_can_be_made_of_a_crs() -> None:
    assert from_crs(pyproj.CRS.from_epsg(32650)).label == "EPSG:32650"
    assert from_crs(pyproj.CRS.from_epsg(32650), label="mine").label == "mine"


@pytest.mark.parametrize(
    "wkt",
    [
        'GEOGCS["x",DATUM["D",SPHEROID["S",6378137,298.25]],PRIMEM["Greenwich",0],UNIT["u",0]]',
        (
            'PROJCS["p",GEOGCS["x",DATUM["D",SPHEROID["S",6378137,298.25]],PRIMEM["Greenwich",0],'
            'UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],UNIT["Meter",0]]'
        ),
    ],
)
def test_a_crs_that_proj_cannot_compute_with_is_refused(wkt: str) -> None:
    with pytest.raises(CRSError, match="cannot be turned into longitude and latitude"):
        from_crs(pyproj.CRS.from_wkt(wkt))
