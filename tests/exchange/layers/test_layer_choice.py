"""Layers of one name are chosen by a name that works when it is typed."""

import zipfile
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.vectors import text_values
from gridmgmt.exchange.reading.files import list_layers, read_layer


def written(path: Path, code: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = geopandas.GeoDataFrame({"code": [code]}, geometry=[shapely.box(120, 30, 121, 31)])
    options = {"layer": "cells"} if path.suffix == ".gpkg" else {}
    pyogrio.write_dataframe(data.set_crs(4490), path, **options)


def delivery(tmp_path: Path, *names: str) -> Path:
    """Pack layers into a zip, each with its name for a code."""
    folder = tmp_path / "sent"
    for name in names:
        written(folder / name, name)
    path = tmp_path / "sent.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.mark.parametrize(
    ("names", "own"),
    [
        (
            ["2025/cells.shp", "2026/cells.shp"],
            ["2025/cells.shp:cells", "2026/cells.shp:cells"],
        ),
        (["cells.gpkg", "cells.shp"], ["cells.gpkg:cells", "cells.shp:cells"]),
        (
            ["cells.gpkg", "old/cells.gpkg", "streets.shp"],
            ["cells.gpkg:cells", "old/cells.gpkg:cells", "streets"],
        ),
        (
            ["东区/cells.shp", "东区/old/cells.shp", "cells.shp"],
            ["东区/cells.shp:cells", "东区/old/cells.shp:cells", "cells.shp:cells"],
        ),
    ],
)
def test_every_layer_has_a_name_to_choose_it_by(
    tmp_path: Path, names: list[str], own: list[str]
) -> None:
    path = delivery(tmp_path, *names)
    assert sorted(list_layers(path)) == sorted(own)
    for name, asked in zip(names, own, strict=True):
        assert list(text_values(read_layer(path, layer=asked), "code")) == [name]


@pytest.mark.parametrize("asked", [None, "cells", "cells.shp:cells", "rivers"])
def test_the_names_that_are_offered_work(tmp_path: Path, asked: str | None) -> None:
    path = delivery(tmp_path, "2025/cells.shp", "2026/cells.shp")
    with pytest.raises(LayerError) as caught:
        read_layer(path, layer=asked)
    offered = str(caught.value.remedy).removeprefix("name one with --layer: ").split(", ")
    assert offered == ["2025/cells.shp:cells", "2026/cells.shp:cells"]
    codes = [text_values(read_layer(path, layer=name), "code")[0] for name in offered]
    assert codes == ["2025/cells.shp", "2026/cells.shp"]
