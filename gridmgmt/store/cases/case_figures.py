"""Count the cases of a filter for every figure: the filter of a figure is that of its list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.domain.cases.case import CaseMark, CaseStatus, UnroutedReason
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.indicators.case_columns import PER_DEGREE
from gridmgmt.indicators.rates import COUNT_NAMES, DeadlineCounts
from gridmgmt.store.cases.case_filter import CaseFilter, done_at, has_mark
from gridmgmt.store.cases.shown_leaves import leaf_under
from gridmgmt.store.schema import cases


@dataclass(frozen=True, slots=True)
class LeafFigures:
    """Figures of the leaf areas of an edition, without the cases ``at_default`` positions.

    (n,) codes, (n,) whether the cases are located, (n, 7) counts, whose columns are the fields
    of `DeadlineCounts` in their order. A code is None where cases have no area: unlocated, or
    located but in no area of this edition.
    """

    codes: Sequence[str | None]
    is_located: BoolArray
    counts: IntArray
    at_default: DeadlineCounts

    def __iter__(self) -> Iterator[tuple[str | None, bool, DeadlineCounts]]:
        """Yield code, whether the cases are located, and their counts."""
        rows = zip(self.codes, self.is_located.tolist(), self.counts.tolist(), strict=True)
        return ((code, located, DeadlineCounts(*counts)) for code, located, counts in rows)

    def added_up(self, codes: Sequence[str], area_of: Mapping[str, str]) -> IntArray:
        """Add leaf areas up to other areas.

        Parameters
        ----------
        codes : (k,) areas
        area_of : the area in which each leaf area lies; leaves without one may be absent

        Returns
        -------
        (k + 3, 6) sums of each area, then of leaf areas in none of these, of located cases in
        no area of the edition, and of unlocated cases
        """
        number = {code: n for n, code in enumerate(codes)}
        nowhere = len(codes), len(codes) + 1, len(codes) + 2
        at = [
            number.get(area_of.get(code, ""), nowhere[0])
            if code is not None
            else nowhere[1 if located else 2]
            for code, located in zip(self.codes, self.is_located.tolist(), strict=True)
        ]
        sums = np.zeros((len(codes) + 3, len(COUNT_NAMES)), dtype=np.int64)
        # add.at and not +=, since many leaf areas add to one area.
        np.add.at(sums, np.array(at, dtype=np.int64), self.counts)
        return sums


@dataclass(frozen=True, slots=True)
class SquareCounts:
    """Cases counted by squares: (n,) degrees of their centres, (n,) counts.

    ``at_default`` is the number of cases at default positions, located or not: they are in no
    square.
    """

    lon: FloatArray
    lat: FloatArray
    cases: IntArray
    at_default: int


@dataclass(frozen=True, slots=True)
class Done:
    """The numbers of cases disposed of and closed, whenever they were reported."""

    disposed: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class OverdueByAge:
    """The number of open cases past their deadline, by age; a day is 24 hours."""

    under_a_day: int
    one_to_three_days: int
    three_to_seven_days: int
    over_a_week: int

    @property
    def cases(self) -> int:
        """Return the number of overdue cases of all ages."""
        return (
            self.under_a_day
            + self.one_to_three_days
            + self.three_to_seven_days
            + self.over_a_week
        )


def figures(conn: Connection, wanted: CaseFilter, as_of: datetime) -> DeadlineCounts:
    """Count all cases of a filter, judged at a fixed instant."""
    query = (
        sa.select(*_counts(as_of, wanted.due_at)).select_from(cases).where(*wanted.conditions())
    )
    return DeadlineCounts(*conn.execute(query).one())


def figures_by_leaf(
    conn: Connection, wanted: CaseFilter, edition: int | None, as_of: datetime
) -> LeafFigures:
    """Count the cases of a filter by the leaf area in which each lies under an edition.

    ``edition`` None: no edition was published, and no case is located.
    """
    found = _by_leaf(conn, wanted, edition, as_of)
    # Apart, because the index that has all figures has no marks.
    apart = _by_leaf(conn, wanted, edition, as_of, *_at_default())
    for leaf in apart:
        # Somebody may have moved a case between the two statements.
        if leaf in found:
            found[leaf] = np.maximum(found[leaf] - apart[leaf], 0)
    found = {leaf: counts for leaf, counts in found.items() if counts[0]}
    width = len(COUNT_NAMES)
    at_default = sum(apart.values(), np.zeros(width, dtype=np.int64))
    return LeafFigures(
        codes=[code for code, _ in found],
        is_located=np.array([located for _, located in found], dtype=bool),
        counts=np.array([*found.values()], dtype=np.int64).reshape(-1, width),
        at_default=DeadlineCounts(*at_default.tolist()),
    )


def figures_by_day(
    conn: Connection, wanted: CaseFilter, as_of: datetime, tz: ZoneInfo
) -> dict[date, DeadlineCounts]:
    """Count the cases of a filter by the day of their report; days without cases are absent."""
    day = _day(cases.c.reported_at, tz).label("day")
    query = sa.select(day, *_counts(as_of, wanted.due_at)).where(*wanted.conditions())
    rows = conn.execute(query.group_by(day).order_by(day))
    return {row[0]: DeadlineCounts(*row[1:]) for row in rows}


def figures_by_responder(
    conn: Connection, wanted: CaseFilter, as_of: datetime
) -> dict[str | None, DeadlineCounts]:
    """Count the cases of a filter by who has them, None for nobody; others are absent."""
    query = sa.select(cases.c.responder_code, *_counts(as_of, wanted.due_at))
    rows = conn.execute(query.where(*wanted.conditions()).group_by(cases.c.responder_code))
    return {row[0]: DeadlineCounts(*row[1:]) for row in rows}


def count_by_step(
    conn: Connection, wanted: CaseFilter, step: str, tz: ZoneInfo
) -> dict[date, int]:
    """Count the cases of a filter by the day, week or month of their report, in order.

    A step is named by its first day; weeks begin on Monday. Steps without cases are absent.
    """
    local = sa.func.timezone(tz.key, cases.c.reported_at)
    start = sa.cast(sa.func.date_trunc(step, local), sa.Date).label("start")
    query = sa.select(start, sa.func.count()).where(*wanted.conditions())
    rows = conn.execute(query.group_by(start).order_by(start))
    return {row[0]: row[1] for row in rows}


def done_by_day(
    conn: Connection, wanted: CaseFilter, since: datetime, until: datetime, tz: ZoneInfo
) -> dict[date, Done]:
    """Count the cases of a filter disposed of and closed on each day of ``[since, until)``.

    As in the rates, a case closed without a recorded disposal was disposed of when it was
    closed. Days without such cases are absent.
    """

    def ended(
        at: sa.ColumnElement[datetime], disposed: int, closed: int
    ) -> sa.Select[date, int, int]:
        day = _day(at, tz).label("day")
        one = sa.literal(disposed).label("disposed"), sa.literal(closed).label("closed")
        within = (at >= since, at < until)
        return sa.select(day, *one).select_from(cases).where(*within, *wanted.conditions())

    # Not one statement over both: each of these has an index of its own.
    both = sa.union_all(ended(done_at, 1, 0), ended(cases.c.closed_at, 0, 1)).subquery()
    query = sa.select(both.c.day, sa.func.sum(both.c.disposed), sa.func.sum(both.c.closed))
    rows = conn.execute(query.group_by(both.c.day).order_by(both.c.day))
    return {row[0]: Done(row[1], row[2]) for row in rows}


def overdue_by_age(conn: Connection, wanted: CaseFilter, as_of: datetime) -> OverdueByAge:
    """Count the overdue cases of a filter at an instant, by the time past their deadline.

    Each age begins where the one before ends.
    """
    overdue = replace(wanted, deadline=Deadline.OVERDUE, as_of=as_of)
    late_by = sa.literal(as_of, sa.DateTime(timezone=True)) - cases.c.due_at
    days = [sa.literal(timedelta(days=days), sa.Interval) for days in (1, 3, 7)]
    counts = [
        sa.func.count().filter(late_by < days[0]),
        sa.func.count().filter(late_by >= days[0], late_by < days[1]),
        sa.func.count().filter(late_by >= days[1], late_by < days[2]),
        sa.func.count().filter(late_by >= days[2]),
    ]
    query = sa.select(*counts).select_from(cases).where(*overdue.conditions())
    ages: list[int] = list(conn.execute(query).one())
    return OverdueByAge(*ages)


def waiting_by_reason(conn: Connection, wanted: CaseFilter) -> dict[UnroutedReason, int]:
    """Count the cases of a filter that wait for a person to route them, by reason."""
    waiting = replace(wanted, status=CaseStatus.TRIAGE)
    query = sa.select(cases.c.unrouted_reason, sa.func.count()).where(*waiting.conditions())
    rows = conn.execute(query.group_by(cases.c.unrouted_reason))
    there = {UnroutedReason(row[0]): int(row[1]) for row in rows}
    return {reason: there.get(reason, 0) for reason in UnroutedReason}


def count_positions(
    conn: Connection, wanted: CaseFilter, *, step_lon: float, step_lat: float
) -> SquareCounts:
    """Count the located cases of a filter in the squares of a grid in degrees.

    The database counts: the rows of a year would take too long to transfer.
    """
    found = _by_square(conn, wanted, step_lon, step_lat)
    apart = _by_square(conn, wanted, step_lon, step_lat, *_at_default())
    for square, at_default in apart.items():
        found[square] = found.get(square, 0) - at_default
    left = {square: count for square, count in found.items() if count > 0}
    x, y = np.array([*left], dtype=np.float64).reshape(-1, 2).T
    counts = np.array([*left.values()], dtype=np.int64)
    marked = sa.select(sa.func.count()).where(*wanted.conditions(), *_at_default())
    at_default = int(conn.execute(marked.select_from(cases)).scalar_one())
    return SquareCounts(x * step_lon, y * step_lat, counts, at_default)


def _by_leaf(
    conn: Connection,
    wanted: CaseFilter,
    edition: int | None,
    as_of: datetime,
    *also: sa.ColumnElement[bool],
) -> dict[tuple[str | None, bool], IntArray]:
    """Count by code of the leaf area and whether the case is located."""
    leaf = leaf_under(edition)
    query = (
        sa.select(leaf.code.label("code"), cases.c.area_code.is_not(None).label("located"))
        .add_columns(*_counts(as_of, wanted.due_at))
        .select_from(leaf.table)
        .where(*wanted.conditions(), *also)
        .group_by("code", "located")
    )
    rows = conn.execute(query).all()
    counts = np.array([row[2:] for row in rows], dtype=np.int64)
    return {(row[0], row[1]): one for row, one in zip(rows, counts, strict=True)}


def _by_square(
    conn: Connection,
    wanted: CaseFilter,
    step_lon: float,
    step_lat: float,
    *also: sa.ColumnElement[bool],
) -> dict[tuple[int, int], int]:
    # Rounded as in the columns (`indicators/case_columns.py`), so that a case on the side of a
    # square counts in the same one.
    lon = sa.func.round(sa.func.ST_X(cases.c.geom) * PER_DEGREE) / (step_lon * PER_DEGREE)
    lat = sa.func.round(sa.func.ST_Y(cases.c.geom) * PER_DEGREE) / (step_lat * PER_DEGREE)
    x, y = sa.cast(lon, sa.Integer).label("x"), sa.cast(lat, sa.Integer).label("y")
    is_located = cases.c.area_code.is_not(None) & cases.c.geom.is_not(None)
    query = sa.select(x, y, sa.func.count()).where(is_located, *wanted.conditions(), *also)
    return {(row[0], row[1]): row[2] for row in conn.execute(query.group_by("x", "y"))}


def _day(at: sa.ColumnElement[Any], tz: ZoneInfo) -> sa.ColumnElement[date]:
    return sa.cast(sa.func.timezone(tz.key, at), sa.Date)


def _at_default() -> Iterator[sa.ColumnElement[bool]]:
    return has_mark(CaseMark.DEFAULT_POSITION)


def _counts(as_of: datetime, due_at: sa.ColumnElement[datetime]) -> list[sa.ColumnElement[Any]]:
    """Return the columns of `DeadlineCounts`, by the rules of ``indicators/rates.py``.

    A case is done when it was disposed of or, if that was not recorded, closed. What happened
    after ``as_of`` does not count. ``due_at`` is the deadline that counts.
    """
    at = sa.literal(as_of, sa.DateTime(timezone=True))
    was_done_at = sa.func.coalesce(cases.c.disposed_at, cases.c.closed_at)
    is_done = was_done_at <= at
    is_open = sa.or_(was_done_at.is_(None), was_done_at > at)

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(*conditions)

    return [
        sa.func.count().label("cases"),
        count(is_open).label("open"),
        count(is_open, due_at < at).label("overdue"),
        count(is_done, was_done_at <= due_at).label("on_time"),
        count(is_done, was_done_at > due_at).label("late"),
        count(due_at.is_(None)).label("without_due"),
        count(cases.c.due_provisional, due_at.is_not(None), sa.or_(is_done, due_at < at)).label(
            "provisional"
        ),
    ]
