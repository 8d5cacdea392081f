"""Find which layers of a GeoPackage are plain tables, and not views that compute rows."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

_TABLES = """
SELECT lower(name) FROM sqlite_master
WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
"""


# The tables GDAL reads before anybody asks for a layer.
_COMPUTED_LISTS = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name LIKE 'gpkg%'"


def table_names(source: LayerSource) -> frozenset[str]:
    """Return the names of plain tables in lower case.

    A view may compute its rows for ever, and the rows of a virtual table are stored elsewhere.

    Raises
    ------
    LayerError
        when it is not a readable database, or its own lists of layers are views
    """
    try:
        with closing(sqlite3.connect(_address(source.path), uri=True)) as file:
            is_computed = file.execute(_COMPUTED_LISTS).fetchone()
            names = frozenset(name for (name,) in file.execute(_TABLES))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise LayerError(
            source.shown,
            Sentence("cannot be read as {} ({})", "GeoPackage", error),
            remedy=Sentence("open it elsewhere, or send it again"),
        ) from error
    if is_computed:
        raise LayerError(
            source.shown,
            Sentence("its own list of layers is a view, which may have no end"),
            remedy=Sentence("save its layers into a new GeoPackage"),
        )
    return names


def _address(path: Path) -> str:
    # Immutable: SQLite then also writes no file beside it.
    return f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
