"""XLSX as rows of text: cached values, ISO dates, error cells refused."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from gridmgmt.errors import LayerError
from gridmgmt.exchange.archives import DAMAGED
from gridmgmt.exchange.raw_rows import RawRows, plain_text
from gridmgmt.exchange.streams import check_inflation

# openpyxl trusts what it reads: parts that are missing or nonsense end in any of these.
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
# Past 15 digits a spreadsheet has already rounded the number.
_EXACT_DIGITS = 10**15


def read_xlsx(
    path: Path, members: frozenset[str], sheet: str | None, at_once: int
) -> Iterator[RawRows]:
    """Read one sheet of a workbook, in pieces of at most ``at_once`` rows.

    Formulas give the value the spreadsheet last calculated; a row with an error cell (``#N/A``)
    or a formula that was never calculated is broken. With several sheets that hold anything,
    one must be named.
    """
    try:
        formulas = _scan(path, members)
        values = openpyxl.load_workbook(path, read_only=True, data_only=True)
        source = openpyxl.load_workbook(path, read_only=True) if formulas else None
        try:
            name = _sheet(path, values, sheet)
            rows = _rows(values[name])
            written = _rows(source[name]) if source else None
            yield from _collect(path, rows, written, at_once)
        finally:
            values.close()
            if source:
                source.close()
    except _DAMAGED as error:
        raise LayerError(path, f"is a damaged XLSX file ({error})") from error


def _scan(path: Path, members: frozenset[str]) -> bool:
    """Check that the parts inflate within the limits; tell whether there are formulas."""
    with ZipFile(path) as archive:
        total = 0
        formulas = False
        for part in archive.infolist():
            if part.flag_bits & 1:
                message = "is protected by a password"
                raise LayerError(path, message, remedy="save it without one")
            total += part.file_size
            check_inflation(path, total, path.stat().st_size)
        for name in members:
            if name.startswith("xl/worksheets/") and not formulas:
                with archive.open(name) as part_file:
                    tail = b""
                    while piece := part_file.read(1 << 18):
                        formulas = formulas or bool(_FORMULA.search(tail + piece))
                        tail = piece[-2:]
    return formulas


def _sheet(path: Path, book: Any, sheet: str | None) -> str:
    names = list(book.sheetnames)
    if sheet is not None:
        if sheet not in names:
            message = f"has no sheet {sheet!r}"
            raise LayerError(path, message, remedy=f"choose one of: {', '.join(names)}")
        return sheet
    filled = [name for name in names if _holds_anything(book[name])]
    if not filled:
        raise LayerError(path, "is empty: no sheet holds anything")
    if len(filled) > 1:
        message = f"has {len(filled)} sheets: {', '.join(filled)}"
        raise LayerError(path, message, remedy="name one with --sheet, or send it alone")
    return str(filled[0])


def _holds_anything(sheet: Any) -> bool:
    return any(cell.value is not None for row in _rows(sheet) for cell in row)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # A chart sheet has no rows at all.
    if not hasattr(sheet, "iter_rows"):
        return iter(())
    # The dimension a file declares for itself may be anything.
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows()
    return rows


def _collect(
    path: Path,
    rows: Iterator[tuple[Any, ...]],
    written: Iterator[tuple[Any, ...]] | None,
    at_once: int,
) -> Iterator[RawRows]:
    found: RawRows | None = None
    rounded: set[str] = set()
    for number, cells in enumerate(rows, start=1):
        sources = next(written, ()) if written is not None else ()
        texts = [_text(cell.value) for cell in cells]
        if found is None:
            if any(texts):
                found = RawRows(_trimmed(texts), number, encoding="utf-8")
            continue
        if len(found.rows) == at_once:
            yield found
            found = found.begin_next()
        reason = _fault(cells, sources)
        if reason:
            found.broken.append((number, reason, texts))
            continue
        if not any(texts):
            found.blank += 1
            continue
        width = len(found.header)
        if any(texts[width:]):
            reason = f"has a value past the last column of the header ({width})"
            found.broken.append((number, reason, texts))
            continue
        found.rows.append((texts + [""] * width)[:width])
        found.row.append(number)
        rounded.update(_rounded(found.header, cells))
    if found is None:
        raise LayerError(path, "is empty: there is not even a header")
    if rounded:
        found.notes.append(
            f"{', '.join(sorted(rounded))}: numbers of more than 15 digits, which a "
            "spreadsheet rounds; keep such codes as text"
        )
    yield found


def _trimmed(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _fault(cells: tuple[Any, ...], sources: tuple[Any, ...]) -> str:
    for k, cell in enumerate(cells):
        if cell.value is not None and cell.data_type == "e":
            return f"column {get_column_letter(k + 1)} holds the error {cell.value}"
    for k, source in enumerate(sources):
        if source.data_type == "f" and (k >= len(cells) or cells[k].value is None):
            column = get_column_letter(k + 1)
            return f"column {column} holds a formula that was never calculated"
    return ""


def _rounded(header: list[str], cells: tuple[Any, ...]) -> Iterator[str]:
    for name, cell in zip(header, cells, strict=False):
        value = cell.value
        if isinstance(value, int | float) and abs(value) >= _EXACT_DIGITS:
            yield name


def _text(value: object) -> str:
    if isinstance(value, datetime):
        # Excel keeps times as fractions of a day: 08:30 comes back a microsecond off.
        second = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        if abs(value - second) < timedelta(milliseconds=1):
            value = second
    return plain_text(value)
