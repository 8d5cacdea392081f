"""Write a workbook of one sheet, row by row, with nothing that a spreadsheet would evaluate.

openpyxl makes the workbook, its styles and the empty sheet. The rows are written here: its own
cells take three times as long, and a month of cases is half a million of them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from gridmgmt.errors import LayerError
from gridmgmt.sentence import Sentence

EXCEL_ROWS = 1_048_576
EXCEL_TEXT = 32_767

# A spreadsheet evaluates text that begins with one of these.
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_SHEET = "xl/worksheets/sheet1.xml"
# The extent of the empty sheet: programs that trust it would read no row.
_EXTENT = re.compile(rb"<dimension [^>]*/>")
_NO_ROWS = re.compile(rb"<sheetData\s*/>|<sheetData>.*</sheetData>", re.DOTALL)
# XML, of which workbooks are made, has no such characters.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A spreadsheet reads _x0041_ as an A; the underscore of a text like this is written as a code.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# What most texts have nothing of.
_ODD = re.compile(rf"{_NOT_IN_XML.pattern}|{_LOOKS_ESCAPED.pattern}|[&<>\r]")
# How many rows are looked at for the widths of columns, and written at once.
_LOOKED_AT, _AT_ONCE = 50, 1_000
_NARROWEST, _WIDEST = 6, 48


class _Styles(NamedTuple):
    """Numbers of styles: of the headings, and of text that looks like a formula."""

    heading: int
    formula: int


def write_workbook(
    path: Path,
    temporary: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    sheet: str,
) -> None:
    """Write rows of texts, numbers and None to a new workbook; only some are in memory.

    Texts stay texts, with all digits of a code. The headings stay in sight.

    Parameters
    ----------
    path : the name of the file in errors
    temporary : the file to write

    Raises
    ------
    LayerError
        when a sheet cannot hold the rows, or a cell a text
    """
    coming = iter(rows)
    first = list(islice(coming, _LOOKED_AT))
    made = BytesIO()
    styles = _make_empty(made, columns, first, sheet)
    with ZipFile(made) as empty, ZipFile(temporary, "w", ZIP_DEFLATED) as archive:
        for name in empty.namelist():
            if name != _SHEET:
                archive.writestr(name, empty.read(name))
        before, after = _NO_ROWS.split(_EXTENT.sub(b"", empty.read(_SHEET)))
        with archive.open(_SHEET, "w", force_zip64=True) as stream:
            stream.write(before + b"<sheetData>")
            writer = _Rows(path, columns, styles)
            every = chain([columns], first, coming)
            while lines := "".join(map(writer.line, islice(every, _AT_ONCE))):
                stream.write(lines.encode())
            stream.write(b"</sheetData>" + after)


def _make_empty(
    made: BytesIO, columns: Sequence[str], first: Sequence[Sequence[object]], name: str
) -> _Styles:
    """Make a workbook without rows, with the widths that some rows need."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    sheet.freeze_panes = "A2"
    for k, width in enumerate(_widths(columns, first), start=1):
        sheet.column_dimensions[get_column_letter(k)].width = width
    heading, formula = sheet["A1"], sheet["B1"]
    heading.font, heading.alignment = Font(bold=True), Alignment(vertical="center")
    formula.quotePrefix = True
    styles = _Styles(heading.style_id, formula.style_id)
    book.save(made)
    return styles


def _widths(columns: Sequence[str], first: Sequence[Sequence[object]]) -> list[int]:
    widths = [_width(name) for name in columns]
    for row in first:
        for k, value in enumerate(row):
            widths[k] = max(widths[k], 0 if value is None else _width(str(value)))
    return [min(max(width, _NARROWEST), _WIDEST) + 2 for width in widths]


def _width(text: str) -> int:
    """Return how wide a text is; Chinese characters are as wide as two letters."""
    line = max(text[:1_000].split("\n"), key=len)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


class _Rows:
    """Writes rows as XML; the first are the headings."""

    def __init__(self, path: Path, columns: Sequence[str], styles: _Styles) -> None:
        self._path, self._styles = path, styles
        self._letters = [get_column_letter(k) for k in range(1, len(columns) + 1)]
        self._number = 0

    def line(self, row: Sequence[object]) -> str:
        """Return a row as XML."""
        self._number += 1
        number = self._number
        if number > EXCEL_ROWS:
            raise LayerError(
                self._path,
                Sentence("a sheet holds {} rows, the table has more", f"{EXCEL_ROWS:,}"),
                remedy=Sentence("write .csv instead"),
            )
        cells = [
            self._text(f"{letter}{number}", value)
            if isinstance(value, str)
            # With all digits of a number: openpyxl would write 16 of up to 17.
            else f'<c r="{letter}{number}"><v>{value!r}</v></c>'
            for letter, value in zip(self._letters, row, strict=True)
            if value is not None
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _text(self, place: str, text: str) -> str:
        if len(text) > EXCEL_TEXT:
            raise LayerError(
                self._path,
                Sentence(
                    "row {}: a cell holds {} characters, the text has more",
                    self._number,
                    f"{EXCEL_TEXT:,}",
                ),
                remedy=Sentence("write .csv instead"),
            )
        style = f' s="{self._styles.heading}"' if self._number == 1 else ""
        if text.startswith(STARTS_FORMULA):
            style = f' s="{self._styles.formula}"'
        # Spaces at the ends and line breaks stay as they are.
        kept = "" if text.isprintable() and text == text.strip() else ' xml:space="preserve"'
        shown = _in_xml(text) if _ODD.search(text) else text
        return f'<c r="{place}"{style} t="inlineStr"><is><t{kept}>{shown}</t></is></c>'


def _in_xml(text: str) -> str:
    """Return a text as XML and spreadsheets read it back."""
    text = _LOOKS_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("\ufffd", text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # XML makes line feeds of carriage returns; Excel writes these in the same way.
    return text.replace("\r", "_x000D_")
