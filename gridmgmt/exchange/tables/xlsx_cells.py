"""Read the stored cells of an XLSX sheet as text, row by row."""

import re
from collections.abc import Generator
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import iterparse

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel
from openpyxl.xml.constants import SHEET_MAIN_NS

from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.raw_rows import plain_text
from gridmgmt.exchange.tables.xlsx_books import Book, text_of
from gridmgmt.exchange.tables.xlsx_formats import NumberFormat
from gridmgmt.exchange.tables.xlsx_sections import Kind
from gridmgmt.sentence import Sentence

# The limits of Excel itself.
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
SAVE_AGAIN = Sentence("open it in a spreadsheet and save it again")

# A spreadsheet has already rounded a number with more than 15 digits.
_EXACT_DIGITS = 15
_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_DATA, _ROW, _CELL, _VALUE, _FORMULA, _INLINE = (
    f"{{{SHEET_MAIN_NS}}}{name}" for name in ("sheetData", "row", "c", "v", "f", "is")
)
_TRUE, _FALSE = ("1", "true"), ("0", "false")
# 29 February 1900, which spreadsheets have and no calendar.
_NO_DAY, _NO_DAY_TEXT = 60, "1900-02-29"
# Strict workbooks write a time of day as a time on the last day before the calendar begins.
_FIRST_DAY = datetime(1900, 1, 1)  # noqa: DTZ001 - a spreadsheet knows no zones


class Mark(Enum):
    """What else is to be known about a cell."""

    NONE = 0
    ERROR = 1
    NEVER_CALCULATED = 2
    MANY_DIGITS = 3


class StoredCell(NamedTuple):
    """The text of a stored cell."""

    text: str
    mark: Mark = Mark.NONE


Cells = dict[int, StoredCell]


def stored_rows(
    path: Path, book: Book, sheet: str, hidden: set[int] | None = None
) -> Generator[tuple[int, Cells], None, None]:
    """Yield the number of every stored row, and its cells that hold something, by column.

    Rows and cells that the file skips are not made up. The numbers of hidden rows that hold
    something are added to ``hidden``. Raises LayerError for a row or column
    that no spreadsheet has.
    """
    before = 0
    with book.archive.open(book.parts[sheet]) as part:
        data = None
        for event, element in iterparse(part, ("start", "end")):
            if event == "start":
                data = element if element.tag == _DATA else data
            elif element.tag == _DATA:
                return
            elif element.tag == _ROW and data is not None:
                number = _row_number(element, before)
                _check_row(path, before, number)
                cells = _cells(path, book, number, element)
                if hidden is not None and cells and element.get("hidden") in _TRUE:
                    hidden.add(number)
                yield number, cells
                before = number
                # The rows that were read are not kept.
                data.remove(element)


def _row_number(row: Any, before: int) -> int:
    text = row.get("r")
    if text is None:
        return before + 1
    number = float(text)
    if not number.is_integer():
        message = f"{text} is no row number"
        raise ValueError(message)
    return int(number)


def _check_row(path: Path, before: int, number: int) -> None:
    if not before < number <= MOST_ROWS:
        raise LayerError(
            path,
            Sentence(
                "has a row with the number {} after row {}; Excel numbers them in order and "
                "has {}",
                f"{number:,}",
                f"{before:,}",
                f"{MOST_ROWS:,}",
            ),
            remedy=SAVE_AGAIN,
        )


@lru_cache(maxsize=MOST_COLUMNS)
def _column(letters: str) -> int:
    return column_index_from_string(letters)


def _cells(path: Path, book: Book, number: int, row: Any) -> Cells:
    cells: Cells = {}
    column = 0
    for element in row.iterfind(_CELL):
        place = element.get("r")
        column = _column(place.rstrip("0123456789")) if place else column + 1
        if column > MOST_COLUMNS:
            raise LayerError(
                path,
                Sentence(
                    "row {} has a column {}; Excel has {}",
                    f"{number:,}",
                    f"{column:,}",
                    f"{MOST_COLUMNS:,}",
                ),
                remedy=SAVE_AGAIN,
            )
        cell = _cell(book, element)
        if cell is None:
            continue
        if column in cells:
            message = f"two cells {place} in row {number}"
            raise ValueError(message)
        cells[column] = cell
    return cells


def _cell(book: Book, element: Any) -> StoredCell | None:
    kind = element.get("t", "n")
    if kind == "inlineStr":
        inline = element.find(_INLINE)
        return None if inline is None else _text(book, element, text_of(inline))
    value = element.findtext(_VALUE)
    if not value:
        # A formula that gives no text is calculated all the same.
        is_open = kind != "str" and element.find(_FORMULA) is not None
        return StoredCell("", Mark.NEVER_CALCULATED) if is_open else None
    if kind == "n":
        return _number(_format(book, element), book.epoch, value.strip())
    if kind == "s":
        return _text(book, element, _shared(book, value))
    if kind == "b":
        return StoredCell(plain_text(_boolean(value)))
    if kind == "d":
        return StoredCell(_iso_text(value))
    return StoredCell(value, Mark.ERROR) if kind == "e" else _text(book, element, value)


def _shared(book: Book, value: str) -> str:
    place = int(value)
    if place < 0:
        message = f"there is no text {place}"
        raise ValueError(message)
    return book.texts[place]


def _boolean(value: str) -> bool:
    # Numbers in most files, words in those of some programs.
    if value.strip() not in (*_TRUE, *_FALSE):
        message = f"{value} is neither true nor false"
        raise ValueError(message)
    return value.strip() in _TRUE


def _format(book: Book, element: Any) -> NumberFormat | None:
    style = int(element.get("s") or 0)
    return book.formats[style] if style < len(book.formats) else None


def _text(book: Book, element: Any, text: str) -> StoredCell:
    shown = _format(book, element)
    return StoredCell(text if shown is None else shown.around(text))


def _number(shown: NumberFormat | None, epoch: datetime, text: str) -> StoredCell:
    if "_" in text or not text.isascii():
        message = f"{text} is no number"
        raise ValueError(message)
    is_whole = _WHOLE.fullmatch(text) is not None
    value = int(text) if is_whole else float(text)
    if abs(value) >= 10**_EXACT_DIGITS:
        return StoredCell(_rounded(text, value), Mark.MANY_DIGITS)
    if shown is None or shown.is_plain:
        return StoredCell(plain_text(value))
    kind = shown.kind(value)
    if kind is Kind.TEXT:
        return StoredCell(shown.text(value))
    if kind is Kind.MOMENT and int(value) == _NO_DAY and epoch.year < _FIRST_DAY.year:
        return StoredCell(StoredTime(_NO_DAY_TEXT))
    if kind in (Kind.MOMENT, Kind.DURATION):
        try:
            found = from_excel(value, epoch, timedelta=kind is Kind.DURATION)
        except (OverflowError, ValueError):
            # A spreadsheet shows only ####; the reader of the column says what it wants.
            return StoredCell(plain_text(value))
        return StoredCell(_moment_text(found))
    return StoredCell(plain_text(value))


def _rounded(text: str, value: float) -> str:
    """Return a number of more than 15 digits.

    If a spreadsheet may have rounded it, it is in scientific notation, which is a number but
    never a code: digits nobody wrote must not become one.
    """
    if isinstance(value, int) and text.lstrip("+-")[_EXACT_DIGITS:].strip("0"):
        return text
    if value in (float("inf"), float("-inf")) or value != value:
        return text
    return f"{value:.14E}" if isinstance(value, float) else _scientific(text)


def _scientific(text: str) -> str:
    digits = text.lstrip("+-").lstrip("0")
    rest = digits[1:].rstrip("0") or "0"
    return f"{'-' if text.startswith('-') else ''}{digits[0]}.{rest}E+{len(digits) - 1:02}"


def _moment_text(value: object) -> str:
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return StoredTime(f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}")
    return plain_text(value)


def _iso_text(text: str) -> str:
    """Return a moment of a Strict workbook as every other; text that is none stays."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return StoredTime(text.strip())
    if moment.tzinfo is None and moment < _FIRST_DAY:
        return plain_text(moment.time())
    return plain_text(moment)
