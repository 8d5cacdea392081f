"""Read XLSX as rows of text; cells with errors are refused."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.archives import DAMAGED
from gridmgmt.exchange.bytes.raw_rows import RawRows
from gridmgmt.exchange.tables.xlsx_books import Book, opened
from gridmgmt.exchange.tables.xlsx_cells import Cells, Mark, StoredCell, stored_rows
from gridmgmt.exchange.tables.xlsx_merges import Merged, MergedCells, read_merged
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
    expat.ExpatError,
)
# For a wide table fewer rows are sent at once.
_MOST_CELLS = 4_000_000


def read_xlsx(path: Path, sheet: str | None, at_once: int) -> Iterator[RawRows]:
    """Read one sheet of a workbook, in chunks of at most ``at_once`` rows.

    A formula gives the value the spreadsheet last calculated. The value of merged cells counts
    in every row they span. A row with an error cell (``#N/A``) or with a formula that was never
    calculated is broken. If several sheets have content, one must be named.
    """
    try:
        with opened(path) as book:
            name = _sheet(path, book, sheet)
            merged = read_merged(path, book, name)
            # Closed here, or the file stays open behind an error.
            remarks = _Remarks()
            with closing(stored_rows(path, book, name, remarks.hidden)) as rows:
                yield from _collect(path, rows, merged, remarks, at_once)
    except _DAMAGED as error:
        raise LayerError(path, Sentence("is a damaged XLSX file ({})", error)) from error


def _sheet(path: Path, book: Book, sheet: str | None) -> str:
    names = list(book.parts)
    if sheet is not None:
        if sheet not in names:
            raise LayerError(
                path,
                Sentence("has no sheet {}", repr(sheet)),
                remedy=Sentence("choose one of: {}", ", ".join(names)),
            )
        return sheet
    filled = [name for name in names if _holds_anything(path, book, name)]
    if not filled:
        raise LayerError.of_nothing(path, Sentence("is empty: no sheet holds anything"))
    if len(filled) > 1:
        raise LayerError(
            path,
            Sentence("has {} sheets", len(filled)),
            remedy=Sentence("name one with --sheet: {}", ", ".join(filled)),
        )
    return filled[0]


def _holds_anything(path: Path, book: Book, name: str) -> bool:
    with closing(stored_rows(path, book, name)) as rows:
        return any(cells for _, cells in rows)


@dataclass
class _Header:
    """The names by column; ``spanned`` are columns without one that a merged name covers."""

    named: dict[int, str]
    spanned: dict[int, str]
    last_row: int

    @property
    def width(self) -> int:
        return max((*self.named, *self.spanned))


def _header(number: int, cells: Cells, begun: list[Merged]) -> _Header:
    # A spreadsheet may skip any number of columns.
    named = {k: cell.text for k, cell in sorted(cells.items()) if cell.text}
    over = [area for area in begun if area.first_column in named]
    spanned = {
        column: named[area.first_column]
        for area in over
        for column in range(area.first_column + 1, area.last_column + 1)
    }
    return _Header(named, spanned, max((area.last_row for area in over), default=number))


@dataclass
class _Remarks:
    """What is to be said at the end about all rows."""

    many_digits: set[str] = field(default_factory=set)
    wide: list[str] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)

    def notes(self) -> Iterator[str]:
        if self.many_digits:
            yield Sentence(
                "{}: numbers of more than 15 digits, which a spreadsheet rounds; keep such "
                "codes as text",
                ", ".join(sorted(self.many_digits)),
            )
        if self.wide:
            yield Sentence(
                "{} merged cell(s) span several columns, first {}: the value counts for the "
                "first of them only",
                f"{len(self.wide):,}",
                self.wide[0],
            )
        if self.hidden:
            yield Sentence(
                "{} row(s) are hidden in the workbook, the first is row {}; they are read like "
                "the others",
                f"{len(self.hidden):,}",
                min(self.hidden),
            )


def _collect(
    path: Path,
    rows: Iterator[tuple[int, Cells]],
    merged: MergedCells,
    remarks: _Remarks,
    at_once: int,
) -> Iterator[RawRows]:
    found: RawRows | None = None
    header = _Header({}, {}, 0)
    before = 0
    for number, stored in rows:
        cells, fault = merged.spread(number, stored)
        if found is None:
            header = _header(number, cells, merged.begun)
            if header.named:
                found = RawRows(list(header.named.values()), number, spanned=header.spanned)
                at_once = min(at_once, max(_MOST_CELLS // len(header.named), 1))
                before = number
            continue
        if number <= header.last_row:
            _check_below_header(path, found, header, cells)
            before = number
            continue
        if found.is_full(at_once):
            yield found
            found = found.begin_next()
        # Rows between two stored rows are blank.
        found.blank += number - max(before, header.last_row) - 1
        before = number
        _take(found, header, number, cells, fault)
        _remark(remarks, header, cells, merged.begun)
    if found is None:
        raise LayerError.of_nothing(path, Sentence("is empty: there is not even a header"))
    found.notes += remarks.notes()
    yield found


def _check_below_header(path: Path, found: RawRows, header: _Header, cells: Cells) -> None:
    if cells:
        raise LayerError(
            path,
            Sentence(
                "the names of the columns stand in rows {} to {}, in merged cells",
                found.header_row,
                header.last_row,
            ),
            remedy=Sentence("unmerge them, and write all names into one row"),
        )


def _remark(remarks: _Remarks, header: _Header, cells: Cells, begun: list[Merged]) -> None:
    for k, cell in cells.items():
        if cell.mark is Mark.MANY_DIGITS and k in header.named:
            remarks.many_digits.add(header.named[k])
    for area in begun:
        # Only the columns within the header, however wide the cells are.
        last = min(area.last_column, header.width)
        over = sum(k in header.named for k in range(area.first_column, last + 1))
        if area.cell is not None and over > 1:
            remarks.wide.append(area.place)


def _take(found: RawRows, header: _Header, number: int, cells: Cells, fault: str) -> None:
    """Add a row to the rows, the broken rows, or the count of blank rows."""
    named, width = header.named, header.width
    texts = [cells[k].text if k in cells else "" for k in named]
    others = [k for k, cell in cells.items() if k not in named and cell.text.strip()]
    found.nameless.update(k for k in others if k <= width)
    reason = fault or _fault(cells)
    if not reason and any(k > width for k in others):
        reason = Sentence("has a value past the last column of the header ({})", width)
    if reason:
        found.broken.append((number, reason, texts))
    elif not any(texts):
        found.blank += 1
    else:
        found.rows.append(texts)
        found.row.append(number)


def _fault(cells: dict[int, StoredCell]) -> str:
    for k, cell in sorted(cells.items()):
        if cell.mark is Mark.ERROR:
            return Sentence("column {} holds the error {}", get_column_letter(k), cell.text)
    for k, cell in sorted(cells.items()):
        if cell.mark is Mark.NEVER_CALCULATED:
            return Sentence(
                "column {} holds a formula that was never calculated", get_column_letter(k)
            )
    return ""
