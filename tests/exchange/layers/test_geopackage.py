"""GeoPackages that were open in an editor, and those that define no CRS."""

import hashlib
import shutil
import sqlite3
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.vectors import Layer, list_layers, read_layer, text_values
from gridmgmt.exchange.reading import files
from gridmgmt.geometry.crs.crs import resolve


def frame(crs: str | None = "EPSG:4326") -> geopandas.GeoDataFrame:
    squares = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(2)]
    return geopandas.GeoDataFrame({"code": ["A1", "A2"]}, geometry=squares, crs=crs)


def written(path: Path, crs: str | None = "EPSG:4326") -> Path:
    pyogrio.write_dataframe(frame(crs), path)
    return path


def changed_while_open(folder: Path, *suffixes: str) -> Path:
    """Return a copy of a GeoPackage whose editor had saved A2 as B2 into the WAL only."""
    original = written(folder / "original.gpkg")
    copy = folder / "copies"
    copy.mkdir()
    with sqlite3.connect(original) as editor:
        editor.execute("PRAGMA journal_mode = WAL")
        editor.execute("PRAGMA wal_autocheckpoint = 0")
        editor.execute("DROP TRIGGER IF EXISTS rtree_original_geom_update6")
        editor.execute("DROP TRIGGER IF EXISTS rtree_original_geom_update7")
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in editor.execute(triggers).fetchall():
            editor.execute(f'DROP TRIGGER "{name}"')
        editor.commit()
        editor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        editor.execute("UPDATE original SET code = 'B2' WHERE code = 'A2'")
        editor.commit()
        for suffix in ("", *suffixes):
            shutil.copyfile(f"{original}{suffix}", copy / f"a.gpkg{suffix}")
    return copy / "a.gpkg"


def codes(layer: Layer) -> list[str]:
    return list(text_values(layer, "code"))


def state(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in folder.iterdir()
    }


def test_changes_beside_the_file_are_read_and_said(tmp_path: Path) -> None:
    layer = read_layer(changed_while_open(tmp_path, "-wal"))
    assert codes(layer) == ["A1", "B2"]
    assert any("(-wal) were read too" in note for note in layer.notes)


def test_the_reading_process_reads_changes_beside_the_file(tmp_path: Path) -> None:
    assert codes(files.read_layer(changed_while_open(tmp_path, "-wal"))) == ["A1", "B2"]


def test_a_copy_without_its_wal_is_said_to_lack_the_last_changes(tmp_path: Path) -> None:
    layer = read_layer(changed_while_open(tmp_path))
    assert codes(layer) == ["A1", "A2"]
    assert any("the last changes may be missing; close the project" in n for n in layer.notes)


def test_an_unfinished_save_is_rolled_back_and_said(tmp_path: Path) -> None:
    original = written(tmp_path / "a.gpkg")
    folder = tmp_path / "copies"
    folder.mkdir()
    editor = sqlite3.connect(original)
    # A cache of one page writes the pages out before the end of the transaction.
    editor.execute("PRAGMA cache_size = 1")
    editor.execute("CREATE TABLE filler (t TEXT)")
    editor.commit()
    editor.execute("DELETE FROM gpkg_contents")
    editor.executemany("INSERT INTO filler VALUES (?)", [("x" * 3000,)] * 50)
    for suffix in ("", "-journal"):
        shutil.copyfile(f"{original}{suffix}", folder / f"a.gpkg{suffix}")
    editor.rollback()
    editor.close()
    layer = read_layer(folder / "a.gpkg")
    assert codes(layer) == ["A1", "A2"]
    assert any("read as it was before that save" in note for note in layer.notes)


@pytest.mark.parametrize("suffixes", [(), ("-wal",), ("-wal", "-shm")])
def test_reading_a_geopackage_of_an_open_editor_writes_nothing(
    tmp_path: Path, suffixes: tuple[str, ...]
) -> None:
    path = changed_while_open(tmp_path, *suffixes)
    before = state(path.parent)
    read_layer(path)
    list_layers(path)
    files.read_layer(path)
    assert state(path.parent) == before


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "fgb", "shp", "kml"])
def test_reading_writes_nothing_beside_any_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    pyogrio.write_dataframe(frame(), path, driver="LIBKML" if suffix == "kml" else None)
    before = state(tmp_path)
    read_layer(path)
    list_layers(path)
    assert state(tmp_path) == before


@pytest.mark.parametrize("srs_id", [0, -1])
def test_an_undefined_crs_is_asked_for(tmp_path: Path, srs_id: int) -> None:
    path = written(tmp_path / "a.gpkg")
    with sqlite3.connect(path) as file:
        file.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", (srs_id,))
    with pytest.raises(LayerError, match="states no coordinate reference system") as caught:
        read_layer(path)
    assert "what to do: say it with --crs" in str(caught.value)
    layer = read_layer(path, datum=resolve("EPSG:4490"))
    assert "coordinates taken as EPSG:4490, as --crs says" in layer.notes


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_layer_written_without_a_crs_states_none(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg", crs=None)
    with pytest.raises(LayerError, match="states no coordinate reference system"):
        read_layer(path)


@pytest.mark.parametrize("definition", ["undefined", 'LOCAL_CS["Undefined SRS",UNIT["m",1]]'])
def test_a_definition_of_undefined_states_none(tmp_path: Path, definition: str) -> None:
    path = written(tmp_path / "a.gpkg")
    with sqlite3.connect(path) as file:
        file.execute(
            "INSERT INTO gpkg_spatial_ref_sys VALUES ('mine', 777, 'NONE', 777, ?, '')",
            (definition,),
        )
        file.execute("UPDATE gpkg_geometry_columns SET srs_id = 777")
    with pytest.raises(LayerError, match="states no coordinate reference system"):
        read_layer(path)
