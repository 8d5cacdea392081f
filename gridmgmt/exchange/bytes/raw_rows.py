"""Rows of text as every kind of table gives them, and values as that text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal

# A piece of few rows may look at so many others for them.
_MOST_BROKEN = 1_000


@dataclass
class RawRows:
    """Rows as lists of text, and those that could not be parsed.

    ``row`` is the number a spreadsheet shows, the header's included; ``header_row`` is where
    the header was found. ``broken`` holds (row, reason, values). ``nameless`` are the columns
    that the header leaves out, of those that have values, counted from 1. A long table comes in
    pieces, each with the header, and with the notes that became known while it was read.
    """

    header: list[str]
    header_row: int
    rows: list[list[str]] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    broken: list[tuple[int, str, list[str]]] = field(default_factory=list)
    blank: int = 0
    nameless: set[int] = field(default_factory=set)
    encoding: str = "utf-8"
    notes: list[str] = field(default_factory=list)

    def is_full(self, at_once: int) -> bool:
        """Tell whether this piece has its rows, or too many broken ones to wait for more."""
        return len(self.rows) >= at_once or len(self.broken) >= max(at_once, _MOST_BROKEN)

    def begin_next(self) -> "RawRows":
        """Begin the next piece of the same table."""
        return RawRows(self.header, self.header_row, encoding=self.encoding)


# A table read in one piece.
EVERYTHING = 1 << 62


def joined(pieces: Iterable[RawRows]) -> RawRows:
    """Put the pieces of a table together; every reader gives one at least."""
    first, *others = pieces
    for piece in others:
        first.rows += piece.rows
        first.row += piece.row
        first.broken += piece.broken
        first.blank += piece.blank
        first.nameless |= piece.nameless
        first.notes += piece.notes
    return first


def plain_text(value: object) -> str:
    """Write a value as the text it would have in CSV; None and NaN are empty.

    >>> plain_text(101.0), plain_text(1.5), plain_text(True), plain_text(None)
    ('101', '1.5', 'true', '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _number_text(value: float) -> str:
    if value != value:  # NaN alone is unlike itself
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def _moment_text(value: datetime) -> str:
    # A bare date means the same moment as its midnight, and spreadsheets know only the latter.
    if value.tzinfo is None and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat()
