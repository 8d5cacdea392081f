"""Filters of cases as tables over the entries of columns."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.domain.cases.case import CaseDay, CaseMark, CaseStatus
from gridmgmt.indicators.case_columns import MARKS, NEVER, STATUSES, CaseEntries, Entries, Place
from gridmgmt.indicators.case_counting import STANDINGS, CaseMoment, Conditions
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.responsibility.categories import list_categories

T = TypeVar("T", bound=Hashable)

_EVER = np.iinfo(np.int64).min
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_OPEN = (CaseStatus.TRIAGE, CaseStatus.DISPATCHED)
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
    return (moment - _EPOCH) // _US


def moment_of(wanted: CaseFilter) -> CaseMoment:
    """Return which instant of a case the period of a filter limits."""
    # Without a period, cases that were not done or closed match as well.
    if wanted.since is None and wanted.until is None:
        return CaseMoment.REPORTED
    return _MOMENTS[wanted.day_of]


def can_count(wanted: CaseFilter, edition: int | None, as_of: datetime) -> bool:
    """Return whether columns hold everything that a filter asks for.

    They hold neither texts nor traces, and a question has one edition and one instant.
    """
    if wanted.deadline is not None and wanted.as_of != as_of:
        return False
    editions = {edition, wanted.in_no_area_of}
    if wanted.ground is not None:
        editions.add(wanted.ground.edition)
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
        channel=_all(entries.channels),
        status=_statuses(wanted),
        must=0 if wanted.mark is None else bit_of(wanted.mark),
        must_not=0 if wanted.unmarked is None else bit_of(wanted.unmarked),
        standings=0 if wanted.deadline is None else STANDINGS[wanted.deadline],
        since=_EVER if wanted.since is None else microseconds(wanted.since),
        until=until,
        reported_until=NEVER - 1 if wanted.as_of is None else microseconds(wanted.as_of),
        as_of=microseconds(as_of),
        hours=np.zeros(0, dtype=bool),
        clock_from=np.array([_EVER]),
        clock=np.zeros(1, dtype=np.int64),
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
        table &= _only(places, (Place(*leaf) for leaf in wanted.case_scope.leaves))
    if wanted.unlocated_reason is not None:
        table &= _only(places, [Place(None, wanted.unlocated_reason)])
    elif wanted.unlocated:
        table &= np.array([not place.is_area for place in places], dtype=bool)
    return table


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
    if not codes and wanted.reason is None:
        return _all(entries.answerers)
    return np.array(
        [
            all(one.code == code for code in codes)
            and (wanted.reason is None or one.reason == wanted.reason)
            for one in entries.answerers
        ],
        dtype=bool,
    )


def _categories(conn: Connection, wanted: CaseFilter, categories: Entries[str]) -> BoolArray:
    table = _all(categories)
    if wanted.category is not None:
        table &= _only(categories, [wanted.category])
    if wanted.category_class is not None:
        of_class = [
            one.code
            for one in list_categories(conn)
            if one.category_class == wanted.category_class
        ]
        table &= _only(categories, of_class)
    return table


def _statuses(wanted: CaseFilter) -> BoolArray:
    return np.array(
        [
            wanted.status in (None, status) and (not wanted.open or status in _OPEN)
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
