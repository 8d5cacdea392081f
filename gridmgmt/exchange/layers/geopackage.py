"""What a GeoPackage's layers are as a database: tables, or something that computes its rows."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.sources import LayerSource

_TABLES = """
SELECT lower(name) FROM sqlite_master
WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
"""


# What GDAL reads before anybody asks for a layer.
_COMPUTED_LISTS = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name LIKE 'gpkg%'"


def table_names(source: LayerSource) -> frozenset[str]:
    """List the names of plain tables in small letters.

    A view may compute for ever what it shows, and a virtual table lies elsewhere.

    Raises
    ------
    LayerError
        when it is no database that can be read, or its own lists of layers are views
    """
    try:
        with closing(sqlite3.connect(_address(source.path), uri=True)) as file:
            is_computed = file.execute(_COMPUTED_LISTS).fetchone()
            names = frozenset(name for (name,) in file.execute(_TABLES))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        message = f"cannot be read as GeoPackage ({error})"
        remedy = "open it elsewhere, or send it again"
        raise LayerError(source.shown, message, remedy=remedy) from error
    if is_computed:
        message = "its own list of layers is a view, which may have no end"
        raise LayerError(source.shown, message, remedy="save its layers into a new GeoPackage")
    return names


def _address(path: Path) -> str:
    # Immutable: nothing is written beside the file either.
    return f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
