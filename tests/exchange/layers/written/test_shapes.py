"""A shape that stands in a file and cannot be read is refused; no shape is no fault."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import GeometryError
from gridmgmt.exchange.layers.vectors import read_layer, text_values

CODES = ["A1", "A2", "A3"]
SQUARES = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(3)]
RING = [[120, 30], [121, 30], [121, 31], [120, 30]]


def written(path: Path) -> Path:
    data = geopandas.GeoDataFrame({"code": CODES}, geometry=SQUARES, crs="EPSG:4326")
    pyogrio.write_dataframe(data, path)
    return path


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(GeometryError) as caught:
        read_layer(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def missing(path: Path) -> list[bool]:
    return shapely.is_missing(read_layer(path).geom).tolist()


def geojson(path: Path, geometry: object) -> Path:
    good = {"type": "Polygon", "coordinates": [RING]}
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": one}
        for code, one in zip(CODES, [good, geometry, good], strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Area", "coordinates": [RING]},
        {"type": "Polygon", "coordinates": RING},
        {"type": "Polygon", "coordinates": [[RING]]},
        {"type": "Polygon", "coordinates": [[["120", 30], *RING]]},
        {"type": "Polygon", "coordinates": [[[None, 30], *RING]]},
        {"type": "Polygon"},
        {"type": "Point", "coordinates": [120]},
        "POLYGON ((120 30, 121 30, 121 31, 120 30))",
        [120, 30],
    ],
    ids=json.dumps,
)
def test_shapes_of_geojson_that_cannot_be_read_are_named(
    tmp_path: Path, geometry: object
) -> None:
    path = geojson(tmp_path / "a.geojson", geometry)
    told = refusal(path)
    assert re.search(r"1 feature\(s\) cannot be read(: 2|\n  - feature 2: )", told)
    assert "leave the features out with --where" in told
    assert list(text_values(read_layer(path, where="code <> 'A2'"), "code")) == ["A1", "A3"]


@pytest.mark.parametrize("geometry", [None, {"type": "Point", "coordinates": []}])
def test_no_shape_in_geojson_is_no_fault(tmp_path: Path, geometry: object) -> None:
    path = geojson(tmp_path / "a.geojson", geometry)
    layer = read_layer(path)
    assert len(layer) == 3
    assert layer.geom[1] is None or layer.geom[1].is_empty


def store(path: Path, geom: object) -> Path:
    with closing(sqlite3.connect(path)) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            file.execute(f'DROP TRIGGER "{name}"')
        file.execute(f'UPDATE "{path.stem}" SET geom = ? WHERE fid = 2', (geom,))
        file.commit()
    return path


@pytest.mark.parametrize(
    "geom", ["POLYGON ((0 0, 1 0, 1 1, 0 0))", SQUARES[0].wkb, b"GP", 7], ids=repr
)
def test_shapes_of_geopackages_that_cannot_be_read_are_named(
    tmp_path: Path, geom: object
) -> None:
    path = store(written(tmp_path / "cells.gpkg"), geom)
    assert "the shape of 1 feature(s) cannot be read: 2" in refusal(path)
    assert len(read_layer(path, where="code <> 'A2'")) == 2


def test_no_shape_in_a_geopackage_is_no_fault(tmp_path: Path) -> None:
    assert missing(store(written(tmp_path / "cells.gpkg"), None)) == [False, True, False]


def edited(path: Path, at: int, content: bytes) -> Path:
    data = bytearray(path.read_bytes())
    data[at : at + len(content)] = content
    path.write_bytes(data)
    return path


# Each of the records has 136 bytes, with a header of 8 and the counts at 36.
SECOND = 100 + 136 + 8


def test_shapes_of_a_shapefile_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "cells.shp")
    edited(path, SECOND + 44, (99).to_bytes(4, "little"))
    assert "the shape of 1 feature(s) cannot be read: 2" in refusal(path)
    assert len(read_layer(path, where="code <> 'A2'")) == 2


def test_a_wrong_length_in_the_index_of_a_shapefile_loses_no_shape(tmp_path: Path) -> None:
    path = written(tmp_path / "cells.shp")
    edited(path.with_suffix(".shx"), 112, (2).to_bytes(4, "big"))
    assert "the shape of 1 feature(s) cannot be read: 2" in refusal(path)


@pytest.mark.parametrize("content", [bytes(4), (5).to_bytes(4, "little") + bytes(40)])
def test_no_shape_in_a_shapefile_is_no_fault(tmp_path: Path, content: bytes) -> None:
    path = edited(written(tmp_path / "cells.shp"), SECOND, content)
    layer = read_layer(path)
    assert layer.geom[1] is None or layer.geom[1].is_empty
