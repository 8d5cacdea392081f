"""Rows that were refused, and the file that gives them back to the one who sent them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gridmgmt.exchange.bytes.written import write_table


@dataclass(frozen=True)
class Rejected:
    """One row that was not taken: its number in the file, why, and what it held."""

    row: int
    reason: str
    values: Mapping[str, str | None] = field(default_factory=dict)


def write_rejects(path: Path | str, rejected: Sequence[Rejected]) -> None:
    """Write refused rows with row number and reason, so that they can be put right.

    The file is CSV in UTF-8 with a BOM (Excel opens it with its Chinese text intact), ordered
    by row; the columns after ``row`` and ``reason`` are those of the rows, in the order in
    which they first appear. A spreadsheet evaluates nothing in it.
    """
    columns: dict[str, None] = {}
    for one in rejected:
        columns.update(dict.fromkeys(one.values))
    # A column of the input may itself be called "row" or "reason": ours keep their place in
    # front, theirs follow, and a reader of the file tells them apart by position.
    write_table(path, ["row", "reason", *columns], _rows(rejected, list(columns)))


def _rows(rejected: Sequence[Rejected], columns: Sequence[str]) -> Iterator[list[object]]:
    for one in sorted(rejected, key=lambda rejected: rejected.row):
        yield [one.row, one.reason, *(one.values.get(column) for column in columns)]
