"""The mark in a GeoPackage that says of which draft it is, and in which state of it."""

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from gridmgmt.exchange.layers.geopackage import address, settled, unreadable
from gridmgmt.exchange.layers.sources import LayerSource, opened

_TABLE = "gridmgmt_draft"
_CREATE = """CREATE TABLE gridmgmt_draft (
  fid INTEGER PRIMARY KEY,
  draft TEXT NOT NULL,
  base_edition INTEGER,
  revision INTEGER NOT NULL,
  digest TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL
)"""
_INSERT = """INSERT INTO gridmgmt_draft
  (draft, base_edition, revision, digest, made_at, made_by)
VALUES (:draft, :base_edition, :revision, :digest, :made_at, :made_by)"""
_READ = """SELECT draft, base_edition, revision, digest, made_at, made_by
FROM gridmgmt_draft"""


@dataclass(frozen=True)
class DraftMark:
    """Of which draft a file is, and in which state.

    ``revision`` is the number of the last entry of the draft's log, 0 for none. ``digest`` is
    a checksum of all areas of the file as it was written.
    """

    draft: str
    base_edition: int | None
    revision: int
    digest: str
    made_at: str
    made_by: str


def add_mark(path: Path, mark: DraftMark) -> None:
    """Write the mark into a GeoPackage that has none, as a table that QGIS shows."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(_CREATE)
        add_to_contents(file, _TABLE)
        file.execute(_INSERT, asdict(mark))


def add_to_contents(file: sqlite3.Connection, table: str) -> None:
    """List a table without shapes in a GeoPackage, where programs look for tables."""
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, ?, ?)",
        (table, "attributes", table),
    )


def mark_of(path: Path) -> DraftMark | None:
    """Return the mark of a file, None if it is no GeoPackage or has none.

    Raises
    ------
    LayerError
        when the file cannot be read at all
    """
    with ExitStack() as stack:
        sources = [one for one in stack.enter_context(opened(path)) if one.kind == "GeoPackage"]
        return _mark(settled(sources[0], stack)) if len(sources) == 1 else None


def _mark(source: LayerSource) -> DraftMark | None:
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    try:
        with closing(sqlite3.connect(address(source.path), uri=True)) as file:
            if not file.execute(known, (_TABLE,)).fetchone():
                return None
            row = file.execute(_READ).fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise unreadable(source, error) from error
    if row is None or not _is_whole(row):
        return None
    return DraftMark(*row)


def _is_whole(row: tuple[object, ...]) -> bool:
    """Return whether a row has values of the kinds that a mark has."""
    kinds = {"base_edition": (int, type(None)), "revision": (int,)}
    names = [one.name for one in fields(DraftMark)]
    return all(
        isinstance(value, kinds.get(name, (str,)))
        for name, value in zip(names, row, strict=True)
    )
