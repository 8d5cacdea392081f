"""File Geodatabases: a folder, or a zip of it, with several layers."""

import shutil
import struct
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from pyogrio import raw

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.geodatabase import announced_rows
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.vectors import list_layers, read_layer, text_values
from gridmgmt.exchange.reading import files

CODES = ["330103001001001", "330103001001002"]
SQUARES = [shapely.box(120.1, 30.2, 120.11, 30.21), shapely.box(120.11, 30.2, 120.12, 30.21)]


def geodatabase(path: Path, *layers: str, crs: str | None = "EPSG:4490") -> Path:
    for name in layers or ("网格",):
        names = ["石桥街道", name]
        data = geopandas.GeoDataFrame({"code": CODES, "name": names}, geometry=SQUARES, crs=crs)
        pyogrio.write_dataframe(
            data, path, layer=name, driver="OpenFileGDB", append=path.exists()
        )
    return path


def zipped(folder: Path, path: Path, below: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"{below}{file.name}")
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_geodatabase_is_read_from_its_folder_and_from_zips(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    path = geodatabase(tmp_path / "a" / "区.gdb")
    unnamed = shutil.copytree(path, tmp_path / "without suffix")
    for given in (
        path,
        path.parent,
        unnamed,
        zipped(path, tmp_path / "a.zip", "某区/区.gdb/"),
        zipped(path, tmp_path / "bare.zip"),
    ):
        for reader in (read_layer, files.read_layer):
            layer = reader(given)
            assert layer.name == "网格"
            assert list(text_values(layer, "code")) == CODES
            assert list(text_values(layer, "name")) == ["石桥街道", "网格"]
            parts = shapely.get_geometry(layer.geom, 0)
            assert shapely.equals_exact(parts, SQUARES, 2e-8, normalize=True).all()
            assert layer.datum.label == "EPSG:4490"


def test_several_layers_ask_for_one(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "a.gdb", "cells", "streets")
    assert list_layers(path) == ["cells", "streets"]
    said = refusal(path)
    assert "holds 2 layers" in said
    assert "name one with --layer: cells, streets" in said
    assert list(text_values(read_layer(path, layer="streets"), "name"))[1] == "streets"


def test_features_have_the_numbers_that_other_programs_show(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "a.gdb")
    layer = read_layer(path, where=f"code = '{CODES[1]}'")
    assert list(layer.feature) == [2]


@pytest.mark.parametrize("suffix", [".gdbtable", ".gdbtablx"])
def test_a_table_whose_file_is_missing_is_named(tmp_path: Path, suffix: str) -> None:
    path = geodatabase(tmp_path / "a.gdb", "cells", "streets")
    lost = sorted(path.glob(f"*{suffix}"))[-1]
    lost.unlink()
    for layer in (None, "cells", "streets"):
        said = refusal(path, layer=layer)
        assert f"table 'streets' lacks {lost.name}" in said
        assert "copy the whole .gdb folder" in said


def test_a_compressed_table_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "a.gdb")
    table = sorted(path.glob("*.gdbtable"))[-1]
    table.rename(table.with_suffix(".cdf"))
    said = refusal(path)
    assert f"compressed: {table.stem}.cdf" in said
    assert "Uncompress" in said


def test_a_table_that_is_cut_is_refused(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "a.gdb")
    table = sorted(path.glob("*.gdbtable"))[-1]
    content = table.read_bytes()
    table.write_bytes(content[:-100])
    assert f"its {table.name} is cut" in refusal(path)
    table.write_bytes(content[:20])
    assert f"its {table.name} is cut" in refusal(path)
    table.write_bytes(content)
    index = table.with_suffix(".gdbtablx")
    index.write_bytes(index.read_bytes()[:40])
    assert "it holds 2 features, and only 0 can be read" in refusal(path)


def test_a_missing_table_of_the_system_is_not_needed(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "a.gdb")
    for file in path.glob("a00000002.*"):
        file.unlink()
    assert len(read_layer(path)) == 2


def test_rows_of_large_tables_are_counted_in_eight_bytes(tmp_path: Path) -> None:
    counts = {3: 7, 4: 5_000_000_001}
    for version, count in counts.items():
        parts = [(version, 4), (7, 4), (0, 8), (5_000_000_001, 8), (40, 8), (0, 8)]
        header = b"".join(value.to_bytes(size, "little") for value, size in parts)
        (tmp_path / "a0000000a.gdbtable").write_bytes(header)
        source = LayerSource(tmp_path, "File Geodatabase", "a.gdb")
        assert announced_rows(source, 10) == count


def test_what_is_no_geodatabase_inside_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "a.gdb"
    empty.mkdir()
    path = geodatabase(tmp_path / "b.gdb")
    (path / "a00000001.gdbtable").unlink()
    for folder in (empty, path):
        told = refusal(folder)
        assert "the geodatabase lacks a00000001.gdbtable, the list of its tables" in told
        assert "copy the whole .gdb folder" in told
    part = geodatabase(tmp_path / "c.gdb") / "a00000009.gdbtable"
    assert "the .gdb is what to give" in refusal(part)


def test_a_damaged_catalogue_is_refused(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "a.gdb", "cells")
    catalogue = path / "a00000001.gdbtable"
    content = catalogue.read_bytes()
    assert content.count(b"cells") == 1
    catalogue.write_bytes(content.replace(b"cells", b"ce\xcbls"[:5]))
    assert "cannot be read as File Geodatabase" in refusal(path)


def test_nothing_is_written_into_a_geodatabase(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "a.gdb")
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    read_layer(path, where=f"code = '{CODES[1]}'")
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before


def test_curves_of_a_geodatabase_are_said(tmp_path: Path) -> None:
    points = [(120.0, 30.0), (120.1, 30.1), (120.2, 30.0), (120.1, 29.9), (120.0, 30.0)]
    ring = struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *p) for p in points)
    curve = struct.pack("<BII", 1, 12, 1) + struct.pack("<BII", 1, 10, 1) + ring
    path = tmp_path / "a.gdb"
    raw.write(
        path,
        np.array([curve], dtype=object),
        [],
        [],
        geometry_type="MultiPolygon",
        crs="EPSG:4490",
        driver="OpenFileGDB",
        layer="a",
    )
    notes = read_layer(path).notes
    assert "curves replaced by short straight lines in 1 feature(s): 1" in notes
