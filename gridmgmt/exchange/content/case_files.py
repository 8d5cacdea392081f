"""Files of cases: which column is which field, and which rows are fit to be taken in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.cases.case_rows import RowReader
from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.tables import Rejected, Table
from gridmgmt.gc_pause import without_collecting


@dataclass(slots=True)
class CaseRow:
    """A readable row: its position in the table, and the case it tells of."""

    index: int
    case: GivenCase


@dataclass(frozen=True)
class CaseFile:
    """A file of cases, or a piece of one, as far as it could be read.

    ``columns`` says by field which column holds it; ``rejected`` are the rows that are unfit.
    """

    table: Table
    columns: Mapping[str, str]
    rows: list[CaseRow]
    rejected: list[Rejected]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields the file has, in their usual order."""
        return tuple(self.columns)

    @property
    def last_row(self) -> int:
        """The number of the last row, fit or not; 0 where there is none."""
        unread = [one.row for one in self.table.rejected[-1:]]
        return max([*self.table.row[-1:], *unread], default=0)

    def number(self, row: CaseRow) -> int:
        """Return the row's number as a spreadsheet shows it."""
        return self.table.row[row.index]

    def reject(self, row: CaseRow, reason: str) -> Rejected:
        """Say that a row cannot be taken, with everything it holds."""
        return _rejected(self.table, row.index, reason)


class CaseFileReader:
    """Reads the pieces of one file; all have the columns of the first.

    Parameters
    ----------
    tz : of times without an offset
    now : the present; what has happened cannot lie after it
    """

    def __init__(
        self, path: Path, *, mapping: Mapping[str, str], tz: tzinfo, now: datetime
    ) -> None:
        self._path = path
        self._mapping = mapping
        self._reader = RowReader(tz, now)
        self._columns: dict[str, str] | None = None

    @without_collecting
    def read(self, table: Table) -> CaseFile:
        """Read the rows of a table as cases and set the unfit ones aside.

        Raises
        ------
        InputError
            for a field that cases do not have
        LayerError
            when the table lacks columns
        """
        if self._columns is None:
            self._columns = self._choose(table.columns)
        cells = {field: table.values[column] for field, column in self._columns.items()}
        rows, rejected = [], list(table.rejected)
        for index, outcome in enumerate(self._reader.read_many(cells, len(table))):
            if isinstance(outcome, GivenCase):
                rows.append(CaseRow(index, outcome))
            else:
                rejected.append(_rejected(table, index, "; ".join(outcome)))
        return CaseFile(table, self._columns, rows, rejected)

    def columns_not_stored(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Name the columns that hold no field."""
        stored = set((self._columns or {}).values())
        return tuple(column for column in columns if column not in stored)

    def _choose(self, available: Sequence[str]) -> dict[str, str]:
        columns, problems = self._reader.choose(self._mapping, available)
        if problems:
            raise LayerError(
                self._path,
                "lacks columns that cases need",
                problems=problems,
                remedy=f"name them with --map field=column; there are {', '.join(available)}",
            )
        return columns


def case_columns(
    available: Sequence[str], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Say which column of a file would hold each field, and what is wrong with that.

    Raises
    ------
    InputError
        for a field that cases do not have
    """
    return RowReader(UTC, datetime.now(UTC)).choose(given, available)


def _rejected(table: Table, index: int, reason: str) -> Rejected:
    values = {column: table.values[column][index] for column in table.columns}
    return Rejected(table.row[index], reason, values)
