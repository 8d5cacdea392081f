"""Files of cases: which column is which field, and which rows are fit to be taken in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from gridmgmt.domain.case import GivenCase, differing_fields
from gridmgmt.domain.case_rows import RowReader
from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables import Rejected, Table, read_table


@dataclass(frozen=True)
class CaseRow:
    """A readable row: its position in the table, and the case it tells of."""

    index: int
    case: GivenCase


@dataclass(frozen=True)
class CaseFile:
    """A file of cases as far as it could be read.

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
    def columns_not_stored(self) -> tuple[str, ...]:
        """The columns that hold no field."""
        stored = set(self.columns.values())
        return tuple(column for column in self.table.columns if column not in stored)

    def number(self, row: CaseRow) -> int:
        """Return the row's number as a spreadsheet shows it."""
        return self.table.row[row.index]

    def reject(self, row: CaseRow, reason: str) -> Rejected:
        """Say that a row cannot be taken, with everything it holds."""
        return _rejected(self.table, row.index, reason)


@dataclass(frozen=True)
class Repeats:
    """Numbers that stand in a file more than once.

    ``numbers`` = how many such numbers, ``differing`` of them with rows of other content;
    ``identical_rows`` and ``differing_rows`` count the rows after the first.
    """

    numbers: int = 0
    differing: int = 0
    identical_rows: int = 0
    differing_rows: int = 0


def read_case_file(
    path: Path | str,
    *,
    mapping: Mapping[str, str],
    tz: tzinfo,
    now: datetime,
    encoding: str | None = None,
    sheet: str | None = None,
) -> CaseFile:
    """Read a file of cases and set the unfit rows aside.

    Raises
    ------
    InputError
        for a field that cases do not have
    LayerError
        when the file is no table, lacks columns or has no row
    """
    table = read_table(path, encoding=encoding, sheet=sheet)
    reader = RowReader(tz, now)
    columns, problems = reader.choose(mapping, table.columns)
    if problems:
        raise LayerError(
            path,
            "lacks columns that cases need",
            problems=problems,
            remedy=f"name them with --map field=column; there are {', '.join(table.columns)}",
        )
    if not len(table) and not table.rejected:
        raise LayerError(path, "has a header and no rows")
    rows, rejected = [], list(table.rejected)
    texts = zip(*(table.values[column] for column in columns.values()), strict=True)
    for index, cells in enumerate(texts):
        outcome = reader.read(dict(zip(columns, cells, strict=True)))
        if isinstance(outcome, GivenCase):
            rows.append(CaseRow(index, outcome))
        else:
            rejected.append(_rejected(table, index, "; ".join(outcome)))
    return CaseFile(table, columns, rows, rejected)


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


def first_of_each(
    file: CaseFile, rows: Sequence[CaseRow]
) -> tuple[list[CaseRow], list[Rejected], Repeats]:
    """Keep the first readable row of every case number.

    A later row that says the same in every field is left out and counted; one that differs is
    rejected with the names of the fields.
    """
    first: dict[str, CaseRow] = {}
    rejected = []
    repeated, differing = set(), set()
    identical_rows = 0
    for row in rows:
        case_no = row.case.case_no
        kept = first.setdefault(case_no, row)
        if kept is row:
            continue
        repeated.add(case_no)
        fields = differing_fields(kept.case, row.case, file.fields)
        if not fields:
            identical_rows += 1
            continue
        differing.add(case_no)
        reason = (
            f"case_no {case_no} stands in row {file.number(kept)} already and differs in "
            f"{', '.join(fields)}"
        )
        rejected.append(file.reject(row, reason))
    repeats = Repeats(len(repeated), len(differing), identical_rows, len(rejected))
    return list(first.values()), rejected, repeats
