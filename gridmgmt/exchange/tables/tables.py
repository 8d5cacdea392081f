"""Read CSV (plain or gzip), XLSX and Parquet as text by column."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.column_limit import check_column_count
from gridmgmt.exchange.bytes.raw_rows import EVERYTHING, RawRows, joined
from gridmgmt.exchange.bytes.safe_tables import write_table
from gridmgmt.exchange.bytes.streams import head
from gridmgmt.exchange.tables.csv_rows import read_csv
from gridmgmt.exchange.tables.headings import heading, unseen_headings
from gridmgmt.exchange.tables.kinds import check_kind, check_workbook
from gridmgmt.exchange.tables.parquet_rows import read_parquet
from gridmgmt.exchange.tables.rejects import Rejected, write_rejects
from gridmgmt.exchange.tables.xlsx_rows import read_xlsx
from gridmgmt.sentence import Sentence

__all__ = [
    "Rejected",
    "Table",
    "blank_rows",
    "read_table",
    "read_table_chunks",
    "write_rejects",
    "write_table",
]

_DATA = re.compile(r"[-+]?\d+([.,]\d+)?|\d{4}[-/]\d{1,2}[-/]\d{1,2}.*")


@dataclass(frozen=True)
class Table:
    """A table as text by column.

    ``values[column][i]`` is stripped text, or None for an empty cell, from row ``row[i]`` of
    the file as a spreadsheet counts (header = 1). ``rejected`` are the rows that could not be
    parsed; ``blank`` counts blank rows, which are in neither. ``notes`` are for people. For a
    table in chunks, ``blank_rows`` makes the note on blank rows at the end.
    """

    path: Path
    columns: tuple[str, ...]
    values: dict[str, list[str | None]]
    row: list[int]
    rejected: list[Rejected]
    encoding: str
    notes: tuple[str, ...]
    blank: int = 0

    def __len__(self) -> int:
        return len(self.row)


def read_table(
    path: Path | str, *, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Read a table whose first row has the column names.

    The content decides the format, not the suffix. Raises LayerError if the file cannot be used
    at all: absent, empty, another kind of file, an encoding that must be asked for, no header,
    too many columns, a column name that is missing or appears twice, several sheets and none
    chosen.
    """
    path = Path(path)
    table = _as_table(path, joined(_raw_rows(path, encoding, sheet, EVERYTHING)))
    return replace(table, notes=(*table.notes, *blank_rows(table.blank)))


def blank_rows(blank: int) -> list[str]:
    """Return a note with the number of blank rows, if there are any."""
    return [Sentence("{} blank row(s) passed over", f"{blank:,}")] if blank else []


def read_table_chunks(
    path: Path | str, at_once: int, *, encoding: str | None = None, sheet: str | None = None
) -> Iterator[Table]:
    """Read a table like ``read_table``, at most ``at_once`` rows at a time.

    There is at least one chunk, and all chunks have the same columns. A note comes with the
    chunk at whose end it was known. An error is raised where it is found, so a file is known to
    be usable only after its last chunk.
    """
    path = Path(path)
    for raw in _raw_rows(path, encoding, sheet, at_once):
        yield _as_table(path, raw)


def _raw_rows(
    path: Path, encoding: str | None, sheet: str | None, at_once: int
) -> Iterator[RawRows]:
    if not path.exists():
        raise LayerError(path, Sentence("there is no such file"))
    if not path.is_file():
        raise LayerError(path, Sentence("is not a file"))
    start = head(path)
    if not start:
        raise LayerError.of_nothing(path, Sentence("is empty"))
    if start.startswith(b"PK\x03\x04"):
        check_workbook(path)
        return read_xlsx(path, sheet, at_once)
    if start.startswith(b"PAR1"):
        return read_parquet(path, at_once)
    check_kind(path, start)
    return read_csv(path, encoding, at_once)


def _as_table(path: Path, raw: RawRows) -> Table:
    check_column_count(path, len(raw.header))
    names = [heading(name) for name in raw.header]
    kept = _named(path, names, raw)
    columns = tuple(names[k] for k in kept)
    by_column = list(zip(*raw.rows, strict=True)) if raw.rows else [()] * len(names)
    values = {names[k]: [text.strip() or None for text in by_column[k]] for k in kept}
    rejected = [
        Rejected(number, reason, _shown(columns, kept, cells))
        for number, reason, cells in raw.broken
    ]
    notes = (*(unseen_headings(raw.header) if raw.is_first else ()), *raw.notes)
    return Table(path, columns, values, raw.row, rejected, raw.encoding, notes, raw.blank)


def _shown(
    columns: Sequence[str], kept: Sequence[int], cells: Sequence[str]
) -> dict[str, str | None]:
    present = zip(columns, kept, strict=True)
    return {name: str(cells[k]).strip() or None for name, k in present if k < len(cells)}


def _named(path: Path, names: list[str], raw: RawRows) -> list[int]:
    """Return the positions of the columns that have a name; refuse a misleading header."""
    problems = [
        Sentence("the name {} is given to {} columns", repr(name), count)
        for name, count in Counter(names).items()
        if name and count > 1
    ]
    if not raw.rows and len(names) == 1 and all(len(cells) > 1 for *_, cells in raw.broken):
        problems += _title(raw)
    # Spreadsheets leave empty columns behind. A column with values must have a name.
    empty = [k for k, name in enumerate(names) if not name]
    nameless = {k + 1 for k in empty if any(row[k].strip() for row in raw.rows)}
    problems += [_nameless(raw, k) for k in sorted(nameless | raw.nameless)]
    if problems:
        raise LayerError(
            path,
            Sentence("the header (row {}) cannot be used", raw.header_row),
            problems=problems,
            remedy=_header_remedy(names, raw),
        )
    given = [name for name in names if name]
    looks_like_data = sum(bool(_DATA.fullmatch(name)) for name in given)
    if not given or 2 * looks_like_data >= len(given):
        raise LayerError(
            path,
            Sentence("has no header: row {} looks like data", raw.header_row),
            remedy=Sentence("put the names of the columns into row 1"),
        )
    return [k for k, name in enumerate(names) if name]


def _nameless(raw: RawRows, column: int) -> Sentence:
    if column in raw.spanned:
        name = repr(raw.spanned[column])
        return Sentence(
            "column {} has values and no name: the merged cells of {} cover it", column, name
        )
    return Sentence("column {} has values and no name", column)


def _title(raw: RawRows) -> list[Sentence]:
    most = max((len(cells) for *_, cells in raw.broken), default=0)
    told = Sentence("it has one value, and the rows below it have {}", most)
    return [told] if most else []


def _header_remedy(names: list[str], raw: RawRows) -> Sentence:
    if sum(map(bool, names)) == 1:
        return Sentence("delete the title above the names of the columns")
    return Sentence("give every column one name of its own")
