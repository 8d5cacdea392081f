"""Every figure of cases: counted in columns where this process has them, else in SQL.

Both give the same answers (``tests/services/statistics``). The functions are those of
``store/cases/case_figures.py``, with the same meaning.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseMark, CaseStatus, UnroutedReason
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.indicators.case_columns import PER_DEGREE
from gridmgmt.indicators.case_question import By, CaseMoment
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.statistics.column_state import ColumnState
from gridmgmt.services.statistics.counting import Counting, state_of
from gridmgmt.services.statistics.questions import (
    EPOCH,
    bit_of,
    can_count,
    days_between,
    microseconds,
    midnights,
    starts,
)
from gridmgmt.store.cases import case_figures as sql
from gridmgmt.store.cases import case_pages
from gridmgmt.store.cases.case_figures import Done, LeafFigures, OverdueByAge, SquareCounts
from gridmgmt.store.cases.case_filter import CaseFilter


def revision(conn: Connection, as_of: datetime) -> Hashable | None:
    """Return what stays the same while no figure of cases changes, None if nobody knows.

    With an equal revision every figure is the same, as this transaction sees the cases and
    judges them at ``as_of``: no case has changed, no deadline and no report has passed.
    """
    counting = Counting.of(conn, CaseFilter(), as_of)
    if counting is None:
        return None
    return counting.state.content, counting.holds_until()


def figures(conn: Connection, wanted: CaseFilter, as_of: datetime) -> DeadlineCounts:
    """Count all cases of a filter, judged at a fixed instant."""
    counting = Counting.of(conn, wanted, as_of)
    if counting is None:
        return sql.figures(conn, wanted, as_of)
    return DeadlineCounts(*counting.count()[0, 0, 0].tolist())


def count_cases(conn: Connection, wanted: CaseFilter) -> int:
    """Count the cases of a filter."""
    return count_each(conn, [wanted])[0]


def count_each(conn: Connection, filters: Sequence[CaseFilter]) -> list[int]:
    """Count the cases of several filters, in their order.

    What columns can count is all counted in one state of the cases.
    """
    state = state_of(conn) if filters else None
    return [_count(conn, wanted, state) for wanted in filters]


def _count(conn: Connection, wanted: CaseFilter, state: ColumnState | None) -> int:
    as_of = wanted.as_of or EPOCH
    if state is None or not can_count(wanted, None, as_of):
        return case_pages.count_cases(conn, wanted)
    counting = Counting.in_state(conn, state, wanted, as_of)
    return int(counting.count()[0, 0, 0, 0])


def figures_by_leaf(
    conn: Connection, wanted: CaseFilter, edition: int | None, as_of: datetime
) -> LeafFigures:
    """Count the cases of a filter by the leaf area in which each lies under an edition."""
    counting = Counting.of(conn, wanted, as_of, edition=edition)
    if counting is None:
        return sql.figures_by_leaf(conn, wanted, edition, as_of)
    leaves = counting.leaves()
    here, at_default = counting.count(
        groups=leaves.group_of_place, apart=bit_of(CaseMark.DEFAULT_POSITION)
    )[:, :, 0]
    found = np.flatnonzero(here[:, 0])
    return LeafFigures(
        codes=[leaves.codes[group] for group in found.tolist()],
        is_located=leaves.is_located[found],
        counts=here[found],
        at_default=DeadlineCounts(*at_default.sum(axis=0).tolist()),
    )


def figures_by_day(
    conn: Connection, wanted: CaseFilter, as_of: datetime, tz: ZoneInfo
) -> dict[date, DeadlineCounts]:
    """Count the cases of a filter by the day of their report; days without cases are absent."""
    counting = Counting.of(conn, wanted, as_of)
    if counting is None:
        return sql.figures_by_day(conn, wanted, as_of, tz)
    days = counting.days(tz)
    counted = counting.count(spans=midnights(days, tz))[0, 0]
    return {
        day: DeadlineCounts(*counts)
        for day, counts in zip(days, counted.tolist(), strict=False)
        if counts[0]
    }


def figures_by_responder(
    conn: Connection, wanted: CaseFilter, as_of: datetime
) -> dict[str | None, DeadlineCounts]:
    """Count the cases of a filter by who has them, None for nobody; others are absent."""
    counting = Counting.of(conn, wanted, as_of)
    if counting is None:
        return sql.figures_by_responder(conn, wanted, as_of)
    # Those who have none differ in the reason, and are one group.
    codes = [one.code for one in counting.entries.answerers]
    group_of = {code: n for n, code in enumerate(dict.fromkeys(codes))}
    groups = np.array([group_of[code] for code in codes], dtype=np.int64)
    counted = counting.count(groups=groups, by=By.ANSWERER)[0, :, 0].tolist()
    return {
        code: DeadlineCounts(*counts)
        for code, counts in zip(group_of, counted, strict=False)
        if counts[0]
    }


def count_by_step(
    conn: Connection, wanted: CaseFilter, step: str, tz: ZoneInfo
) -> dict[date, int]:
    """Count the cases of a filter by the day, week or month of their report, in order."""
    counting = Counting.of(conn, wanted, EPOCH)
    if counting is None:
        return sql.count_by_step(conn, wanted, step, tz)
    days = counting.days(tz)
    found: Counter[date] = Counter()
    counted = counting.count(spans=midnights(days, tz))[0, 0, :, 0]
    for day, cases in zip(days, counted.tolist(), strict=False):
        if cases:
            found[_start(day, step)] += cases
    return dict(found)


def done_by_day(
    conn: Connection, wanted: CaseFilter, since: datetime, until: datetime, tz: ZoneInfo
) -> dict[date, Done]:
    """Count the cases of a filter disposed of and closed on each day of ``[since, until)``."""
    counting = Counting.of(conn, wanted, EPOCH)
    if counting is None:
        return sql.done_by_day(conn, wanted, since, until, tz)
    days = days_between(since, until, tz)
    ends = midnights(days, tz)
    ends[0], ends[-1] = microseconds(since), microseconds(until)
    disposed, closed = (
        counting.count(spans=ends, spans_of=moment)[0, 0, :, 0].tolist()
        for moment in (CaseMoment.DONE, CaseMoment.CLOSED)
    )
    return {
        day: Done(*both)
        for day, *both in zip(days, disposed, closed, strict=False)
        if any(both)
    }


def overdue_by_age(conn: Connection, wanted: CaseFilter, as_of: datetime) -> OverdueByAge:
    """Count the overdue cases of a filter at an instant, by the time past their deadline."""
    overdue = replace(wanted, deadline=Deadline.OVERDUE, as_of=as_of)
    counting = Counting.of(conn, overdue, as_of)
    if counting is None:
        return sql.overdue_by_age(conn, wanted, as_of)
    # A case that is late by exactly a day is one to three days late.
    ends = starts(as_of - timedelta(days=days) for days in (7, 3, 1, 0)) + 1
    ends = np.array([np.iinfo(np.int64).min, *ends])
    ages = counting.count(spans=ends, spans_of=CaseMoment.DUE)[0, 0, :, 0]
    return OverdueByAge(*ages[::-1].tolist())


def waiting_by_reason(conn: Connection, wanted: CaseFilter) -> dict[UnroutedReason, int]:
    """Count the cases of a filter that wait for a person to route them, by reason."""
    counting = Counting.of(conn, replace(wanted, status=CaseStatus.TRIAGE), EPOCH)
    if counting is None:
        return sql.waiting_by_reason(conn, wanted)
    reasons = list(UnroutedReason)
    of_reason = np.array(
        [
            -1 if one.reason is None else reasons.index(UnroutedReason(one.reason))
            for one in counting.entries.answerers
        ],
        dtype=np.int64,
    )
    counted = counting.count(groups=of_reason, by=By.ANSWERER)[0, :, 0, 0].tolist()
    return {reason: counted[n] if n < len(counted) else 0 for n, reason in enumerate(reasons)}


def count_positions(
    conn: Connection, wanted: CaseFilter, *, step_lon: float, step_lat: float
) -> SquareCounts:
    """Count the located cases of a filter in the squares of a grid in degrees."""
    default = CaseMark.DEFAULT_POSITION
    counting = Counting.of(conn, wanted, EPOCH)
    if counting is None:
        return sql.count_positions(conn, wanted, step_lon=step_lon, step_lat=step_lat)
    x, y, counts = counting.squares(
        step_lon * PER_DEGREE, step_lat * PER_DEGREE, without_mark=bit_of(default)
    )
    at_default = counting.count(apart=bit_of(default))[1, 0, 0, 0]
    lon, lat = x.astype(np.float64) * step_lon, y.astype(np.float64) * step_lat
    return SquareCounts(lon, lat, counts, int(at_default))


def _start(day: date, step: str) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day
