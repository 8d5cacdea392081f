"""Read moments and days as people and programs write them; the one rule at every door.

A moment without an offset is on the clock of a time zone. A day written as an instant is the
day on that clock. All lie in the years 1900 to 2199.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

import numpy as np

from gridmgmt.arrays import MomentArray
from gridmgmt.sentence import Sentence

# Plausible years; others are typing errors, or do not fit into all calendars.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199

# What registers write as the last day of something without an end.
NO_END = date(9999, 12, 31)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MIDNIGHT = time()

# The standard of components (GB/T 30428.2) writes days as eight digits. With the year last they
# would be no date: no month is 19, 20 or 21.
_EIGHT_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")

# Lengths of "2024-01-05 08:30" and "2024-01-05 08:30:00".
_PLAIN = (16, 19)

_DAY_FORM = r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
_FORM = re.compile(
    rf"{_DAY_FORM}"
    r"(?:\s*T\s*|\s+|(?<=日))([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    # Offsets of long ago have seconds: Shanghai had +08:05:43 until 1901.
    r"\s*(Z|z|UTC|[+-][0-9]{2}(?::[0-9]{2}:[0-9]{2}|:?[0-9]{2})?)?"
    # A day alone has an offset as XML writes it: 2026.03.01-20 are twenty days.
    rf"|{_DAY_FORM}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?"
)
# The hours that somebody is on duty, and not a time of Hawaii: 2026-03-01 08:00-10:00.
_RANGE = re.compile(r"[^T]* [0-9]{1,2}:[0-9]{2}\s*-[0-9]{2}:[0-9]{2}")

_INSTANT = re.compile(r"\b\d{4}-[\d-]{5}[T ][\d:]{5,8}(?:\.\d{1,6})?(?:Z\b|[+-][\d:]{5,8})")

# No clock of the world is farther from UTC; PostgreSQL takes no offset beyond 15:59.
_MOST_OFFSET = timedelta(hours=14)


def read_moment(text: str, tz: tzinfo) -> datetime:
    """Parse an ISO or common date, or date and time; the year comes first.

    A date alone means the beginning of the day. A time without an offset is in ``tz``: if it
    occurs twice, the first is meant. The result has a fixed offset, so that comparisons do not
    depend on rules of clock changes. Forms that begin with day or month are refused, since
    nobody can tell which is which.

    Raises
    ------
    ValueError
        when the text is not a time, the clock never shows it, or its year in ``tz`` is not in
        1900 to 2199

    Examples
    --------
    >>> read_moment("2014/1/5 8:30", timezone.utc).isoformat()
    '2014-01-05T08:30:00+00:00'
    >>> read_moment("2018-09-03T14:05:10+08:00", timezone.utc).isoformat()
    '2018-09-03T14:05:10+08:00'
    >>> read_moment("2014年1月5日", timezone.utc).isoformat()
    '2014-01-05T00:00:00+00:00'
    """
    return settled(_read_plain(text) or read_written(text), text, tz)


def read_day(text: str, tz: tzinfo) -> date:
    """Parse a day: ISO, eight digits, or with slashes, dots or 年月日; the year comes first.

    A time after it is ignored if it has no offset. With an offset it is an instant, and the day
    is that of the clock in ``tz``.

    Raises
    ------
    ValueError
        when the text is no date, or lies outside the years 1900 to 2199

    Examples
    --------
    >>> china = timezone(timedelta(hours=8))
    >>> read_day("2026/3/1", china).isoformat()
    '2026-03-01'
    >>> read_day("2026-03-01T16:00:00Z", china).isoformat()
    '2026-03-02'
    """
    return settled_day(read_written(text), text, tz)


def read_written(text: str) -> datetime:
    """Parse a date and time as written: without an offset the result has none.

    Raises
    ------
    ValueError
        when the text is not a time, or there is no such day
    """
    compact = _EIGHT_DIGITS.fullmatch(text)
    match = _FORM.fullmatch("-".join(compact.groups()) if compact else text)
    if match is None:
        raise ValueError(
            Sentence("{} is no date; write 2024-01-05 or 2024-01-05 08:30", repr(text))
        )
    if _RANGE.fullmatch(text):
        raise ValueError(
            Sentence(
                "{} may be a span of hours; write a time with seconds before its offset",
                repr(text),
            )
        )
    year, month, day, hour, minute, second, fraction, offset, *alone = match.groups()
    if hour is None:
        year, month, day, offset = alone
    try:
        return datetime(
            int(year or 0),
            int(month or 0),
            int(day or 0),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=read_offset(offset) if offset else None,
        )
    except ValueError as error:
        parts = (int(part or 0) for part in (year, month, day, hour, minute, second))
        fault = _missing(*parts) or error
        raise ValueError(Sentence("{} is no date ({})", repr(text), fault)) from None


def _missing(
    year: int, month: int, day: int, hour: int, minute: int, second: int
) -> Sentence | None:
    """Return which part of a date and time no calendar or clock has, or None if all exist."""
    if year < 1:
        return Sentence("there is no year {}", year)
    if not 1 <= month <= 12:
        return Sentence("there is no month {}", month)
    if not 1 <= day <= monthrange(year, month)[1]:
        return Sentence("{}-{} has no day {}", f"{year:04}", f"{month:02}", day)
    if hour > 23:
        return Sentence("there is no hour {}", hour)
    if minute > 59:
        return Sentence("there is no minute {}", minute)
    return Sentence("there is no second {}", second) if second > 59 else None


def settled(written: datetime, text: str, tz: tzinfo) -> datetime:
    """Return a time as written as a moment with a fixed offset; errors name ``text``.

    Raises
    ------
    ValueError
        when the clock in ``tz`` never shows it, or its year there is not in 1900 to 2199
    """
    if written.tzinfo is None:
        _check_year(written.year, text)
        return _first_on_clock(written, text, tz)
    _check_year(on_clock(written, tz).year, text)
    return written


def settled_day(written: datetime, text: str, tz: tzinfo) -> date:
    """Return the day of a time as written; an instant has the day of the clock in ``tz``.

    Raises
    ------
    ValueError
        when it lies outside the years 1900 to 2199
    """
    local = on_clock(written, tz)
    _check_year(local.year, text)
    return local.date()


def is_no_end(written: datetime, tz: tzinfo) -> bool:
    """Return whether a time as written stands for a last day that never comes.

    Examples
    --------
    >>> is_no_end(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), timezone.utc)
    True
    >>> is_no_end(datetime(9998, 12, 31), timezone.utc)
    False
    """
    return NO_END in (written.date(), on_clock(written, tz).date())


def on_clock(written: datetime, tz: tzinfo) -> datetime:
    """Return what the clock in ``tz`` shows; a time without an offset is what it shows.

    At the ends of the calendar, which stored data of older versions may hold, the time is
    returned as it is.

    Examples
    --------
    >>> china = timezone(timedelta(hours=8))
    >>> on_clock(datetime(2025, 12, 31, 16, tzinfo=UTC), china).isoformat()
    '2026-01-01T00:00:00+08:00'
    >>> on_clock(datetime(9999, 12, 31, 23, 59, tzinfo=UTC), china).isoformat()
    '9999-12-31T23:59:00+00:00'
    """
    try:
        return written if written.tzinfo is None else written.astimezone(tz)
    except OverflowError:
        return written


def _check_year(year: int, text: str) -> None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(outside_years(text))


def outside_years(text: str) -> Sentence:
    """Return what is wrong with a time in a year that nobody means."""
    return Sentence(
        "{} lies outside the years {} to {}; if no time is set, leave it empty",
        repr(text),
        EARLIEST_YEAR,
        LATEST_YEAR,
    )


def skipped(text: str, tz: tzinfo) -> Sentence:
    """Return what is wrong with a local time that the clock in ``tz`` never shows."""
    return Sentence("{} never was in {}: the clocks were set forward over it", repr(text), tz)


def _first_on_clock(clock: datetime, text: str, tz: tzinfo) -> datetime:
    """Return the moment at which a clock first shows this time."""
    first = clock.replace(tzinfo=tz)
    offset = first.utcoffset()
    # Only around a change of the clock do the two differ.
    if offset != first.replace(fold=1).utcoffset():
        shown_then = first.astimezone(UTC).astimezone(tz).replace(tzinfo=None, fold=0)
        # A day may begin after midnight; files write its beginning as 00:00 all the same.
        begins_day = clock.time() == _MIDNIGHT and shown_then.date() == clock.date()
        if shown_then != clock and not begins_day:
            raise ValueError(skipped(text, tz))
    return clock.replace(tzinfo=_fixed(offset))


@lru_cache(maxsize=256)
def _fixed(offset: timedelta | None) -> timezone:
    """Return a zone with one offset; equal ones are the same, which makes comparing quick."""
    return timezone(offset or timedelta())


def _read_plain(text: str) -> datetime | None:
    """Parse the usual form of files: ISO to the minute or second without an offset.

    ``datetime.fromisoformat`` is many times faster than the other way, but accepts much more.
    """
    if len(text) not in _PLAIN or text[4] != "-" or text[7] != "-" or text[10] not in " T":
        return None
    if text[13] != ":" or (len(text) > 16 and text[16] != ":"):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def shown(moment: datetime, tz: tzinfo) -> str:
    """Return a time for people in their time zone, to the minute.

    Examples
    --------
    >>> shown(datetime(2025, 12, 31, 16, tzinfo=UTC), timezone(timedelta(hours=8)))
    '2026-01-01 00:00'
    """
    return f"{on_clock(moment, tz):%Y-%m-%d %H:%M}"


def with_clock(text: str, tz: tzinfo) -> str:
    """Return a text with every ISO instant in it as the clock in ``tz`` shows it, with seconds.

    Examples
    --------
    >>> with_clock("from 2025-12-31T16:00:00.25+00:00 on", timezone(timedelta(hours=8)))
    'from 2026-01-01 00:00 on'
    """

    def local(found: re.Match[str]) -> str:
        try:
            at = datetime.fromisoformat(found[0])
        except ValueError:
            return found[0]
        return shown(at, tz) + (f":{at:%S}" if at.second else "")

    return _INSTANT.sub(local, text)


def read_offset(offset: str) -> timezone:
    """Parse an offset: Z, UTC, +08, +0800, +08:00 or +08:05:43.

    Examples
    --------
    >>> read_offset("-0530")
    datetime.timezone(datetime.timedelta(days=-1, seconds=66600))
    """
    if offset.upper() in {"Z", "UTC"}:
        return UTC
    digits = offset[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    ahead = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    ahead = -ahead if offset[0] == "-" else ahead
    if max(minutes, seconds) > 59 or not is_offset(ahead):
        raise ValueError(no_clock(offset))
    return _fixed(ahead)


def no_clock(offset: str) -> Sentence:
    """Return what is wrong with an offset that no clock has."""
    return Sentence("no clock has the offset {}", offset)


def is_offset(ahead: timedelta) -> bool:
    """Return whether a clock can be ahead of UTC by this much."""
    return abs(ahead) <= _MOST_OFFSET


def as_utc64(moments: Sequence[datetime | None]) -> MomentArray:
    """Return aware times as an array.

    Returns
    -------
    (n,) datetime64 in microseconds, UTC; NaT for None

    Examples
    --------
    >>> at = datetime.fromisoformat("2024-01-05T08:00:00+08:00")
    >>> as_utc64([at, None]).astype(str).tolist()
    ['2024-01-05T00:00:00.000000', 'NaT']
    """
    nat = np.iinfo(np.int64).min
    ticks = [nat if at is None else (at - _EPOCH) // _MICROSECOND for at in moments]
    return np.array(ticks, dtype=np.int64).view("datetime64[us]")
