"""Parse times of files, and convert times to arrays."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import numpy as np

from gridmgmt.arrays import MomentArray
from gridmgmt.sentence import Sentence

# Plausible years; others are typing errors, or do not fit into all calendars.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Lengths of "2024-01-05 08:30" and "2024-01-05 08:30:00".
_PLAIN = (16, 19)

_FORM = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:(?:\s*T\s*|\s+|(?<=日))(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?"
)


def read_moment(text: str, tz: tzinfo) -> datetime:
    """Parse an ISO or common date, or date and time; the year comes first.

    A date alone means 00:00. A time without an offset is in ``tz``; one with an offset keeps
    it. Forms that begin with day or month are refused, since nobody can tell which is which.

    Raises
    ------
    ValueError
        when the text is not a time, there is no such day, or it is before 1900

    Examples
    --------
    >>> read_moment("2014/1/5 8:30", timezone.utc).isoformat()
    '2014-01-05T08:30:00+00:00'
    >>> read_moment("2018-09-03T14:05:10+08:00", timezone.utc).isoformat()
    '2018-09-03T14:05:10+08:00'
    >>> read_moment("2014年1月5日", timezone.utc).isoformat()
    '2014-01-05T00:00:00+00:00'
    """
    moment = _read_plain(text, tz)
    if moment is not None:
        return moment
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(
            Sentence("{} is no date; write 2024-01-05 or 2024-01-05 08:30", repr(text))
        )
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=_zone(offset) if offset else tz,
        )
    except ValueError as error:
        raise ValueError(Sentence("{} is no date ({})", repr(text), error)) from None
    if moment.year < EARLIEST_YEAR:
        raise ValueError(Sentence("{} lies before {}", repr(text), EARLIEST_YEAR))
    return moment


def _read_plain(text: str, tz: tzinfo) -> datetime | None:
    """Parse the usual form of files: ISO to the minute or second without an offset.

    ``datetime.fromisoformat`` is many times faster than the other way, but accepts much more.
    """
    if len(text) not in _PLAIN or text[4] != "-" or text[7] != "-" or text[10] not in " T":
        return None
    if text[13] != ":" or (len(text) > 16 and text[16] != ":"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=tz) if moment.year >= EARLIEST_YEAR else None


def shown(moment: datetime, tz: tzinfo) -> str:
    """Return a time for people in their time zone, to the minute.

    Examples
    --------
    >>> shown(datetime(2025, 12, 31, 16, tzinfo=UTC), timezone(timedelta(hours=8)))
    '2026-01-01 00:00'
    """
    return f"{moment.astimezone(tz):%Y-%m-%d %H:%M}"


def _zone(offset: str) -> timezone:
    if offset.upper() in {"Z", "UTC"}:
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if offset[0] == "-" else ahead)


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
