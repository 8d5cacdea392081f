import json
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.arrays import GeometryArray, ObjectArray, objects
from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss, check_datum, write_layer
from gridmgmt.exchange.layers.vectors import read_layer
from gridmgmt.geometry.crs.crs import WGS84, Datum, resolve
from gridmgmt.geometry.measure import on_grid

GEOMS = on_grid(
    [
        shapely.MultiPolygon([shapely.box(120.12345678, 30.2, 120.13, 30.21)]),
        shapely.MultiPolygon([shapely.box(120.13, 30.2, 120.14, 30.21)]),
    ]
)
HELMERT = (
    "+proj=tmerc +lat_0=0 +lon_0=120.5 +x_0=500000 +ellps=krass"
    " +towgs84=15.8,-154.4,-82.3,0,0,0,0 +units=m +type=crs"
)


def columns() -> dict[str, ObjectArray]:
    return {
        "code": np.array(["A1", "A2"], dtype=object),
        "name": np.array(["石桥街道", "𠀀㐀村"], dtype=object),
        "parent": np.array([None, "A"], dtype=object),
        "edition": np.array([3, 3], dtype=object),
        "area_m2": np.array([1.5, 2.25], dtype=object),
    }


def write(path: Path, fmt: Format, datum: Datum = WGS84) -> list[LayerLoss]:
    return write_layer(
        path, fmt=fmt, name="cell", geoms=GEOMS, columns=columns(), datum=datum, description="d"
    )


def same(left: GeometryArray, right: GeometryArray, tolerance: float = 0.0) -> bool:
    return bool(shapely.equals_exact(left, right, tolerance=tolerance, normalize=True).all())


@pytest.mark.parametrize("fmt", [Format.GPKG, Format.GEOJSON])
def test_a_layer_comes_back_as_it_left(tmp_path: Path, fmt: Format) -> None:
    path = tmp_path / f"a.{fmt}"
    assert write(path, fmt) == []
    layer = read_layer(path, datum=WGS84)
    assert {name: list(values) for name, values in layer.fields.items()} == {
        name: list(values) for name, values in columns().items()
    }
    assert same(layer.geom, GEOMS)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_geojson_keeps_to_its_standard_and_to_the_storage_grid(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    write(path, Format.GEOJSON)
    document = json.loads(path.read_text("utf-8"))
    assert "crs" not in document
    ring = document["features"][0]["geometry"]["coordinates"][0][0]
    assert shapely.LinearRing(ring).is_ccw
    assert min(x for x, _ in ring) == 120.12345678


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4490", "gcj02"])
def test_geojson_in_another_crs_is_refused_with_the_remedy(tmp_path: Path, crs: str) -> None:
    with pytest.raises(CRSError, match="use --format gpkg or shp"):
        write(tmp_path / "a.geojson", Format.GEOJSON, resolve(crs))
    assert list(tmp_path.iterdir()) == []


def test_wgs84_under_any_name_is_good_for_geojson() -> None:
    for name in ("EPSG:4326", "OGC:CRS84", "+proj=longlat +datum=WGS84 +type=crs"):
        check_datum(Path("a.geojson"), Format.GEOJSON, resolve(name))


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4490", "EPSG:32650"])
def test_a_geopackage_takes_any_crs(tmp_path: Path, crs: str) -> None:
    path = tmp_path / "a.gpkg"
    assert write(path, Format.GPKG, resolve(crs)) == []
    assert pyogrio.read_info(path)["crs"] == crs
    assert same(read_layer(path).geom, GEOMS, tolerance=2e-8)


def test_a_datum_without_a_crs_leaves_without_one_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    (loss,) = write(path, Format.GPKG, resolve("gcj02"))
    assert "no CRS describes gcj02" in str(loss)
    assert pyogrio.read_info(path)["crs"] is None
    back = read_layer(path, datum=resolve("gcj02"))
    assert same(back.geom, GEOMS, tolerance=2e-8)
    assert shapely.distance(read_layer(path, datum=WGS84).geom[0], GEOMS[0]) == 0
    shift = shapely.get_coordinates(read_layer(path, datum=WGS84).geom)[0]
    assert np.hypot(*(shift - shapely.get_coordinates(back.geom)[0])) > 0.002


def test_a_shift_that_the_file_cannot_state_is_measured(tmp_path: Path) -> None:
    assert pyproj.CRS(HELMERT).is_bound
    losses = write(tmp_path / "a.gpkg", Format.GPKG, resolve(HELMERT))
    told = " ".join(map(str, losses))
    assert losses == [] or "m off; give the receiver" in told


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_text("before")
    with pytest.raises(CRSError):
        write(path, Format.GPKG, resolve("+proj=gnom +lat_0=-30 +lon_0=-60 +type=crs"))
    assert path.read_text() == "before"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="there is no folder"):
        write(tmp_path / "no" / "a.gpkg", Format.GPKG)


_DECIMALS = st.integers(-17_999_999_999, 17_999_999_999)
_LATITUDES = st.integers(-8_999_999_999, 8_999_999_999)


@pytest.mark.parametrize("fmt", [Format.GPKG, Format.GEOJSON])
@given(positions=st.lists(st.tuples(_DECIMALS, _LATITUDES), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_coordinates_come_back_in_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, fmt: Format, positions: list[tuple[int, int]]
) -> None:
    nines = [(12_012_999_999, 3_099_999_999), (11_999_999_999, 3_000_000_001)]
    points = on_grid([shapely.Point(x / 1e8, y / 1e8) for x, y in (*nines, *positions)])
    path = tmp_path_factory.mktemp("out") / f"a.{fmt}"
    codes = objects(f"{n:03}" for n in range(len(points)))
    write_layer(
        path,
        fmt=fmt,
        name="a",
        geoms=points,
        columns={"code": codes},
        datum=resolve("EPSG:4326"),
    )
    layer = read_layer(path, datum=resolve("EPSG:4326"))
    assert (shapely.to_wkb(layer.geom) == shapely.to_wkb(points)).all()
    assert list(layer.fields["code"]) == list(codes)


def test_geojson_brought_in_and_taken_away_has_the_same_numbers(tmp_path: Path) -> None:
    ring = [
        ["120.12999999", "30.99999999"],
        ["120.99999999", "30.00000001"],
        ["120.99999998", "31.10000001"],
        ["120.12999999", "30.99999999"],
    ]
    numbers = ", ".join(f"[{lon}, {lat}]" for lon, lat in ring)
    given_file = tmp_path / "given.geojson"
    given_file.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"code": "007", "n": 12345678901234567, "x": 0.1, "t": "08:01"}, "geometry": '
        f'{{"type": "Polygon", "coordinates": [[{numbers}]]}}}}]}}'
    )
    layer = read_layer(given_file)
    path = tmp_path / "taken.geojson"
    write_layer(
        path,
        fmt=Format.GEOJSON,
        name="a",
        geoms=layer.geom,
        columns=layer.fields,
        datum=resolve("EPSG:4326"),
    )
    written = json.loads(path.read_text("utf-8"), parse_float=str, parse_int=str)
    [one] = written["features"]
    assert one["geometry"]["coordinates"][0] == ring
    assert one["properties"] == {
        "code": "007",
        "n": "12345678901234567",
        "x": "0.1",
        "t": "08:01",
    }
