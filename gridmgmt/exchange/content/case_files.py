"""Read files of cases: match columns to fields, and separate valid from invalid rows."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.cases.case_rows import RowReader
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.listing import listed
from gridmgmt.domain.numbers import degrees_or_metres
from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.tables import Rejected, Table
from gridmgmt.gc_pause import gc_paused
from gridmgmt.sentence import Sentence, joined


@dataclass(slots=True)
class CaseRow:
    """A valid row: its position in the table, and its case."""

    index: int
    case: GivenCase


@dataclass(slots=True)
class InvalidRow:
    """A row that is no case: its position in the table, and what is wrong with its values."""

    index: int
    problems: list[str]


@dataclass(frozen=True)
class CaseFile:
    """A file of cases, or one chunk of it.

    ``columns`` maps each field to its column. ``invalid`` are rows with wrong values; rows that
    could not be read at all are those of the table. ``typed`` are the columns of which dates
    and times that a program stored are refused.
    """

    table: Table
    columns: Mapping[str, str]
    rows: list[CaseRow]
    invalid: list[InvalidRow]
    typed: Collection[str] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields the file has, in their usual order."""
        return tuple(self.columns)

    @property
    def last_row(self) -> int:
        """Return the number of the last row, valid or not; 0 if there is none."""
        unread = [one.row for one in self.table.rejected[-1:]]
        return max([*self.table.row[-1:], *unread], default=0)

    def number(self, row: CaseRow) -> int:
        """Return the number of a row as a spreadsheet shows it."""
        return self.table.row[row.index]

    def reject(self, row: CaseRow | InvalidRow, *reasons: str) -> Rejected:
        """Return a row as rejected, with the reasons and all its values.

        A stored date or time that was refused is left out: the table of rejected rows comes
        back, and there it would be the text of a code.
        """
        table = self.table
        values = {column: table.values[column][row.index] for column in table.columns}
        for column in self.typed:
            if isinstance(values[column], StoredTime):
                values[column] = None
        reason = reasons[0] if len(reasons) == 1 else joined("; ", reasons)
        return Rejected(table.row[row.index], reason, values)

    def coordinates(self, row: InvalidRow) -> tuple[float, float]:
        """Return the coordinates of an invalid row, NaN where a cell is no number."""
        x, y = (self._coordinate(field, row.index) for field in ("lon", "lat"))
        return x, y

    def _coordinate(self, field: str, index: int) -> float:
        text = self.table.values[self.columns[field]][index]
        try:
            return math.nan if text is None else degrees_or_metres(text)
        except ValueError:
            return math.nan


class CaseFileReader:
    """Reads the chunks of one file; all have the columns of the first chunk.

    Parameters
    ----------
    dates : reads the times
    now : the present; nothing can have happened after it
    """

    def __init__(
        self, path: Path, *, mapping: Mapping[str, str], dates: DateReader, now: datetime
    ) -> None:
        self._path = path
        self._mapping = mapping
        self._reader = RowReader(dates, now)
        self._columns: dict[str, str] | None = None
        self._typed: tuple[str, ...] = ()

    @gc_paused()
    def read(self, table: Table) -> CaseFile:
        """Read the rows of a table as cases, and separate the invalid rows.

        Raises
        ------
        InputError
            for a field that cases do not have
        LayerError
            when columns are missing from the table
        """
        if self._columns is None:
            self._columns = self._choose(table.columns)
            self._typed = self._reader.typed(self._columns)
        cells = {field: table.values[column] for field, column in self._columns.items()}
        rows, invalid = [], []
        for index, outcome in enumerate(self._reader.read_many(cells, len(table))):
            if isinstance(outcome, GivenCase):
                rows.append(CaseRow(index, outcome))
            else:
                invalid.append(InvalidRow(index, outcome))
        typed = self._typed if invalid else ()
        return CaseFile(table, self._columns, rows, invalid, typed)

    def columns_not_stored(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return the columns that belong to no field."""
        stored = set((self._columns or {}).values())
        return tuple(column for column in columns if column not in stored)

    def _choose(self, available: Sequence[str]) -> dict[str, str]:
        columns, problems = self._reader.choose(self._mapping, available)
        if problems:
            raise LayerError(
                self._path,
                Sentence("lacks columns that cases need, or has one twice"),
                problems=problems,
                remedy=Sentence(
                    "name them with --map field=column; there are {}", listed(available, 100)
                ),
            )
        return columns


def case_columns(
    available: Sequence[str], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the column of each field, and the faults of this mapping.

    Raises
    ------
    InputError
        for a field that cases do not have
    """
    return RowReader(DateReader(UTC), datetime.now(UTC)).choose(given, available)
