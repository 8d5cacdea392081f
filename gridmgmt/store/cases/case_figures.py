"""Count cases by how they kept their deadlines: the filter of a figure is that of its list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.indicators.rates import COUNT_NAMES, DeadlineCounts
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.schema import case_leaves, cases


@dataclass(frozen=True, slots=True)
class LeafFigures:
    """Figures of the leaf areas of an edition, without the cases ``at_default`` positions.

    (n,) codes, (n,) whether the cases are located, (n, 6) counts, whose columns are the fields
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


def figures(conn: Connection, wanted: CaseFilter, as_of: datetime) -> DeadlineCounts:
    """Count all cases of a filter, judged at a fixed instant."""
    query = sa.select(*_counts(as_of)).select_from(cases).where(*wanted.conditions())
    return DeadlineCounts(*conn.execute(query).one())


def figures_by_leaf(
    conn: Connection, wanted: CaseFilter, edition: int | None, as_of: datetime
) -> LeafFigures:
    """Count the cases of a filter by the leaf area in which each lies under an edition.

    ``edition`` None: no edition was published, and no case is located.
    """
    found = _by_leaf(conn, wanted, edition, as_of)
    # Apart, because the index that has all figures has no marks.
    apart = _by_leaf(conn, _at_default(wanted), edition, as_of)
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
    day = sa.cast(sa.func.timezone(tz.key, cases.c.reported_at), sa.Date).label("day")
    query = sa.select(day, *_counts(as_of)).where(*wanted.conditions())
    rows = conn.execute(query.group_by(day).order_by(day))
    return {row[0]: DeadlineCounts(*row[1:]) for row in rows}


def count_positions(
    conn: Connection, wanted: CaseFilter, *, step_lon: float, step_lat: float
) -> SquareCounts:
    """Count the located cases of a filter in the squares of a grid in degrees.

    The database counts: the rows of a year would take too long to transfer.
    """
    found = _by_square(conn, wanted, step_lon, step_lat)
    apart = _by_square(conn, _at_default(wanted), step_lon, step_lat)
    for square, at_default in apart.items():
        found[square] = found.get(square, 0) - at_default
    left = {square: count for square, count in found.items() if count > 0}
    x, y = np.array([*left], dtype=np.float64).reshape(-1, 2).T
    counts = np.array([*left.values()], dtype=np.int64)
    marked = sa.select(sa.func.count()).where(*_at_default(wanted).conditions())
    at_default = int(conn.execute(marked.select_from(cases)).scalar_one())
    return SquareCounts(x * step_lon, y * step_lat, counts, at_default)


def _by_leaf(
    conn: Connection, wanted: CaseFilter, edition: int | None, as_of: datetime
) -> dict[tuple[str | None, bool], IntArray]:
    """Count by code of the leaf area and whether the case is located."""
    elsewhere = case_leaves.c.case_no.is_not(None)
    leaf = sa.case((elsewhere, case_leaves.c.area_code), else_=cases.c.area_code)
    here = (case_leaves.c.edition == edition) & (case_leaves.c.case_no == cases.c.case_no)
    query = (
        sa.select(leaf.label("code"), cases.c.area_code.is_not(None).label("located"))
        .add_columns(*_counts(as_of))
        .select_from(cases.outerjoin(case_leaves, here))
        .where(*wanted.conditions())
        .group_by("code", "located")
    )
    rows = conn.execute(query).all()
    counts = np.array([row[2:] for row in rows], dtype=np.int64)
    return {(row[0], row[1]): one for row, one in zip(rows, counts, strict=True)}


def _by_square(
    conn: Connection, wanted: CaseFilter, step_lon: float, step_lat: float
) -> dict[tuple[int, int], int]:
    x = sa.cast(sa.func.ST_X(cases.c.geom) / step_lon, sa.Integer).label("x")
    y = sa.cast(sa.func.ST_Y(cases.c.geom) / step_lat, sa.Integer).label("y")
    is_located = cases.c.area_code.is_not(None) & cases.c.geom.is_not(None)
    query = sa.select(x, y, sa.func.count()).where(is_located, *wanted.conditions())
    return {(row[0], row[1]): row[2] for row in conn.execute(query.group_by("x", "y"))}


def _at_default(wanted: CaseFilter) -> CaseFilter:
    return replace(wanted, mark=CaseMark.DEFAULT_POSITION)


def _counts(as_of: datetime) -> list[sa.ColumnElement[Any]]:
    """Return the columns of `DeadlineCounts`, by the rules of ``indicators/rates.py``.

    A case is done when it was disposed of or, if that was not recorded, closed. What happened
    after ``as_of`` does not count.
    """
    at = sa.literal(as_of, sa.DateTime(timezone=True))
    done_at = sa.func.coalesce(cases.c.disposed_at, cases.c.closed_at)
    is_done = done_at <= at
    is_open = sa.or_(done_at.is_(None), done_at > at)
    due_at = cases.c.due_at

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(*conditions)

    return [
        sa.func.count().label("cases"),
        count(is_open).label("open"),
        count(is_open, due_at < at).label("overdue"),
        count(is_done, done_at <= due_at).label("on_time"),
        count(is_done, done_at > due_at).label("late"),
        count(due_at.is_(None)).label("without_due"),
    ]
