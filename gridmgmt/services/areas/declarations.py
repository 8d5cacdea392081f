"""Read the tables in which a deployment declares its levels, and what areas of them have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gridmgmt.domain.columns import Column, choose_columns, headed, text_fault
from gridmgmt.domain.listing import listed
from gridmgmt.errors import FieldError, LayerError
from gridmgmt.exchange.reading.files import read_table
from gridmgmt.exchange.tables.tables import Table
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class DeclaredRow:
    """A row by its fields, None where a cell is empty, and what is wrong with its texts."""

    row: int
    given: dict[str, str | None]
    problems: tuple[str, ...]

    def told(self, *faults: str) -> list[str]:
        """Return faults of the row with its number."""
        return [Sentence("row {}: {}", self.row, fault) for fault in faults]


@dataclass(frozen=True)
class Declarations:
    """The rows of a table, what is wrong with rows that are not among them, and notes."""

    path: Path
    rows: tuple[DeclaredRow, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def refuse(self, problems: Sequence[str]) -> None:
        """Raise LayerError if anything is wrong with any row."""
        if problems:
            raise LayerError(
                self.path,
                Sentence("{} row(s) cannot be used", len(problems)),
                problems=problems,
                remedy=Sentence("correct these rows and import the file again"),
            )


def read_declarations(
    path: Path,
    noun: str,
    columns: Sequence[str],
    required: Sequence[str],
    *,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Declarations:
    """Read a table by the names of its columns, or by their headings for people.

    Parameters
    ----------
    noun : what the rows are, as in `domain.headings`
    columns : the fields of a row
    required : those that the table has a column for, and every row a value

    Raises
    ------
    FieldError, LayerError
        when a column is missing, or two are for one field
    """
    table = read_table(path, encoding=encoding, sheet=sheet)
    known = headed(noun, *(Column(name, str) for name in columns))
    chosen, faults = choose_columns(known, table.columns, {})
    missing = [name for name in required if name not in chosen]
    if missing:
        raise FieldError(path, missing[0], table.columns, *missing[1:])
    if faults:
        raise LayerError(path, Sentence("cannot be read by its headings"), problems=faults)
    others = [column for column in table.columns if column not in {*chosen.values()}]
    notes = [Sentence("columns not stored: {}", listed(others))] if others else []
    problems = [Sentence("row {}: {}", one.row, one.reason) for one in table.rejected]
    rows = tuple(_rows(table, chosen, columns, required))
    return Declarations(path, rows, tuple(problems), (*table.notes, *notes))


def _rows(
    table: Table, chosen: dict[str, str], columns: Sequence[str], required: Sequence[str]
) -> Iterator[DeclaredRow]:
    for n, row in enumerate(table.row):
        given = {
            name: table.values[chosen[name]][n] if name in chosen else None for name in columns
        }
        empty = [name for name in required if given[name] is None]
        faults = [Sentence("no {}", ", ".join(empty))] if empty else []
        # Dates or times that a spreadsheet made of a text, and control characters.
        odd = {name: text_fault(text) for name, text in given.items() if text is not None}
        faults += [Sentence("{}: {}", name, fault) for name, fault in odd.items() if fault]
        problems = [Sentence("row {}: {}", row, fault) for fault in faults]
        yield DeclaredRow(int(row), given, tuple(problems))
