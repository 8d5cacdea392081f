"""Read the dates of a file: on which clock, and in which format."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timezone, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from gridmgmt.domain.columns import Column, Texts
from gridmgmt.domain.date_format import DateFormat, parse_format
from gridmgmt.domain.format_proposal import formats_of
from gridmgmt.domain.local_time import steady_offset
from gridmgmt.domain.moments import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    is_no_end,
    on_clock,
    read_moment,
    read_written,
    settled,
    settled_day,
)
from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence, joined

# The clock of a deployment for which nobody stated another, as in the settings.
_CLOCK = ZoneInfo("Asia/Shanghai")

# A date that begins with the year, whether there is such a day or not.
_YEAR_FIRST = re.compile(r"[0-9]{4}[-/.年]|[0-9]{8}(?![0-9])")

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
    formats : the formats that somebody stated, for all fields or for one
    can_state : whether a person can state a format; then errors say which ones would do
    field : the field that is read, whose own formats count in the place of those for all

    What a program stored as a date is read as it is, and a date that begins with the year is
    read beside the stated formats: nobody takes either for another day.
    """

    tz: tzinfo = _CLOCK
    formats: tuple[DateFormat, ...] = ()
    can_state: bool = False
    field: str | None = None

    def of(self, field: str) -> "DateReader":
        r"""Return the reader of the dates of one field.

        Examples
        --------
        >>> from gridmgmt.domain.date_format import parse_formats
        >>> dates = DateReader(formats=parse_formats("DD/MM/YYYY\ndue_at=MM/DD/YYYY"))
        >>> [str(dates.of(field).day("03/04/2026")) for field in ("reported_at", "due_at")]
        ['2026-04-03', '2026-03-04']
        """
        own = tuple(one for one in self.formats if one.field == field)
        shared = tuple(one for one in self.formats if one.field is None)
        return replace(self, formats=own or shared, field=field)

    def moment(self, text: str) -> datetime:
        """Parse a moment; raise ValueError with the reason, like ``read_moment``.

        Examples
        --------
        >>> from gridmgmt.domain.date_format import parse_format
        >>> stated = DateReader(formats=(parse_format("MM/DD/YYYY hh:mm A"),))
        >>> stated.moment("01/05/2015 12:40 PM").isoformat()
        '2015-01-05T12:40:00+08:00'
        """
        if self._needs_format(text):
            return settled(self._as_stated(text), text, self.tz)
        try:
            return read_moment(text, self.tz)
        except ValueError:
            self._name_formats(text)
            raise

    def day(self, text: str) -> date:
        """Parse a day; raise ValueError with the reason, like ``read_day``."""
        return settled_day(self.written(text), text, self.tz)

    def written(self, text: str) -> datetime:
        """Parse a date and time as written: without an offset the result has none."""
        if self._needs_format(text):
            return self._as_stated(text)
        try:
            return read_written(text)
        except ValueError:
            self._name_formats(text)
            raise

    def _needs_format(self, text: str) -> bool:
        return bool(self.formats) and not isinstance(text, StoredTime)

    def _as_stated(self, text: str) -> datetime:
        """Parse a date by the stated formats, or one that begins with the year."""
        readings: dict[datetime, DateFormat] = {}
        for stated in self.formats:
            with suppress(ValueError):
                readings.setdefault(stated.read(text), stated)
        if len(readings) > 1:
            # 01010100 as DDMMYYYY is of the year 100: a day that nobody means is no reading.
            meant = {one: by for one, by in readings.items() if self._is_meant(one)}
            readings = meant or readings
        if len(readings) > 1:
            raise ValueError(self._several(text, readings))
        if readings:
            return next(iter(readings))
        # What has the form of a stated format and is no day by it is a slip, and no other day.
        has_form = any(stated.pattern.fullmatch(text) for stated in self.formats)
        # Nor is one read with day and month exchanged where the day comes before the month.
        is_odd = any(stated.order == ("year", "day", "month") for stated in self.formats)
        if has_form or is_odd:
            raise ValueError(self._misfit(text))
        try:
            return read_written(text)
        except ValueError:
            options = self._other_formats(text)
            if options:
                told = Sentence("{}; state its format too: {}", self._misfit(text), options)
                raise ValueError(told) from None
            if _YEAR_FIRST.match(text):
                raise
            raise ValueError(self._misfit(text)) from None

    def _is_meant(self, reading: datetime) -> bool:
        year = on_clock(reading, self.tz).year
        return EARLIEST_YEAR <= year <= LATEST_YEAR or is_no_end(reading, self.tz)

    def _several(self, text: str, readings: Mapping[datetime, DateFormat]) -> Sentence:
        ways = (
            Sentence("{} by the format {}", _shown(one), by.text)
            for one, by in readings.items()
        )
        options = [self._option(by.text, self.field) for by in readings.values()]
        return Sentence(
            "{} is read in several ways ({}); state one of them for this field: {}",
            repr(text),
            joined(", ", ways),
            ", ".join(options),
        )

    def _misfit(self, text: str) -> Sentence:
        names = ", ".join(stated.text for stated in self.formats)
        if len(self.formats) == 1:
            return Sentence("{} does not fit the format {}", repr(text), names)
        return Sentence("{} fits none of the formats {}", repr(text), names)

    def _other_formats(self, text: str) -> str:
        """Return formats that a person may state beside the stated ones, as to be typed."""
        known = map(parse_format, formats_of(text) if self.can_state else [])
        field = self.formats[0].field
        return ", ".join(
            self._option(one.text, field)
            for one in known
            if all(one.agrees_with(stated) for stated in self.formats)
        )

    @staticmethod
    def _option(text: str, field: str | None) -> str:
        return f'--date-format "{text if field is None else f"{field}={text}"}"'

    def _name_formats(self, text: str) -> None:
        """Raise ValueError with the formats that a text fits, if there are any."""
        formats = formats_of(text) if self.can_state else []
        if formats:
            options = ", ".join(self._option(one, None) for one in formats)
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
            return is_no_end(self.written(text), self.tz)
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
        if self.formats or not isinstance(self.tz, ZoneInfo):
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
    """Return the columns with the reader of dates given to those that hold dates.

    Raises
    ------
    InputError
        when a format is stated for a field that holds no dates
    """
    check_fields(dates, [column.name for column in columns if column.is_dated])
    return tuple(
        replace(
            column,
            parse=partial(column.parse, dates.of(column.name)),
            is_dated=False,
            takes_times=True,
        )
        if column.is_dated
        else column
        for column in columns
    )


def check_fields(dates: DateReader, fields: Sequence[str]) -> None:
    """Raise InputError if a format is stated for another field than these."""
    named = dict.fromkeys(one.field for one in dates.formats if one.field is not None)
    unknown = [field for field in named if field not in fields]
    if unknown:
        raise InputError(
            field="date-format",
            message=Sentence(
                "there is no field of dates {}; choose of {}",
                ", ".join(unknown),
                ", ".join(fields),
            ),
        )


def _shown(read: datetime) -> str:
    is_day = read.tzinfo is None and read.time() == time()
    return read.date().isoformat() if is_day else read.isoformat(" ", "minutes")
