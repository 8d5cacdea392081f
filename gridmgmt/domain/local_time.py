"""Convert arrays of times to and from a time zone, with the same results as Python."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from gridmgmt.arrays import BoolArray, IntArray, MomentArray
from gridmgmt.domain.moments import on_clock

Instants = MomentArray


def written_on_clock(moment: datetime, tz: ZoneInfo) -> str:
    """Return a moment as people write it, which is read back as the same instant.

    Examples
    --------
    >>> written_on_clock(datetime(2026, 3, 1, 0, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    '2026-03-01 08:30:00'
    >>> twice = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    >>> written_on_clock(twice, ZoneInfo("Europe/Berlin"))
    '2026-10-25 02:30:00+01:00'
    """
    local = on_clock(moment, tz)
    # Where a clock shows a time twice, one without an offset means the first.
    return str(local if local.fold else local.replace(tzinfo=None))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Offsets are compared day by day: no zone changes its offset and changes it back within one
# day.
_FROM, _TO = datetime(1899, 12, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, eq=False)
class _Offsets:
    """Offsets of a zone in seconds east of UTC; ``seconds[i + 1]`` counts from ``since[i]`` on.

    ``since`` are instants (UTC). ``local_since`` are local times from which the later offset is
    used. As with Python's ``fold=0``, a local time that occurs twice means the first, and one
    that is skipped uses the offset before.
    """

    since: IntArray
    local_since: IntArray
    seconds: IntArray


def local_days(at: Instants, tz: ZoneInfo) -> MomentArray:
    """Return the day of each instant in a time zone.

    Parameters
    ----------
    at : (n,) datetime64, UTC; NaT gives NaT

    Returns
    -------
    (n,) datetime64[D]; correct from 1900 to 2200, otherwise by the nearest known offset

    Examples
    --------
    >>> at = np.array(["2026-03-01T15:59:59", "2026-03-01T16:00:00", "NaT"], "datetime64[us]")
    >>> local_days(at, ZoneInfo("Asia/Shanghai")).astype(str).tolist()
    ['2026-03-01', '2026-03-02', 'NaT']
    """
    return to_local(at, tz).astype("datetime64[D]")


def to_local(at: Instants, tz: ZoneInfo) -> Instants:
    """Return the local time of each instant in a time zone, to the second.

    Parameters
    ----------
    at : (n,) datetime64, UTC; NaT gives NaT

    Returns
    -------
    (n,) datetime64[s] without an offset; correct from 1900 to 2200, like ``local_days``

    Examples
    --------
    >>> at = np.array(["2026-03-01T15:59:59"], "datetime64[us]")
    >>> to_local(at, ZoneInfo("Asia/Shanghai")).astype(str).tolist()
    ['2026-03-01T23:59:59']
    """
    offsets = _offsets(tz)
    seconds = at.astype("datetime64[s]")
    there = offsets.seconds[np.searchsorted(offsets.since, seconds.view(np.int64), "right")]
    moved: Instants = seconds + there.astype("timedelta64[s]")
    moved[np.isnat(at)] = np.datetime64("NaT")
    return moved


def from_local(clock: Instants, tz: ZoneInfo) -> Instants:
    """Convert local times in a time zone to instants.

    Parameters
    ----------
    clock : (n,) datetime64 without an offset; NaT gives NaT

    Returns
    -------
    (n,) datetime64[us], UTC; a local time that occurs twice means the first

    Examples
    --------
    >>> clock = np.array(["2026-03-01T08:00:00"], "datetime64[us]")
    >>> from_local(clock, ZoneInfo("Asia/Shanghai")).astype(str).tolist()
    ['2026-03-01T00:00:00.000000']
    """
    offsets = _offsets(tz)
    seconds = clock.astype("datetime64[s]").view(np.int64)
    there = offsets.seconds[np.searchsorted(offsets.local_since, seconds, "right")]
    instants: Instants = clock.astype("datetime64[us]") - there.astype("timedelta64[s]")
    return instants


def never_shown(clock: Instants, tz: ZoneInfo) -> BoolArray:
    """Return which local times a clock in a time zone never shows, being set forward over them.

    The beginning of a day is taken as 00:00, even where the clock begins it later.

    Parameters
    ----------
    clock : (n,) datetime64 without an offset; NaT is False

    Examples
    --------
    >>> clock = np.array(["2015-03-08T02:30", "2015-03-08T03:30", "NaT"], "datetime64[us]")
    >>> never_shown(clock, ZoneInfo("America/New_York")).tolist()
    [True, False, False]
    """
    seconds = clock.astype("datetime64[s]")
    there = to_local(from_local(seconds, tz), tz)
    day, day_there = seconds.astype("datetime64[D]"), there.astype("datetime64[D]")
    begins_day = (seconds == day) & (clock == day) & (day_there == day)
    is_skipped: BoolArray = (there != seconds) & ~begins_day & ~np.isnat(clock)
    return is_skipped


def steady_offset(earliest: datetime, latest: datetime, tz: ZoneInfo) -> timedelta | None:
    """Return the offset of a zone if it is the same between two local times, and near them.

    Examples
    --------
    >>> first, last = datetime(2014, 1, 1), datetime(2026, 1, 1)
    >>> steady_offset(first, last, ZoneInfo("Asia/Shanghai"))
    datetime.timedelta(seconds=28800)
    >>> steady_offset(first, last, ZoneInfo("America/New_York")) is None
    True
    """
    offsets = _offsets(tz)
    # No zone is more than a day from UTC.
    ends = [earliest.replace(tzinfo=UTC) - _DAY, latest.replace(tzinfo=UTC) + _DAY]
    first, last = (
        int(np.searchsorted(offsets.since, (end - _EPOCH) // _SECOND, "right")) for end in ends
    )
    return timedelta(seconds=int(offsets.seconds[first])) if first == last else None


@lru_cache(maxsize=8)
def _offsets(tz: ZoneInfo) -> _Offsets:
    since, local_since, seconds = [], [], [_offset(_FROM, tz)]
    day = _FROM
    while day < _TO:
        after = _offset(day + _DAY, tz)
        if after != seconds[-1]:
            at = (_change(day, tz) - _EPOCH) // _SECOND
            since.append(at)
            local_since.append(at + max(seconds[-1], after))
            seconds.append(after)
        day += _DAY
    arrays = (np.array(values, dtype=np.int64) for values in (since, local_since, seconds))
    return _Offsets(*arrays)


def _change(day: datetime, tz: ZoneInfo) -> datetime:
    """Return the second of the day beginning at ``day`` at which the offset changes."""
    before, low, high = _offset(day, tz), 0, 86_400
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(day + middle * _SECOND, tz) == before:
            low = middle
        else:
            high = middle
    return day + high * _SECOND


def _offset(at: datetime, tz: ZoneInfo) -> int:
    offset = at.astimezone(tz).utcoffset()
    assert offset is not None  # a ZoneInfo always knows
    return offset // _SECOND
