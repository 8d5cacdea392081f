"""Look into a GeoPackage before GDAL does: its tables, its CRS, what lies beside it.

A GeoPackage is a database. SQLite writes beside one that its editor left open, even to read it,
so such a file is read from a private copy.
"""

import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.streams import head
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

_TABLES = """
SELECT lower(name) FROM sqlite_master
WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
"""


# The tables GDAL reads before anybody asks for a layer.
_COMPUTED_LISTS = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name LIKE 'gpkg%'"

# GeoPackage 1.0 to 1.4, "Spatial Ref Sys": -1 and 0 are undefined, and are defined as such.
_CRS_OF_LAYER = """
SELECT layers.srs_id, systems.definition
FROM gpkg_geometry_columns AS layers
LEFT JOIN gpkg_spatial_ref_sys AS systems ON systems.srs_id = layers.srs_id
WHERE lower(layers.table_name) = lower(?)
"""
_GEOMETRY_COLUMN = """
SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)
"""
_UNDEFINED_IDS = (-1, 0)
# GDAL writes this in place of "undefined" when nobody states a CRS.
_UNDEFINED = ("undefined", 'local_cs["undefined srs"', 'engcrs["undefined srs"')

# Bytes 18 and 19 of an SQLite file are 2 where changes go to a file beside it first (WAL).
_WAL_MODE = 2
_WAL, _JOURNAL = "-wal", "-journal"
_SAVE_FIRST = Sentence("close the project that has it open, or save a copy of the layer there")


def settled(source: LayerSource, stack: ExitStack) -> LayerSource:
    """Return a source that can be read without writing; the copy exists as long as the stack.

    Changes that lie beside a GeoPackage in its journal belong to it: they are part of the copy,
    and a note says so. Other sources are returned as they are.

    Raises
    ------
    LayerError
        when the file changes while it is copied, or cannot be copied
    """
    if source.kind != "GeoPackage":
        return source
    beside = [suffix for suffix in (_WAL, _JOURNAL) if _is_filled(source.path, suffix)]
    is_wal = _WAL_MODE in head(source.path, 20)[18:20]
    if not beside and not is_wal:
        return source
    if _WAL in beside:
        note = Sentence(
            "its editor had it open: changes that lie beside the file ({}) were read too", _WAL
        )
    elif beside:
        note = Sentence(
            "a save was not finished ({} beside the file): read as it was before that save",
            _JOURNAL,
        )
    else:
        note = Sentence(
            "its editor had it open when it was copied, and the {} file beside it is not here: "
            "the last changes may be missing; {}",
            _WAL,
            _SAVE_FIRST,
        )
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmgmt-gpkg-"))
    try:
        copy = _copied(source, beside, Path(folder))
        # SQLite takes in what the journals hold, and needs none any more.
        with closing(sqlite3.connect(copy)) as file:
            file.execute("PRAGMA trusted_schema = OFF")
            file.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.Error as error:
        raise unreadable(source, error) from error
    except OSError as error:
        raise LayerError(
            source.shown,
            Sentence("cannot be copied to read it ({})", error.strerror),
            remedy=_SAVE_FIRST,
        ) from error
    return replace(source, path=copy, notes=(*source.notes, note))


def _is_filled(path: Path, suffix: str) -> bool:
    beside = path.with_name(path.name + suffix)
    return beside.is_file() and beside.stat().st_size > 0


def _copied(source: LayerSource, beside: list[str], folder: Path) -> Path:
    copy = folder / source.path.name
    before = _state(source.path, beside)
    for suffix in ("", *beside):
        from_file = source.path.with_name(source.path.name + suffix)
        shutil.copyfile(from_file, folder / from_file.name)
    if _state(source.path, beside) != before:
        raise LayerError(
            source.shown, Sentence("is being changed at this moment"), remedy=_SAVE_FIRST
        )
    return copy


def _state(path: Path, beside: list[str]) -> list[tuple[int, int]]:
    files = [path.with_name(path.name + suffix).stat() for suffix in ("", *beside)]
    return [(file.st_size, file.st_mtime_ns) for file in files]


def table_names(source: LayerSource) -> frozenset[str]:
    """Return the names of plain tables in lower case.

    A view may compute its rows for ever, and the rows of a virtual table are stored elsewhere.

    Raises
    ------
    LayerError
        when it is not a readable database, or its own lists of layers are views
    """
    is_computed = _rows(source, _COMPUTED_LISTS)
    names = frozenset(name for (name,) in _rows(source, _TABLES))
    if is_computed:
        raise LayerError(
            source.shown,
            Sentence("its own list of layers is a view, which may have no end"),
            remedy=Sentence("save its layers into a new GeoPackage"),
        )
    return names


def states_crs(source: LayerSource, layer: str) -> bool:
    """Return whether a layer's CRS is defined; GDAL gives an undefined one a definition."""
    return not any(
        srs_id in _UNDEFINED_IDS or str(definition or "").strip().lower().startswith(_UNDEFINED)
        for srs_id, definition in _rows(source, _CRS_OF_LAYER, layer)
    )


def geometry_column(source: LayerSource, layer: str) -> str | None:
    """Return the name of the column with the shapes of a layer, None if none is stated."""
    return next((str(name) for (name,) in _rows(source, _GEOMETRY_COLUMN, layer)), None)


def _rows(source: LayerSource, query: str, *values: str) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(address(source.path), uri=True)) as file:
            return file.execute(query, values).fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise unreadable(source, error) from error


def unreadable(source: LayerSource, error: Exception) -> LayerError:
    """Return an error about a file that SQLite cannot read."""
    return LayerError(
        source.shown,
        Sentence("cannot be read as {} ({})", "GeoPackage", error),
        remedy=Sentence("open it elsewhere, or send it again"),
    )


def address(path: Path) -> str:
    """Return the URI by which SQLite opens a file and changes nothing."""
    # Immutable: SQLite then also writes no file beside it.
    return f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
