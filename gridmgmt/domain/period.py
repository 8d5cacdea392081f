"""Periods: whole days in the bureau's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# What pages, commands and programs are shown without a first day.
USUAL_DAYS = 30


def in_order(first: date, last: date, *, field: str = "from") -> None:
    """Raise InputError if the first day comes after the last.

    Raises
    ------
    InputError
        about ``field``, when they are in the wrong order
    """
    if first > last:
        message = Sentence("{} is after {}; put the earlier day first", first, last)
        raise InputError(field=field, message=message)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the bureau's time zone, ``last`` included.

    Examples
    --------
    >>> period = Period(date(2026, 10, 2), date(2026, 10, 31), ZoneInfo("Asia/Shanghai"))
    >>> period.days, period.end.isoformat()
    (30, '2026-11-01T00:00:00+08:00')
    """

    first: date
    last: date
    tz: ZoneInfo

    @classmethod
    def asked(cls, first: date | None, last: date, tz: ZoneInfo) -> Self:
        """Return the period that somebody asked for; without a first day the usual one.

        Raises
        ------
        InputError
            when the first day comes after the last
        """
        first = first or last - timedelta(days=USUAL_DAYS - 1)
        in_order(first, last)
        return cls(first, last, tz)

    @property
    def days(self) -> int:
        """Return the number of days."""
        return (self.last - self.first).days + 1

    @property
    def begin(self) -> datetime:
        """Return the first instant."""
        return datetime.combine(self.first, time(), self.tz)

    @property
    def end(self) -> datetime:
        """Return the first instant after the period."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.tz)

    @property
    def before(self) -> "Period":
        """Return the period of equal length right before this one.

        Examples
        --------
        >>> tz = ZoneInfo("Asia/Shanghai")
        >>> before = Period(date(2026, 10, 2), date(2026, 10, 31), tz).before
        >>> before.first.isoformat(), before.last.isoformat()
        ('2026-09-02', '2026-10-01')
        """
        last = self.first - timedelta(days=1)
        return Period(last - (self.last - self.first), last, self.tz)

    @property
    def year_before(self) -> "Period":
        """Return the period with as many days that begins on the same date a year earlier.

        For the 29th of February that is the 28th.

        Examples
        --------
        >>> tz = ZoneInfo("Asia/Shanghai")
        >>> was = Period(date(2024, 2, 29), date(2024, 3, 2), tz).year_before
        >>> was.first.isoformat(), was.last.isoformat()
        ('2023-02-28', '2023-03-02')
        """
        day = 28 if (self.first.month, self.first.day) == (2, 29) else self.first.day
        first = self.first.replace(year=self.first.year - 1, day=day)
        return Period(first, first + (self.last - self.first), self.tz)

    def each_day(self) -> list[date]:
        """Return the days in order."""
        return [self.first + timedelta(days=n) for n in range(self.days)]


class NamedPeriod(StrEnum):
    """The periods that people call by a name; weeks begin on Monday."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"


def named_period(name: NamedPeriod, today: date, tz: ZoneInfo) -> Period:
    """Return the days that a name means today; what has not ended yet ends with today.

    Examples
    --------
    >>> tz, sunday = ZoneInfo("Asia/Shanghai"), date(2026, 3, 1)
    >>> for name in ("this_week", "last_week", "last_month"):
    ...     found = named_period(NamedPeriod(name), sunday, tz)
    ...     print(found.first, found.last)
    2026-02-23 2026-03-01
    2026-02-16 2026-02-22
    2026-02-01 2026-02-28
    """
    one = timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    first, last = {
        NamedPeriod.TODAY: (today, today),
        NamedPeriod.YESTERDAY: (today - one, today - one),
        NamedPeriod.THIS_WEEK: (monday, today),
        NamedPeriod.LAST_WEEK: (monday - 7 * one, monday - one),
        NamedPeriod.THIS_MONTH: (month, today),
        NamedPeriod.LAST_MONTH: ((month - one).replace(day=1), month - one),
    }[name]
    return Period(first, last, tz)


def full_months_before(day: date, count: int, tz: ZoneInfo) -> list[Period]:
    """Return the last calendar months that had ended before a day, the oldest first.

    Examples
    --------
    >>> months = full_months_before(date(2026, 3, 1), 3, ZoneInfo("Asia/Shanghai"))
    >>> [f"{one.first} {one.last}" for one in months]
    ['2025-12-01 2025-12-31', '2026-01-01 2026-01-31', '2026-02-01 2026-02-28']
    """
    found: list[Period] = []
    last = day.replace(day=1) - timedelta(days=1)
    for _ in range(count):
        found.append(Period(last.replace(day=1), last, tz))
        last = found[-1].first - timedelta(days=1)
    return found[::-1]
