"""Rows of text as every table reader returns them, and conversion of values to text."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from gridmgmt.domain.stored_time import StoredTime

# So many other rows are read at most for a chunk with few good rows.
_MOST_BROKEN = 1_000


@dataclass
class RawRows:
    """Rows as lists of text, and the rows that could not be parsed.

    ``row`` is the row number in a spreadsheet, where the header counts too; ``header_row`` is
    the row of the header. ``broken`` holds (row, reason, values). ``nameless`` are the columns
    that have values but no name in the header, counted from 1. A long table comes in several
    chunks. Each has the header, and the notes that became known while it was read.
    """

    header: list[str]
    header_row: int
    rows: list[list[str]] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    broken: list[tuple[int, str, list[str]]] = field(default_factory=list)
    blank: int = 0
    nameless: set[int] = field(default_factory=set)
    spanned: dict[int, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    notes: list[str] = field(default_factory=list)
    is_first: bool = True

    def is_full(self, at_once: int) -> bool:
        """Return whether this chunk has enough rows, or too many broken rows."""
        return len(self.rows) >= at_once or len(self.broken) >= max(at_once, _MOST_BROKEN)

    def begin_next(self) -> "RawRows":
        """Return an empty next chunk of the same table."""
        return RawRows(
            self.header,
            self.header_row,
            spanned=self.spanned,
            encoding=self.encoding,
            is_first=False,
        )


# From here on a double is no longer every whole number: digits may have been lost.
EXACT_BELOW = 2.0**53

# For a table read as one chunk.
EVERYTHING = 1 << 62


def joined(chunks: Iterable[RawRows]) -> RawRows:
    """Join the chunks of a table; every reader returns at least one."""
    first, *others = chunks
    for chunk in others:
        first.rows += chunk.rows
        first.row += chunk.row
        first.broken += chunk.broken
        first.blank += chunk.blank
        first.nameless |= chunk.nameless
        first.notes += chunk.notes
    return first


def plain_text(value: object) -> str:
    """Return a value as the text it has in CSV; None and NaN are empty.

    A number that may have lost digits is in scientific notation, which is a number and never
    a code. A date, a time or a duration is a ``StoredTime``.

    >>> plain_text(101.0), plain_text(1.5), plain_text(True), plain_text(None)
    ('101', '1.5', 'true', '')
    >>> plain_text(330103001001001001.0)
    '3.30103001001001E+17'
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        return StoredTime(_moment_text(value))
    if isinstance(value, date | time | timedelta):
        return StoredTime(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def has_lost_digits(value: object) -> bool:
    """Return whether a value is a double too large to have all its digits."""
    return isinstance(value, float) and abs(value) >= EXACT_BELOW


def number_text(value: float, exact_below: float = EXACT_BELOW) -> str:
    """Return a number as ``plain_text`` does; larger ones may have lost digits."""
    if value != value:  # only NaN is not equal to itself
        return ""
    if exact_below <= abs(value) < math.inf:
        return _scientific(value)
    return str(int(value)) if value.is_integer() else repr(value)


def _scientific(value: float) -> str:
    digits, _, exponent = f"{Decimal(repr(value)).normalize():E}".partition("E")
    return f"{digits}{'' if '.' in digits else '.0'}E{exponent}"


def _moment_text(value: datetime) -> str:
    # A date without time is the same instant as its midnight, and spreadsheets only know
    # midnight.
    if value.tzinfo is None and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat()
