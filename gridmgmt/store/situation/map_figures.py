"""Counts for the map, over all cases reported in a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection, Row

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.period import Period
from gridmgmt.store.cases.case_filter import case_scope_binds
from gridmgmt.store.statements import statement


class DeadlineCounts(NamedTuple):
    """Counts of cases by how they kept their deadlines at an instant.

    A case may count in several fields. ``open`` cases were neither disposed of nor closed by
    then; ``overdue`` are the open cases past their deadline; ``without_due`` have no deadline.
    """

    cases: int = 0
    open: int = 0
    overdue: int = 0
    on_time: int = 0
    late: int = 0
    without_due: int = 0


@dataclass(frozen=True, slots=True)
class ReportedFilter:
    """The cases reported in a period, of one category or all, that a person may see."""

    period: Period
    category: str | None = None
    case_scope: CaseScope = ALL_CASES


@dataclass(frozen=True, slots=True)
class LeafFigures:
    """Figures of leaf areas.

    (n,) editions and codes, None where a case has no area; (n, 6) counts. The columns of
    ``counts`` are the fields of `DeadlineCounts`, in their order.
    """

    editions: Sequence[int | None]
    codes: Sequence[str | None]
    counts: IntArray


@dataclass(frozen=True, slots=True)
class SquareCounts:
    """Cases counted by squares: (n,) degrees of their centres, (n,) counts."""

    lon: FloatArray
    lat: FloatArray
    cases: IntArray


def figures_by_leaf(conn: Connection, wanted: ReportedFilter, as_of: datetime) -> LeafFigures:
    """Count the cases of every leaf area, by the area in which they were judged to lie."""
    given = {**_binds(wanted), "as_of": as_of}
    rows = conn.execute(statement("map_figures"), given).all()
    editions, codes, *counts = _columns(rows, 2 + len(DeadlineCounts._fields))
    return LeafFigures(editions, codes, np.array(counts, dtype=np.int64).T)


def figures_in(
    conn: Connection, wanted: ReportedFilter, leaves: Sequence[tuple[int, str]], as_of: datetime
) -> DeadlineCounts:
    """Count the cases in a few leaf areas, (edition, code), that the person may all see."""
    given = {
        **_binds(wanted),
        "as_of": as_of,
        "editions": [edition for edition, _ in leaves],
        "codes": [code for _, code in leaves],
    }
    return DeadlineCounts(*conn.execute(statement("area_figures"), given).one())


def count_positions(
    conn: Connection, wanted: ReportedFilter, *, step_lon: float, step_lat: float
) -> SquareCounts:
    """Count located cases in the squares of a grid in degrees.

    The database counts: the rows of a year would take too long to transfer.
    """
    given = {**_binds(wanted), "step_lon": step_lon, "step_lat": step_lat}
    rows = conn.execute(statement("map_positions"), given).all()
    x, y, cases = (np.array(column, dtype=np.int64) for column in _columns(rows, 3))
    lon, lat = x.astype(np.float64) * step_lon, y.astype(np.float64) * step_lat
    return SquareCounts(lon, lat, cases)


def count_by_step(
    conn: Connection, step: str, tz: ZoneInfo, *, category: str | None, case_scope: CaseScope
) -> list[tuple[date, int]]:
    """Count cases by the day, week or month of their report, over all time.

    Steps without cases are absent; the oldest step comes first. A step is named by its first
    day.
    """
    given = {"step": step, "tz": tz.key, "category": category, **case_scope_binds(case_scope)}
    return [(row.start, row.cases) for row in conn.execute(statement("map_timeline"), given)]


def _columns(rows: Sequence[Row[*tuple[Any, ...]]], width: int) -> list[Sequence[Any]]:
    # An array made from rows would inspect each value; made from columns it is ten times
    # faster.
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _binds(wanted: ReportedFilter) -> dict[str, Any]:
    return {
        "since": wanted.period.begin,
        "until": wanted.period.end,
        "category": wanted.category,
        **case_scope_binds(wanted.case_scope),
    }
