"""Fields of one name are told apart."""

from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import FieldError, LayerError
from gridmgmt.exchange.layers.own_fields import own_names
from gridmgmt.exchange.layers.vectors import read_layer, text_values


def with_fields(path: Path, *names: str) -> Path:
    """Write a shapefile with a number field and text fields of these names."""
    marks = [f"mark{i:06}" for i in range(len(names))]
    columns = {mark: [f"{i}-1", f"{i}-2"] for i, mark in enumerate(marks)}
    columns[marks[0]] = [7, 8]
    squares = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(2)]
    pyogrio.write_dataframe(geopandas.GeoDataFrame(columns, geometry=squares, crs=4490), path)
    dbf = path.with_suffix(".dbf")
    content = dbf.read_bytes()
    for mark, name in zip(marks, names, strict=True):
        content = content.replace(mark.encode(), name.encode().ljust(len(mark), b"\0"))
    dbf.write_bytes(content)
    return path


def test_fields_of_one_name_are_numbered_and_said(tmp_path: Path) -> None:
    layer = read_layer(with_fields(tmp_path / "a.shp", "code", "name", "code"))
    assert {name: list(text_values(layer, name)) for name in layer.fields} == {
        "code (1)": ["7", "8"],
        "name": ["1-1", "1-2"],
        "code (2)": ["2-1", "2-2"],
    }
    told = "2 fields are called 'code'; in their order they are 'code (1)', 'code (2)' here"
    assert told in layer.notes
    with pytest.raises(FieldError, match=r"choose one of: code \(1\), name, code \(2\)"):
        text_values(layer, "code")


def test_text_of_number_fields_stands_in_its_own_field_of_several(tmp_path: Path) -> None:
    path = with_fields(tmp_path / "a.shp", "n", "n", "x")
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    header = int.from_bytes(content[8:10], "little")
    width = content[32 + 16]
    content[header + 1 : header + 1 + width] = b"007".rjust(width)
    dbf.write_bytes(content)
    layer = read_layer(path)
    assert list(text_values(layer, "n (1)")) == ["007", "8"]
    assert list(text_values(layer, "n (2)")) == ["1-1", "1-2"]


@pytest.mark.parametrize("where", ["code = '2-1'", "name = '1-1' AND NOT \"Code\" = 7"])
def test_a_condition_cannot_name_one_field_of_several(tmp_path: Path, where: str) -> None:
    path = with_fields(tmp_path / "a.shp", "code", "name", "code")
    with pytest.raises(LayerError, match="several fields are called 'code', so --where"):
        read_layer(path, where=where)
    assert len(read_layer(path, where="name = '1-1'")) == 1


def test_a_number_behind_a_name_is_free() -> None:
    names = ["a", "a (1)", "a", "b"]
    assert own_names(names) == ["a (2)", "a (1)", "a (3)", "b"]
