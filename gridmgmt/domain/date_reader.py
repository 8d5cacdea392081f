"""Read the dates of a file: on which clock, and in which format."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from gridmgmt.domain.columns import Column, Texts
from gridmgmt.domain.date_format import DateFormat
from gridmgmt.domain.format_proposal import formats_of
from gridmgmt.domain.local_time import steady_offset
from gridmgmt.domain.moments import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    is_no_end,
    read_moment,
    read_written,
    settled,
    settled_day,
)
from gridmgmt.sentence import Sentence

# The clock of a deployment for which nobody stated another, as in the settings.
_CLOCK = ZoneInfo("Asia/Shanghai")

# The usual form of files, in many lines.
_PLAIN_LINES = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?\n)*"
)


@dataclass(frozen=True)
class DateReader:
    """Reads the dates of a file.

    Parameters
    ----------
    tz : the clock of times without an offset, and of days that are written as instants
    format : the format that every date has to fit, if somebody stated one
    can_state : whether a person can state a format; then errors say which ones would do
    """

    tz: tzinfo = _CLOCK
    format: DateFormat | None = None
    can_state: bool = False

    def moment(self, text: str) -> datetime:
        """Parse a moment; raise ValueError with the reason, like ``read_moment``.

        Examples
        --------
        >>> from gridmgmt.domain.date_format import parse_format
        >>> stated = DateReader(format=parse_format("MM/DD/YYYY hh:mm A"))
        >>> stated.moment("01/05/2015 12:40 PM").isoformat()
        '2015-01-05T12:40:00+08:00'
        """
        if self.format is not None:
            return settled(self.format.read(text), text, self.tz)
        try:
            return read_moment(text, self.tz)
        except ValueError:
            self._name_formats(text)
            raise

    def day(self, text: str) -> date:
        """Parse a day; raise ValueError with the reason, like ``read_day``."""
        return settled_day(self._written(text), text, self.tz)

    def _written(self, text: str) -> datetime:
        if self.format is not None:
            return self.format.read(text)
        try:
            return read_written(text)
        except ValueError:
            self._name_formats(text)
            raise

    def _name_formats(self, text: str) -> None:
        """Raise ValueError with the formats that a text fits, if there are any."""
        formats = formats_of(text) if self.can_state else []
        if formats:
            options = ", ".join(f'--date-format "{one}"' for one in formats)
            raise ValueError(
                Sentence("{} is no date until its format is stated: {}", repr(text), options)
            )

    def last_day(self, text: str) -> date | None:
        """Parse a last day; 9999-12-31 means that there is none.

        Examples
        --------
        >>> DateReader().last_day("2026/3/31").isoformat()
        '2026-03-31'
        >>> DateReader().last_day("9999-12-31") is None
        True
        """
        return None if self.is_no_end(text) else self.day(text)

    def is_no_end(self, text: str) -> bool:
        """Return whether a last day is written as 9999-12-31."""
        try:
            return is_no_end(self._written(text), self.tz)
        except ValueError:
            return False

    def moments(self, texts: Texts) -> Sequence[datetime | None] | None:
        """Parse many moments at once like ``moment``, or return None if one may differ.

        Examples
        --------
        >>> [at and at.isoformat() for at in DateReader().moments(["2024-01-05 08:30", None])]
        ['2024-01-05T08:30:00+08:00', None]
        """
        there = [text for text in texts if text is not None]
        if self.format is not None or not isinstance(self.tz, ZoneInfo):
            return None
        if not _PLAIN_LINES.fullmatch("".join(f"{text}\n" for text in there)):
            return None
        try:
            clocks = [datetime.fromisoformat(text) for text in there]
        except ValueError:
            return None
        if not clocks:
            return [None] * len(texts)
        earliest, latest = min(clocks), max(clocks)
        if not EARLIEST_YEAR <= earliest.year <= latest.year <= LATEST_YEAR:
            return None
        offset = steady_offset(earliest, latest, self.tz)
        if offset is None:
            return None
        zone = timezone(offset)
        placed = iter([clock.replace(tzinfo=zone) for clock in clocks])
        return [None if text is None else next(placed) for text in texts]


def with_dates(columns: Sequence[Column], dates: DateReader) -> tuple[Column, ...]:
    """Return the columns with the reader of dates given to those that hold dates."""
    return tuple(
        replace(column, parse=partial(column.parse, dates), is_dated=False, takes_times=True)
        if column.is_dated
        else column
        for column in columns
    )
