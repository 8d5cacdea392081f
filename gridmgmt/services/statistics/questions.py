"""Filters of cases as tables over the entries of columns."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.domain.cases.case import CaseDay, CaseMark, CaseStatus
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.moments import EARLIEST_YEAR, LATEST_YEAR
from gridmgmt.indicators.case_columns import (
    MARKS,
    NEVER,
    PROVISIONAL_BIT,
    STATUSES,
    CaseEntries,
    Entries,
    Place,
)
from gridmgmt.indicators.case_question import (
    ANY_STANDING,
    OPEN,
    STANDINGS,
    CaseMoment,
    Conditions,
)
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.responsibility.categories import list_categories

T = TypeVar("T", bound=Hashable)

_EVER = np.iinfo(np.int64).min
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_OPEN = (CaseStatus.TRIAGE, CaseStatus.DISPATCHED)
# Clocks that were asked for; each takes some 0.1 s to find out about.
_CLOCKS: RecentlyUsed[tuple[IntArray, IntArray]] = RecentlyUsed(most=4)
# Which places lie within the area of an account: a byte for each place.
_SIGHTS: RecentlyUsed[BoolArray] = RecentlyUsed(most=64)
_MOMENTS = {
    CaseDay.REPORTED: CaseMoment.REPORTED,
    CaseDay.DISPOSED: CaseMoment.DONE,
    CaseDay.CLOSED: CaseMoment.CLOSED,
}


def microseconds(moment: datetime) -> int:
    """Return an instant as microseconds since 1970 UTC, exactly.

    >>> microseconds(datetime(1970, 1, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai")))
    0
    """
    return (moment - EPOCH) // _US


def moment_of(wanted: CaseFilter) -> CaseMoment:
    """Return which instant of a case the period of a filter limits."""
    # Without a period, cases that were not done or closed match as well.
    if wanted.since is None and wanted.until is None:
        return CaseMoment.REPORTED
    return _MOMENTS[wanted.day_of]


def can_count(wanted: CaseFilter, edition: int | None, as_of: datetime) -> bool:
    """Return whether columns hold everything that a filter asks for.

    They hold neither texts nor traces nor who reported a case, and a question has one edition
    and one instant. What one person reported is little, and an index finds it.
    """
    is_judged = wanted.deadline is not None or wanted.overdue or wanted.open
    if is_judged and wanted.as_of not in (None, as_of):
        return False
    editions = {edition, wanted.in_no_area_of}
    if wanted.ground is not None:
        editions.add(wanted.ground.edition)
    if wanted.case_scope.reporter is not None:
        return False
    has_text = wanted.component or wanted.number_prefix or wanted.text
    return not has_text and len(editions - {None}) <= 1


def edition_of(wanted: CaseFilter) -> int | None:
    """Return the edition whose ground a filter names, None for none."""
    return wanted.in_no_area_of if wanted.ground is None else wanted.ground.edition


def bit_of(mark: CaseMark) -> int:
    """Return the bit of a mark in columns."""
    return 1 << MARKS.index(mark)


def starts(moments: Iterable[datetime]) -> IntArray:
    """Return instants as the (n,) ends of spans of time."""
    return np.array([microseconds(one) for one in moments], dtype=np.int64)


def conditions(
    conn: Connection, wanted: CaseFilter, entries: CaseEntries, as_of: datetime
) -> Conditions:
    """Return the tables of a filter; `can_count` must be true for it.

    Parameters
    ----------
    as_of : the instant at which deadlines are judged
    """
    until = NEVER if wanted.until is None else microseconds(wanted.until)
    return Conditions(
        place=_judged(wanted, entries.places),
        under=_under(wanted, entries.places),
        answerer=_answerers(wanted, entries),
        category=_categories(conn, wanted, entries.categories),
        channel=_channels(wanted, entries.channels),
        status=_statuses(wanted),
        must=_must(wanted),
        must_not=0 if wanted.unmarked is None else bit_of(wanted.unmarked),
        no_due=PROVISIONAL_BIT if wanted.without_provisional else 0,
        standings=_standings(wanted),
        since=_EVER if wanted.since is None else microseconds(wanted.since),
        until=until,
        reported_until=NEVER - 1 if wanted.as_of is None else microseconds(wanted.as_of),
        as_of=microseconds(as_of),
        due_until=NEVER if wanted.due_until is None else microseconds(wanted.due_until),
        hours=_hours(wanted),
        **_clock(wanted.tz),
    )


def without_limits(limits: Conditions) -> Conditions:
    """Return the conditions that all cases meet, judged at the same instant."""
    clock = _clock(None)
    return Conditions(
        place=np.ones_like(limits.place),
        under=np.ones_like(limits.under),
        answerer=np.ones_like(limits.answerer),
        category=np.ones_like(limits.category),
        channel=np.ones_like(limits.channel),
        status=np.ones_like(limits.status),
        must=0,
        must_not=0,
        no_due=0,
        standings=ANY_STANDING,
        since=_EVER,
        until=NEVER,
        reported_until=NEVER - 1,
        as_of=limits.as_of,
        due_until=NEVER,
        hours=np.zeros(0, dtype=bool),
        clock_from=clock["clock_from"],
        clock=clock["clock"],
    )


def days_between(since: datetime, until: datetime, tz: ZoneInfo) -> list[date]:
    """Return the days of a bureau's clock that have instants of ``[since, until)``."""
    first = since.astimezone(tz).date()
    last = (until - _US).astimezone(tz).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def midnights(days: Sequence[date], tz: ZoneInfo) -> IntArray:
    """Return the beginnings of days in a row, and the end of the last."""
    if not days:
        return starts([])
    each = [*days, days[-1] + timedelta(days=1)]
    return starts(datetime.combine(day, time(), tz) for day in each)


def _judged(wanted: CaseFilter, places: Entries[Place]) -> BoolArray:
    """Return which areas that judged cases match: what is in sight, and what is unlocated."""
    table = np.ones(len(places), dtype=bool)
    if wanted.case_scope.leaves is not None:
        table &= _in_sight(places, wanted.case_scope.leaves)
    if wanted.unlocated_reason is not None:
        table &= _only(places, [Place(None, wanted.unlocated_reason)])
    elif wanted.unlocated:
        table &= np.array([not place.is_area for place in places], dtype=bool)
    return table


def _in_sight(places: Entries[Place], leaves: tuple[tuple[int, str], ...]) -> BoolArray:
    # A page of an account limited to an area asks half a dozen questions, each within it.
    key = places.version, leaves
    return _SIGHTS.get(key, lambda: _only(places, (Place(*leaf) for leaf in leaves)))


def _under(wanted: CaseFilter, places: Entries[Place]) -> BoolArray:
    """Return which places under the edition of the question match."""
    table = np.ones(len(places), dtype=bool)
    if wanted.ground is not None:
        table &= _only(places, (Place(*leaf) for leaf in wanted.ground.standing))
    if wanted.in_no_area_of is not None:
        table &= _only(places, [Place(wanted.in_no_area_of, None)])
    return table


def _answerers(wanted: CaseFilter, entries: CaseEntries) -> BoolArray:
    codes = {wanted.responder_code, wanted.case_scope.responder_code} - {None}
    if not codes and not wanted.reasons:
        return _all(entries.answerers)
    return np.array(
        [
            all(one.code == code for code in codes)
            and (not wanted.reasons or one.reason in wanted.reasons)
            for one in entries.answerers
        ],
        dtype=bool,
    )


def _categories(conn: Connection, wanted: CaseFilter, categories: Entries[str]) -> BoolArray:
    table = _all(categories)
    if wanted.category is not None:
        table &= _only(categories, [wanted.category])
    if wanted.category_class is not None or wanted.major_class is not None:
        of_class = [
            one.code
            for one in list_categories(conn)
            if wanted.category_class in (None, one.category_class)
            and wanted.major_class in (None, one.major_class)
        ]
        table &= _only(categories, of_class)
    return table


def _channels(wanted: CaseFilter, channels: Entries[str | None]) -> BoolArray:
    return _only(channels, wanted.channels) if wanted.channels else _all(channels)


def _must(wanted: CaseFilter) -> int:
    mark = 0 if wanted.mark is None else bit_of(wanted.mark)
    return mark | (PROVISIONAL_BIT if wanted.deadline is Deadline.PROVISIONAL else 0)


def _standings(wanted: CaseFilter) -> int:
    standings = ANY_STANDING
    if wanted.deadline is not None:
        standings &= STANDINGS[wanted.deadline]
    if wanted.overdue:
        standings &= STANDINGS[Deadline.OVERDUE]
    # Without an instant, the status says what is open (`_statuses`).
    if wanted.open and wanted.as_of is not None:
        standings &= OPEN
    return standings


def _hours(wanted: CaseFilter) -> BoolArray:
    """Return which hours of a week match, from Monday 0:00 on; empty: all."""
    if not (wanted.weekdays or wanted.hours):
        return np.zeros(0, dtype=bool)
    hour = np.arange(7 * 24)
    table = np.ones(len(hour), dtype=bool)
    if wanted.weekdays:
        table &= np.isin(hour // 24 + 1, wanted.weekdays)
    if wanted.hours:
        table &= np.isin(hour % 24, wanted.hours)
    return table


def _clock(tz: ZoneInfo | None) -> dict[str, IntArray]:
    """Return from when on a clock is how far ahead of UTC; that of UTC for None."""
    if tz is None:
        return {"clock_from": np.array([_EVER]), "clock": np.zeros(1, dtype=np.int64)}
    clock_from, clock = _CLOCKS.get(tz.key, lambda: _changes_of(tz))
    return {"clock_from": clock_from, "clock": clock}


def _changes_of(tz: ZoneInfo) -> tuple[IntArray, IntArray]:
    """Find all instants at which a clock is put forward or back, at most one a day."""

    def ahead(at: datetime) -> timedelta:
        return at.astimezone(tz).utcoffset() or timedelta()

    first = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC)
    days = (datetime(LATEST_YEAR, 12, 31, tzinfo=UTC) - first).days
    each = [ahead(first + timedelta(days=n)) for n in range(days)]
    clock_from, clock = [_EVER], [each[0] // _US]
    for n in range(1, days):
        if each[n] != each[n - 1]:
            day = first + timedelta(days=n - 1)
            seconds = [day + timedelta(seconds=second) for second in (0, 86_400)]
            while seconds[1] - seconds[0] > timedelta(seconds=1):
                half = timedelta(seconds=(seconds[1] - seconds[0]) // timedelta(seconds=2))
                middle = seconds[0] + half
                seconds[ahead(middle) == each[n]] = middle
            clock_from.append(microseconds(seconds[1]))
            clock.append(each[n] // _US)
    return np.array(clock_from), np.array(clock)


def _statuses(wanted: CaseFilter) -> BoolArray:
    return np.array(
        [
            wanted.status in (None, status)
            and (not wanted.open or wanted.as_of is not None or status in _OPEN)
            for status in STATUSES
        ],
        dtype=bool,
    )


def _all(entries: Entries[Any]) -> BoolArray:
    return np.ones(len(entries), dtype=bool)


def _only(entries: Entries[T], values: Iterable[T]) -> BoolArray:
    table = np.zeros(len(entries), dtype=bool)
    found = [entries.find(value) for value in values]
    table[[number for number in found if number is not None]] = True
    return table
