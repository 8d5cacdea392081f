"""The hours that duties leave open, written as duty hours."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

import numpy as np
from numpy.typing import NDArray

from gridmgmt.domain.judging.hours import parse_hours

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = 24 * 60  # in minutes
_WEEKS = 53


def hours_left(texts: Iterable[str], day: date) -> str | None:
    """Return the hours of the week at which none of some duty hours is open.

    Parameters
    ----------
    texts : duty hours
    day : the year from this day counts

    Returns
    -------
    duty hours; None if no hours are left, all are, or they differ from week to week

    Examples
    --------
    >>> hours_left(["08:00-18:00"], date(2026, 5, 1))
    '18:00-08:00'
    >>> hours_left(["Mo-Fr 08:00-18:00"], date(2026, 5, 1))
    'Mo-Fr 00:00-08:00,18:00-24:00; Sa-Su 00:00-24:00'
    >>> hours_left(["May-Sep 06:00-20:00"], date(2026, 5, 1)) is None
    True
    """
    days = 7 * _WEEKS
    left = np.ones(days * _DAY, dtype=np.bool_)
    start = datetime.combine(day, time())
    for text in texts:
        for begin, end in parse_hours(text).open_spans(start, days):
            first, last = (int((at - start).total_seconds()) // 60 for at in (begin, end))
            left[first:last] = False
    weeks = left.reshape(_WEEKS, 7, _DAY)
    if left.all() or not left.any() or (weeks != weeks[0]).any():
        return None
    # From Monday on, whatever day the year begins with.
    week = np.roll(weeks[0], day.weekday(), axis=0)
    return _written([_spans(one) for one in week])


def _spans(minutes: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    edges = np.flatnonzero(np.diff(minutes.astype(np.int8), prepend=0, append=0))
    return tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _written(week: Sequence[tuple[tuple[int, int], ...]]) -> str:
    if len(set(week)) == 1:
        return _of_a_day(week[0], wraps=True)
    days_of: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for weekday, spans in enumerate(week):
        if spans:
            days_of.setdefault(spans, []).append(weekday)
    return "; ".join(
        f"{_weekdays(days)} {_of_a_day(spans, wraps=False)}" for spans, days in days_of.items()
    )


def _of_a_day(spans: Sequence[tuple[int, int]], *, wraps: bool) -> str:
    """Write the spans of a day; one night of every day is written through midnight."""
    if wraps and len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == _DAY:
        spans = [*spans[1:-1], (spans[-1][0], spans[0][1])]
    return ",".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _weekdays(days: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for one in days:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ",".join(
        _WEEKDAYS[run[0]] if len(run) == 1 else f"{_WEEKDAYS[run[0]]}-{_WEEKDAYS[run[-1]]}"
        for run in runs
    )
