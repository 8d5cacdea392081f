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
from gridmgmt.indicators.rates import DeadlineCounts, sum_counts
from gridmgmt.store.cases.case_filter import case_scope_binds
from gridmgmt.store.cases.default_positions import DefaultFigures, default_figures
from gridmgmt.store.statements import statement


@dataclass(frozen=True, slots=True)
class ReportedFilter:
    """The cases reported in a period, of one category or all, that a person may see."""

    period: Period
    category: str | None = None
    case_scope: CaseScope = ALL_CASES


@dataclass(frozen=True, slots=True)
class LeafFigures:
    """Figures of leaf areas, without the cases ``at_default`` positions.

    (n,) editions and codes, None where a case has no area; (n, 6) counts. The columns of
    ``counts`` are the fields of `DeadlineCounts`, in their order.
    """

    editions: Sequence[int | None]
    codes: Sequence[str | None]
    counts: IntArray
    at_default: DeadlineCounts


@dataclass(frozen=True, slots=True)
class SquareCounts:
    """Cases counted by squares: (n,) degrees of their centres, (n,) counts.

    ``at_default`` is the number of cases at default positions, which are in no square.
    """

    lon: FloatArray
    lat: FloatArray
    cases: IntArray
    at_default: int


class AreaFigures(NamedTuple):
    """Counts of the cases in some areas; those at default positions apart."""

    counts: DeadlineCounts
    at_default: DeadlineCounts


def figures_by_leaf(conn: Connection, wanted: ReportedFilter, as_of: datetime) -> LeafFigures:
    """Count the cases of every leaf area, by the area in which they were judged to lie."""
    # By a statement of their own, because the index that the other one reads has no marks.
    apart = _default_figures(conn, wanted, as_of)
    given = {**_binds(wanted), "as_of": as_of}
    rows = conn.execute(statement("map_figures"), given).all()
    editions, codes, *columns = _columns(rows, 2 + len(DeadlineCounts._fields))
    counts = np.array(columns, dtype=np.int64).T
    at = {leaf: n for n, leaf in enumerate(zip(editions, codes, strict=True))} if apart else {}
    for one in apart:
        # Somebody may have moved a case between the two statements.
        if (n := at.get((one.edition, one.code))) is not None:
            counts[n] = np.maximum(counts[n] - one.counts, 0)
    return LeafFigures(editions, codes, counts, sum_counts(one.counts for one in apart))


def figures_in(
    conn: Connection, wanted: ReportedFilter, leaves: Sequence[tuple[int, str]], as_of: datetime
) -> AreaFigures:
    """Count the cases in a few leaf areas, (edition, code), that the person may all see."""
    given = {
        **_binds(wanted),
        "as_of": as_of,
        "editions": [edition for edition, _ in leaves],
        "codes": [code for _, code in leaves],
    }
    found = {
        at_default: DeadlineCounts(*counts)
        for at_default, *counts in conn.execute(statement("area_figures"), given)
    }
    return AreaFigures(found.get(False, DeadlineCounts()), found.get(True, DeadlineCounts()))


def count_positions(
    conn: Connection, wanted: ReportedFilter, *, step_lon: float, step_lat: float
) -> SquareCounts:
    """Count located cases in the squares of a grid in degrees.

    The database counts: the rows of a year would take too long to transfer.
    """
    apart = _default_figures(conn, wanted, wanted.period.end)
    given = {**_binds(wanted), "step_lon": step_lon, "step_lat": step_lat}
    rows = conn.execute(statement("map_positions"), given).all()
    x, y, cases = (np.array(column, dtype=np.int64) for column in _columns(rows, 3))
    for one in apart:
        if one.code is not None:
            # Rounded to even as in the statement.
            here = (x == round(one.lon / step_lon)) & (y == round(one.lat / step_lat))
            cases[here] -= one.counts.cases
    left = cases > 0
    lon, lat = x[left].astype(np.float64) * step_lon, y[left].astype(np.float64) * step_lat
    return SquareCounts(lon, lat, cases[left], sum(one.counts.cases for one in apart))


def _default_figures(
    conn: Connection, wanted: ReportedFilter, as_of: datetime
) -> list[DefaultFigures]:
    return default_figures(
        conn,
        wanted.period.begin,
        wanted.period.end,
        as_of,
        category=wanted.category,
        case_scope=wanted.case_scope,
    )


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
