"""Which processes count in columns: those that were told to, for each database."""

from pathlib import Path

from sqlalchemy.engine import URL, Connection, Engine

from gridmgmt.services.statistics.column_source import ColumnSource

_FOLDER = "columns"

_sources: dict[URL, ColumnSource] = {}


def count_in_columns(engine: Engine, home: Path) -> ColumnSource:
    """Let this process count the cases of a database in columns below a folder.

    A process that lives for one command is better off with SQL.
    """
    source = ColumnSource(engine.url, home / _FOLDER)
    _sources[engine.url] = source
    return source


def source_of(conn: Connection) -> ColumnSource | None:
    """Return where the columns of a connection's database are, None if SQL counts."""
    return _sources.get(conn.engine.url)
