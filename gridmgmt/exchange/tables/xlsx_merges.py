"""Merged cells of an XLSX sheet: their value counts in every row they span.

It counts for the first of the columns they span: nothing says which other column it belongs to.
"""

from array import array
from bisect import bisect_right, insort
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

import numpy as np
from openpyxl.utils import get_column_letter, range_boundaries

from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.xlsx_books import Book
from gridmgmt.exchange.tables.xlsx_cells import (
    MOST_COLUMNS,
    MOST_ROWS,
    SAVE_AGAIN,
    Cells,
    StoredCell,
)
from gridmgmt.sentence import Sentence

# More than one for every row of a full sheet: no table that people read has as many.
MOST_AREAS = MOST_ROWS
_CHUNK = 1 << 18
_HINT = b"mergeCell"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, order=True)
class Merged:
    """Merged cells that the present row crosses, with the cell that is shown."""

    first_column: int
    last_column: int
    first_row: int
    last_row: int
    cell: StoredCell | None

    @property
    def place(self) -> str:
        """Return the place as a spreadsheet writes it."""
        first, last = get_column_letter(self.first_column), get_column_letter(self.last_column)
        return f"{first}{self.first_row}:{last}{self.last_row}"


class MergedCells:
    """The merged cells of a sheet, for one walk over its rows.

    ``begun`` are those that begin in the row last spread.
    """

    def __init__(self, path: Path, areas: np.ndarray) -> None:
        self._path = path
        self._areas = areas
        self._next = 0
        self._active: list[Merged] = []
        self._soonest_end = MOST_ROWS + 1
        self.begun: list[Merged] = []

    def spread(self, number: int, cells: Cells) -> tuple[Cells, str]:
        """Return the cells of a row with the merged values, and what is wrong with them.

        A row with nothing of its own stays empty: a record drawn over two rows is one record.
        Raises LayerError if merged cells overlap.
        """
        self.begun = []
        if self._next == len(self._areas) and not self._active:
            return cells, ""
        self._move_to(number, cells)
        if not self._active:
            return cells, ""
        own, fault = {}, ""
        firsts = [area.first_column for area in self._active]
        for column, cell in cells.items():
            area = self._area(firsts, column)
            is_shown = area is None or (area.first_row, area.first_column) == (number, column)
            if area is None or is_shown:
                own[column] = cell
            elif cell.text.strip() and (area.cell is None or cell.text != area.cell.text):
                fault = fault or Sentence(
                    "cell {}{} lies under the merged cells {} and holds another value",
                    get_column_letter(column),
                    number,
                    area.place,
                )
        if not fault and not any(cell.text.strip() or cell.mark.value for cell in own.values()):
            return {}, ""
        above = [area for area in self._active if area.first_row < number and area.cell]
        own.update({area.first_column: area.cell for area in above if area.cell})
        return own, fault

    def _area(self, firsts: list[int], column: int) -> Merged | None:
        k = bisect_right(firsts, column) - 1
        return self._active[k] if k >= 0 and self._active[k].last_column >= column else None

    def _move_to(self, number: int, cells: Cells) -> None:
        if self._soonest_end < number:
            self._active = [area for area in self._active if area.last_row >= number]
        while self._next < len(self._areas) and self._areas[self._next][0] <= number:
            first_row, first, last_row, last = self._areas[self._next].tolist()
            self._next += 1
            if last_row < number:
                continue
            cell = cells.get(first) if first_row == number else None
            area = Merged(first, last, first_row, last_row, cell)
            self._insert(area)
            if first_row == number:
                self.begun.append(area)
        self._soonest_end = min((area.last_row for area in self._active), default=MOST_ROWS + 1)

    def _insert(self, area: Merged) -> None:
        firsts = [one.first_column for one in self._active]
        k = bisect_right(firsts, area.last_column) - 1
        # The last that begins before this one ends: all before it end before it begins.
        other = self._active[k] if k >= 0 else None
        if other is not None and other.last_column >= area.first_column:
            raise LayerError(
                self._path,
                Sentence("the merged cells {} and {} overlap", other.place, area.place),
                remedy=SAVE_AGAIN,
            )
        insort(self._active, area, key=lambda one: one.first_column)


def read_merged(path: Path, book: Book, sheet: str) -> MergedCells:
    """Read the merged cells of a sheet; they stand behind its rows.

    Raises LayerError if there are more than 1,048,576, or one lies outside a sheet.
    """
    areas = array("I")
    if not _may_merge(book, sheet):
        return MergedCells(path, np.empty((0, 4), dtype=np.uint32))
    with closing(_places(book, sheet)) as places:
        for first, first_row, last, last_row in places:
            is_inside = 0 < first <= last <= MOST_COLUMNS and 0 < first_row <= last_row
            if not is_inside or last_row > MOST_ROWS:
                raise LayerError(
                    path, Sentence("has merged cells outside a sheet"), remedy=SAVE_AGAIN
                )
            if len(areas) >= 4 * MOST_AREAS:
                raise LayerError(
                    path,
                    Sentence("has more than {} merged cells", f"{MOST_AREAS:,}"),
                    remedy=Sentence("unmerge them, and write the value into every row"),
                )
            if (first_row, first) != (last_row, last):
                areas.extend((first_row, first, last_row, last))
    table = np.frombuffer(areas, dtype=np.uint32).reshape(-1, 4)
    return MergedCells(path, table[np.lexsort((table[:, 1], table[:, 0]))])


def _may_merge(book: Book, sheet: str) -> bool:
    """Return whether the bytes name merged cells; parsing all of them costs far more."""
    with book.archive.open(book.parts[sheet]) as part:
        tail = part.read(2)
        found = tail in _WIDE_MARKS
        # To the end also then: a damaged part must not be taken for one without merged cells.
        while chunk := part.read(_CHUNK):
            found = found or _HINT in tail + chunk
            tail = chunk[-len(_HINT) :]
    return found


def _places(book: Book, sheet: str) -> Generator[tuple[int, int, int, int], None, None]:
    found: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "mergeCell":
            found.append(attributes.get("ref", ""))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    with book.archive.open(book.parts[sheet]) as part:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk)
            yield from map(_boundaries, found)
            found.clear()
        parser.Parse(b"", True)
    yield from map(_boundaries, found)


def _boundaries(place: str) -> tuple[int, int, int, int]:
    first, first_row, last, last_row = range_boundaries(place)
    return first or 1, first_row or 1, last or MOST_COLUMNS, last_row or MOST_ROWS
