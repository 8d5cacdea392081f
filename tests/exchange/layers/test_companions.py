"""Companions whose names differ in case, and companions under another name."""

from collections.abc import Callable
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.vectors import text_values
from gridmgmt.exchange.reading import files
from tests.layer_forms import write_form

CODES = ["A1", "A2"]


def layer_of(folder: Path, stem: str, suffix: Callable[[str], str]) -> Path:
    """Write a shapefile; return its .shp, beside companions of another stem and suffix."""
    folder.mkdir(exist_ok=True)
    squares = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(2)]
    data = geopandas.GeoDataFrame({"code": CODES, "n": [7, 8]}, geometry=squares, crs=4490)
    path = folder / "plain.shp"
    pyogrio.write_dataframe(data, path)
    for file in list(folder.glob("plain.*")):
        file.rename(folder / f"{stem}{suffix(file.suffix)}")
    return folder / f"{stem}{suffix('.shp')}"


def refusal(path: Path) -> str:
    with pytest.raises(LayerError) as caught:
        files.read_layer(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "stem", "suffix"),
    [
        ("S.SHP", "s", str.lower),
        ("s.shp", "S", str.upper),
        ("s.shp", "S", str.lower),
        ("s.Shp", "s", str.title),
        ("Straße.shp", "STRASSE", str.upper),
        ("Caf\u00e9.shp", "Cafe\u0301", str.lower),
    ],
)
def test_companions_are_found_without_regard_to_case(
    tmp_path: Path, name: str, stem: str, suffix: Callable[[str], str]
) -> None:
    path = tmp_path / name
    layer_of(tmp_path, stem, suffix).rename(path)
    for given in (path, tmp_path):
        layer = files.read_layer(given)
        assert list(text_values(layer, "code")) == CODES
        assert list(text_values(layer, "n")) == ["7", "8"]
        assert any("as its .prj says" in note for note in layer.notes)


def test_a_companion_of_exactly_the_name_wins(tmp_path: Path) -> None:
    path = layer_of(tmp_path, "S", str.lower)
    (tmp_path / "s.dbf").write_bytes(b"no table")
    assert list(text_values(files.read_layer(path), "code")) == CODES


def test_a_companion_of_another_layer_is_not_taken(tmp_path: Path) -> None:
    path = layer_of(tmp_path, "S", str.lower)
    layer_of(tmp_path, "s", str.lower)
    (tmp_path / "S.dbf").unlink()
    told = refusal(path)
    assert "missing beside it: .dbf" in told
    assert "s.dbf" not in told


def test_several_companions_that_may_be_meant_are_named(tmp_path: Path) -> None:
    path = layer_of(tmp_path, "stadt", str.lower)
    (tmp_path / "stadt.dbf").rename(tmp_path / "Stadt.dbf")
    (tmp_path / "STADT.dbf").write_bytes((tmp_path / "Stadt.dbf").read_bytes())
    told = refusal(path)
    assert "a .dbf beside it has another name: STADT.dbf, Stadt.dbf" in told
    assert "rename the .dbf that belongs to it: stadt.dbf" in told
    (tmp_path / "STADT.dbf").rename(tmp_path / "stadt.dbf")
    assert list(text_values(files.read_layer(path), "code")) == CODES


def test_a_companion_of_another_name_that_belongs_to_no_layer_is_named(tmp_path: Path) -> None:
    path = layer_of(tmp_path, "a", str.lower)
    layer_of(tmp_path, "other", str.lower)
    (tmp_path / "a.dbf").rename(tmp_path / "a (1).dbf")
    told = refusal(path)
    assert "a .dbf beside it has another name: a (1).dbf" in told
    assert "rename the .dbf that belongs to it: a.dbf" in told


@pytest.mark.parametrize("form", ["tab", "mif"])
def test_companions_of_mapinfo_are_found_without_regard_to_case(
    tmp_path: Path, form: str
) -> None:
    squares = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(2)]
    data = geopandas.GeoDataFrame({"code": CODES}, geometry=squares, crs=4326)
    path = write_form(tmp_path, form, data)
    for file in list(path.parent.iterdir()):
        if file != path:
            file.rename(file.with_name(file.name.upper().replace("A", "a")))
    layer = files.read_layer(path)
    assert list(text_values(layer, "code")) == CODES
