"""Shapefiles whose parts do not belong together, and rows marked as deleted."""

from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.vectors import Layer, read_layer, text_values

CODES = ["A1", "A2", "A3"]


def shapefile(folder: Path) -> Path:
    squares = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(3)]
    data = geopandas.GeoDataFrame({"code": CODES}, geometry=squares, crs="EPSG:4326")
    path = folder / "cells.shp"
    pyogrio.write_dataframe(data, path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path)
    return str(caught.value)


def delete_row(path: Path, row: int) -> None:
    dbf = path.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    header, width = (int.from_bytes(data[at : at + 2], "little") for at in (8, 10))
    data[header + (row - 1) * width] = ord("*")
    dbf.write_bytes(data)


def codes(layer: Layer) -> list[str]:
    return list(text_values(layer, "code"))


def test_an_index_of_fewer_shapes_than_there_are_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    shx = path.with_suffix(".shx")
    shx.write_bytes(shx.read_bytes()[:-8])
    told = refusal(path)
    assert "the .shp holds 3 shapes, the .shx lists 2, the .dbf holds 3 rows" in told
    assert "what to do: save the layer anew" in told


def test_an_index_of_more_shapes_than_there_are_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    data = bytearray(path.read_bytes()[:-136])
    data[24:28] = (len(data) // 2).to_bytes(4, "big")
    path.write_bytes(data)
    assert "the .shp holds 2 shapes, the .shx lists 3, the .dbf holds 3" in refusal(path)


def test_fewer_rows_than_shapes_are_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    dbf = path.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    width = int.from_bytes(data[10:12], "little")
    data[4:8] = (2).to_bytes(4, "little")
    dbf.write_bytes(data[: -width - 1])
    assert "the .shx lists 3, the .dbf holds 2 rows" in refusal(path)


def test_rows_behind_the_announced_ones_are_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    dbf = path.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    data[4:8] = (2).to_bytes(4, "little")
    dbf.write_bytes(data)
    assert "its .dbf announces 2 rows, and 3 are there" in refusal(path)


def test_a_shape_written_again_at_the_end_counts_once(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    shp, shx = bytearray(path.read_bytes()), bytearray(path.with_suffix(".shx").read_bytes())
    again = len(shp)
    shp += shp[100:236]
    shp[24:28] = (len(shp) // 2).to_bytes(4, "big")
    shx[100:104] = (again // 2).to_bytes(4, "big")
    path.write_bytes(shp)
    path.with_suffix(".shx").write_bytes(shx)
    assert codes(read_layer(path)) == CODES


def edit_index(path: Path, at: int, content: bytes) -> None:
    shx = path.with_suffix(".shx")
    data = bytearray(shx.read_bytes())
    data[at : at + len(content)] = content
    shx.write_bytes(data)


def test_an_index_that_leads_beside_the_shapes_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    edit_index(path, 108, (120).to_bytes(4, "big"))
    told = refusal(path)
    assert "the .shx leads to no shape for 1 feature(s): 2" in told
    assert "what to do: save the layer anew" in told


def test_an_index_in_another_order_than_the_shapes_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    data = path.with_suffix(".shx").read_bytes()
    edit_index(path, 100, data[108:116] + data[100:108])
    said = "the .shx lists the shapes in another order than the .shp numbers them"
    assert said in refusal(path)


@pytest.mark.parametrize("number", [0, 7])
def test_an_order_of_shapes_that_are_not_numbered_says_nothing(
    tmp_path: Path, number: int
) -> None:
    path = shapefile(tmp_path)
    shp = bytearray(path.read_bytes())
    for k in range(3):
        shp[100 + 136 * k : 104 + 136 * k] = number.to_bytes(4, "big")
    path.write_bytes(shp)
    data = path.with_suffix(".shx").read_bytes()
    edit_index(path, 100, data[108:116] + data[100:108])
    assert codes(read_layer(path)) == CODES


def test_a_layer_of_deleted_rows_alone_says_so(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    for row in (1, 2, 3):
        delete_row(path, row)
    assert "has no features: all 3 rows are marked as deleted" in refusal(path)


@pytest.mark.parametrize("where", [None, "code <> 'A9'"])
def test_deleted_rows_are_left_out_and_numbers_stay(tmp_path: Path, where: str | None) -> None:
    path = shapefile(tmp_path)
    delete_row(path, 2)
    layer = read_layer(path, where=where)
    assert codes(layer) == ["A1", "A3"]
    assert layer.feature.tolist() == [1, 3]
    assert shapely.bounds(layer.geom)[:, 0].tolist() == [120, 122]
    assert "1 row(s) that the .dbf marks as deleted were not loaded: 2" in layer.notes


def test_deleted_rows_do_not_count_as_features(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    delete_row(path, 1)
    layer = read_layer(path, first=2)
    assert layer.features == 2
    assert layer.feature.tolist() == [2, 3]


def test_text_of_deleted_rows_needs_no_encoding(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"A2", b"\xff\xff"))
    delete_row(path, 2)
    assert codes(read_layer(path)) == ["A1", "A3"]
