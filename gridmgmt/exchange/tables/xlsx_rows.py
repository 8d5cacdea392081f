"""Read XLSX as rows of text: stored values, ISO dates; error cells are refused."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.archives import DAMAGED
from gridmgmt.exchange.bytes.raw_rows import RawRows, plain_text
from gridmgmt.exchange.bytes.streams import check_inflation
from gridmgmt.sentence import Sentence

# openpyxl trusts what it reads: missing parts or nonsense end in any of these errors.
_DAMAGED = (
    *DAMAGED,
    InvalidFileException,
    AttributeError,
    LookupError,
    SyntaxError,
    TypeError,
    ValueError,
)
_FORMULA = re.compile(rb"<f[ >/]")
# A spreadsheet has already rounded a number with more than 15 digits.
_EXACT_DIGITS = 10**15
# The limits of Excel itself.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
# For a wide table fewer rows are sent at once.
_MOST_CELLS = 4_000_000
_SAVE_AGAIN = Sentence("open it in a spreadsheet and save it again")

# A cell as openpyxl parses it: its column, value and data_type. A row is a dictionary by
# column.
_Cell = dict[str, Any]
_Row = tuple[int, dict[int, _Cell]]


def read_xlsx(
    path: Path, members: frozenset[str], sheet: str | None, at_once: int
) -> Iterator[RawRows]:
    """Read one sheet of a workbook, in chunks of at most ``at_once`` rows.

    A formula gives the value the spreadsheet last calculated. A row with an error cell
    (``#N/A``) or with a formula that was never calculated is broken. If several sheets have
    content, one must be named.
    """
    try:
        formulas = _scan(path, members)
        values = openpyxl.load_workbook(path, read_only=True, data_only=True)
        source = openpyxl.load_workbook(path, read_only=True) if formulas else None
        try:
            name = _sheet(path, values, sheet)
            rows = _rows(path, values[name])
            written = _rows(path, source[name]) if source else None
            yield from _collect(path, rows, written, at_once)
        finally:
            values.close()
            if source:
                source.close()
    except _DAMAGED as error:
        raise LayerError(path, Sentence("is a damaged XLSX file ({})", error)) from error


def _scan(path: Path, members: frozenset[str]) -> bool:
    """Check that the parts unpack within the limits; return whether there are formulas."""
    with ZipFile(path) as archive:
        total = 0
        formulas = False
        for part in archive.infolist():
            if part.flag_bits & 1:
                raise LayerError(
                    path,
                    Sentence("is protected by a password"),
                    remedy=Sentence("save it without one"),
                )
            total += part.file_size
            check_inflation(path, total, path.stat().st_size)
        for name in members:
            if name.startswith("xl/worksheets/") and not formulas:
                with archive.open(name) as part_file:
                    tail = b""
                    while chunk := part_file.read(1 << 18):
                        formulas = formulas or bool(_FORMULA.search(tail + chunk))
                        tail = chunk[-2:]
    return formulas


def _sheet(path: Path, book: Any, sheet: str | None) -> str:
    names = list(book.sheetnames)
    if sheet is not None:
        if sheet not in names:
            raise LayerError(
                path,
                Sentence("has no sheet {}", repr(sheet)),
                remedy=Sentence("choose one of: {}", ", ".join(names)),
            )
        return sheet
    filled = [name for name in names if _holds_anything(path, book[name])]
    if not filled:
        raise LayerError(path, Sentence("is empty: no sheet holds anything"))
    if len(filled) > 1:
        raise LayerError(
            path,
            Sentence("has {} sheets: {}", len(filled), ", ".join(filled)),
            remedy=Sentence("name one with --sheet, or send it alone"),
        )
    return str(filled[0])


def _holds_anything(path: Path, sheet: Any) -> bool:
    return any(
        cell["value"] is not None for _, row in _rows(path, sheet) for cell in row.values()
    )


def _rows(path: Path, sheet: Any) -> Iterator[_Row]:
    """Yield the rows that the file stores, each with its stored cells.

    openpyxl itself adds the missing empty rows and the empty cells before each cell, as many as
    a file likes to skip.
    """
    # A chart sheet has no rows at all.
    if not hasattr(sheet, "iter_rows"):
        return
    book = sheet.parent
    with sheet._get_source() as part:
        parser = WorkSheetParser(
            part,
            sheet._shared_strings,
            data_only=book.data_only,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        before = 0
        for number, cells in parser.parse():
            _check_place(path, before, number, cells)
            yield number, {cell["column"]: cell for cell in cells}
            before = number


def _check_place(path: Path, before: int, number: int, cells: list[_Cell]) -> None:
    if not before < number <= _MOST_ROWS:
        raise LayerError(
            path,
            Sentence(
                "has a row with the number {} after row {}; Excel numbers them in order and "
                "has {}",
                f"{number:,}",
                f"{before:,}",
                f"{_MOST_ROWS:,}",
            ),
            remedy=_SAVE_AGAIN,
        )
    farthest = max((cell["column"] for cell in cells), default=0)
    if farthest > _MOST_COLUMNS:
        raise LayerError(
            path,
            Sentence(
                "row {} has a column {}; Excel has {}",
                f"{number:,}",
                f"{farthest:,}",
                f"{_MOST_COLUMNS:,}",
            ),
            remedy=_SAVE_AGAIN,
        )


def _collect(
    path: Path, rows: Iterator[_Row], written: Iterator[_Row] | None, at_once: int
) -> Iterator[RawRows]:
    found: RawRows | None = None
    named: dict[int, str] = {}
    rounded: set[str] = set()
    before = 0
    for number, cells in rows:
        sources = next(written)[1] if written is not None else {}
        if found is None:
            named = _names(cells)
            if named:
                found = RawRows(list(named.values()), number, encoding="utf-8")
                at_once = min(at_once, max(_MOST_CELLS // len(named), 1))
                before = number
            continue
        if found.is_full(at_once):
            yield found
            found = found.begin_next()
        # Rows between two stored rows are blank.
        found.blank += number - before - 1
        before = number
        _take(found, named, number, cells, sources)
        rounded.update(_rounded(named, cells))
    if found is None:
        raise LayerError(path, Sentence("is empty: there is not even a header"))
    if rounded:
        found.notes.append(
            Sentence(
                "{}: numbers of more than 15 digits, which a spreadsheet rounds; keep such "
                "codes as text",
                ", ".join(sorted(rounded)),
            )
        )
    yield found


def _names(cells: dict[int, _Cell]) -> dict[int, str]:
    """Return the columns that have a name; a spreadsheet may skip any number of columns."""
    texts = {k: _text(cell["value"]) for k, cell in sorted(cells.items())}
    return {k: text for k, text in texts.items() if text}


def _take(
    found: RawRows,
    named: dict[int, str],
    number: int,
    cells: dict[int, _Cell],
    sources: dict[int, _Cell],
) -> None:
    """Add a row to the rows, the broken rows, or the count of blank rows."""
    width = max(named)
    texts = [_text(cells[k]["value"]) if k in cells else "" for k in named]
    others = [k for k in cells if k not in named and _text(cells[k]["value"]).strip()]
    is_beyond = any(k > width for k in others)
    found.nameless.update(k for k in others if k < width)
    reason = _fault(cells, sources)
    if not reason and is_beyond:
        reason = Sentence("has a value past the last column of the header ({})", width)
    if reason:
        found.broken.append((number, reason, texts))
    elif not any(texts):
        found.blank += 1
    else:
        found.rows.append(texts)
        found.row.append(number)


def _fault(cells: dict[int, _Cell], sources: dict[int, _Cell]) -> str:
    for k, cell in sorted(cells.items()):
        if cell["value"] is not None and cell["data_type"] == "e":
            return Sentence("column {} holds the error {}", get_column_letter(k), cell["value"])
    for k, source in sorted(sources.items()):
        if source["data_type"] == "f" and (k not in cells or cells[k]["value"] is None):
            return Sentence(
                "column {} holds a formula that was never calculated", get_column_letter(k)
            )
    return ""


def _rounded(named: dict[int, str], cells: dict[int, _Cell]) -> Iterator[str]:
    for k, cell in cells.items():
        value = cell["value"]
        if isinstance(value, int | float) and abs(value) >= _EXACT_DIGITS and k in named:
            yield named[k]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        # Excel stores times as fractions of a day: 08:30 comes back a microsecond off.
        second = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        if abs(value - second) < timedelta(milliseconds=1):
            value = second
    return plain_text(value)
