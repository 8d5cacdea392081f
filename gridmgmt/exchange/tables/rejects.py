"""Write rejected rows to a file that goes back to the person who sent them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

from gridmgmt.exchange.bytes.safe_tables import write_table


@dataclass(frozen=True)
class Rejected:
    """One rejected row: its number in the file, the reason, and its values."""

    row: int
    reason: str
    values: Mapping[str, str | None] = field(default_factory=dict)


def write_rejects(path: Path | str, rejected: Sequence[Rejected]) -> None:
    """Write rejected rows with row number and reason, so that they can be corrected.

    The file is CSV in UTF-8 with a BOM (Excel opens it with correct Chinese text), ordered by
    row. The columns after ``row`` and ``reason`` are those of the rows, in order of first
    appearance. A spreadsheet evaluates nothing in it. It can be imported as it is.
    """
    columns: dict[str, None] = {}
    for one in rejected:
        columns.update(dict.fromkeys(one.values))
    ours = [_free(name, columns) for name in ("row", "reason")]
    write_table(path, [*ours, *columns], _rows(rejected, list(columns)))


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that no column of the rows has, as two columns of one name are refused.

    The rows of a file of rejected rows have both names.
    """
    others = (f"{name}_{k}" for k in count(2))
    return next(one for one in chain([name], others) if one not in taken)


def _rows(rejected: Sequence[Rejected], columns: Sequence[str]) -> Iterator[list[object]]:
    for one in sorted(rejected, key=lambda rejected: rejected.row):
        yield [one.row, one.reason, *(one.values.get(column) for column in columns)]
