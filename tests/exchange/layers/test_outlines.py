"""Geometry that is none is named by feature and code, in every format, all at once."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from gridmgmt.arrays import objects
from gridmgmt.errors import GeometryError
from gridmgmt.exchange.content.area_layers import AreaFile, read_areas
from gridmgmt.exchange.layers.outlines import read_outlines
from gridmgmt.exchange.layers.vectors import text_values
from gridmgmt.exchange.reading.files import read_layer
from gridmgmt.geometry.crs.crs import resolve

Ring = list[list[float]]
GOOD: Ring = [[120, 30], [121, 30], [121, 31], [120, 31], [120, 30]]
OPEN: Ring = [[120, 30], [121, 30], [121, 31], [120, 31]]
FLAT: Ring = [[120, 30], [121, 30], [120, 30]]
SINGLE: Ring = [[120, 30]]
NOT_CLOSED = "its ring 1 is not closed: it begins at (120, 30) and ends at (120, 31)"


def as_geojson(path: Path, rings: list[Ring]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"A{k}", "name": "x"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for k, ring in enumerate(rings, 1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def as_kml(path: Path, rings: list[Ring]) -> Path:
    places = "".join(
        f'<Placemark><name>x</name><ExtendedData><Data name="code"><value>A{k}</value></Data>'
        "</ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y}" for x, y in ring)
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for k, ring in enumerate(rings, 1)
    )
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{places}</Document></kml>'
    )
    return path


def as_gml(path: Path, rings: list[Ring]) -> Path:
    members = "".join(
        f"<gml:featureMember><w:area><w:code>A{k}</w:code><w:Name>x</w:Name><w:g><gml:Polygon>"
        "<gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>"
        + " ".join(f"{x},{y}" for x, y in ring)
        + "</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon></w:g>"
        "</w:area></gml:featureMember>"
        for k, ring in enumerate(rings, 1)
    )
    begin = '<w:all xmlns:w="http://w" xmlns:gml="http://www.opengis.net/gml">'
    path.write_text(f"{begin}{members}</w:all>")
    return path


FORMS: list[tuple[Callable[[Path, list[Ring]], Path], str, str]] = [
    (as_geojson, "a.geojson", "name"),
    (as_kml, "a.kml", "Name"),
    (as_gml, "a.gml", "Name"),
]


@pytest.mark.parametrize(("write", "file", "name"), FORMS)
def test_every_outline_that_is_none_is_named(
    tmp_path: Path, write: Callable[[Path, list[Ring]], Path], file: str, name: str
) -> None:
    path = write(tmp_path / file, [GOOD, OPEN, GOOD, FLAT, SINGLE])
    area_file = AreaFile(path, "code", name, datum=resolve("EPSG:4326"))
    with pytest.raises(GeometryError) as caught:
        read_areas(area_file, "cell")
    assert list(caught.value.problems) == [
        f"feature 2 (A2): {NOT_CLOSED}",
        "feature 4 (A4): its ring 1 has 3 position(s), and a ring at least 4",
        "feature 5 (A5): its ring 1 has 1 position(s), and a ring at least 4",
    ]
    assert "the geometry of 3 feature(s) cannot be read" in str(caught.value)
    # The remedy works when it is typed.
    where = "code <> 'A2' AND code NOT IN ('A4', 'A5')"
    layer = read_layer(path, where=where, datum=resolve("EPSG:4326"))
    assert list(text_values(layer, "code")) == ["A1", "A3"]


def test_an_outline_of_a_database_that_is_not_closed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    square = shapely.Polygon(GOOD)
    data = geopandas.GeoDataFrame({"code": ["A1", "A2"]}, geometry=[square, square], crs=4326)
    pyogrio.write_dataframe(data, path, SPATIAL_INDEX="NO")
    content = path.read_bytes()
    last = struct.pack("<4d", 120, 31, 120, 30)
    at = content.index(last)
    path.write_bytes(content[:at] + struct.pack("<4d", 120, 31, 120, 31) + content[at + 32 :])
    with pytest.raises(
        GeometryError, match=r"feature [12] \(A[12]\): its ring 1 is not closed"
    ):
        read_layer(path, code="code")


def blob(kind: int, *rings: Ring, order: str = "<", width: int = 2) -> bytes:
    """Return a polygon as WKB, closed or not."""
    head = struct.pack(f"{order}BII", order == "<", kind, len(rings))
    for ring in rings:
        head += struct.pack(f"{order}I", len(ring))
        for xy in ring:
            head += struct.pack(f"{order}{width}d", *xy, *[5.0] * (width - 2))
    return head


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "width"), [(3, 2), (1003, 3), (2003, 3), (3003, 4)])
@pytest.mark.parametrize("is_part", [False, True])
def test_the_ring_that_is_broken_is_named(
    order: str, kind: int, width: int, is_part: bool
) -> None:
    one = blob(kind, GOOD, OPEN, order=order, width=width)
    if is_part:
        good = blob(kind, GOOD, order=order, width=width)
        head = struct.pack(f"{order}BII", order == "<", kind + 3, 2)
        one = head + good + one
    geom, faults = read_outlines(objects([None, one]), np.array([7, 9]))
    assert list(geom) == [None, None]
    assert faults == {9: NOT_CLOSED.replace("ring 1", "ring 2")}


def part(*rings: object) -> dict[str, object]:
    return {"type": "MultiPolygon", "coordinates": [[GOOD], list(rings)]}


def line(*positions: object) -> dict[str, object]:
    return {"type": "LineString", "coordinates": [[120, 30], *positions, [121, 30]]}


# What GDAL reads a part of, or nothing, without a word.
NO_POSITIONS = [
    (part([["120", 30], *GOOD[1:]]), "'120' is no number of a position"),
    (part(GOOD, [[120, None], *GOOD[1:]]), "null is no number of a position"),
    (part(GOOD, [[120], *GOOD[1:]]), "a position has one number alone"),
    (part(*GOOD), "its positions are not equally deep in lists"),
    (part([GOOD]), "its positions are not equally deep in lists"),
    (line([120.5, True]), "true is no number of a position"),
    (line(None), "null is no number of a position"),
    (line({"x": 1}), "{…} is no number of a position"),
    (line([120.5, float("nan")]), "NaN is no number of a position"),
    (
        {"type": "GeometryCollection", "geometries": [line(), {"type": "Arc"}]},
        "'Arc' is no kind of geometry",
    ),
]


@pytest.mark.parametrize(("geometry", "fault"), NO_POSITIONS, ids=str)
def test_what_is_no_position_in_geojson_is_said(
    tmp_path: Path, geometry: dict[str, object], fault: str
) -> None:
    path = as_geojson(tmp_path / "a.geojson", [GOOD, GOOD, GOOD])
    document = json.loads(path.read_text())
    document["features"][1]["geometry"] = geometry
    path.write_text(json.dumps(document))
    with pytest.raises(GeometryError) as caught:
        read_layer(path, code="code")
    assert list(caught.value.problems) == [f"feature 2 (A2): {fault}"]
    assert len(read_layer(path, where="code <> 'A2'")) == 2


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": []},
        {"type": "point", "coordinates": [120, 30, 5]},
        {"type": "MultiPolygon", "coordinates": []},
        {"coordinates": [[120, 30], [121, 30]], "bbox": [0, 0, 1, 1], "type": "LineString"},
        {"type": "GeometryCollection", "geometries": [line(), part(GOOD)]},
    ],
)
def test_geometry_that_makes_sense_is_read(tmp_path: Path, geometry: object) -> None:
    path = as_geojson(tmp_path / "a.geojson", [GOOD, GOOD])
    document = json.loads(path.read_text())
    document["features"][0]["geometry"] = geometry
    path.write_text(json.dumps(document))
    assert len(read_layer(path)) == 2
