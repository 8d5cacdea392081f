"""Limits between classes of density, by which one map can be compared with another.

They are made of the twelve full months before the first day shown, stored, and found again: a
map of a quiet month has the classes of a busy one, and fewer coloured areas. The limits of a
category are made of its own cases; whatever else a view filters by, and whoever looks, the
limits stay those of all cases of the city.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.period import Period, full_months_before
from gridmgmt.indicators.density_classes import UNIT_DAYS, class_breaks
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.services.situation.map_areas import MapAreas, map_areas, shapes_version
from gridmgmt.services.situation.reported_days import reported_days
from gridmgmt.services.statistics.figures import figures_by_leaf
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.situation.density_breaks import (
    BreaksKey,
    StoredBreaks,
    can_store,
    count_months_with_cases,
    get_breaks,
    has_cases,
    put_breaks,
)

_MONTHS = 12
# Limits of fewer months would be those of a season.
_LEAST_MONTHS = 3

# Makes the limits of a question from its months, and those that come with them.
Make = Callable[[BreaksKey, Sequence[Period]], Sequence[StoredBreaks]]


def breaks_of(
    conn: Connection,
    edition: int,
    level: str,
    category: str | None,
    *,
    shown: Period,
    now: datetime,
) -> StoredBreaks | None:
    """Return the limits between classes of density of the areas of a level.

    The densities are those of every area in every month: cases per square kilometre per 30
    days, a case counting for its one leaf under the edition. All cases of the city count,
    without those at default positions.

    Parameters
    ----------
    category : None means all
    shown : the period of the view; the limits are for 30 days of it

    Returns
    -------
    None where fewer than three of the twelve months had cases, or none of this category was
    located in them: then nothing but the view itself can make limits

    Raises
    ------
    NotFoundError
        when there is no such edition or it has no such level
    """
    areas = map_areas(conn, edition, area=None)
    areas.codes(level)
    key = BreaksKey(edition, level, None, category, date.min)
    make = partial(level_breaks, conn, areas, now=now)
    return found_or_made(conn, key, make, shown=shown, now=now)


def found_or_made(
    conn: Connection, key: BreaksKey, make: Make, *, shown: Period, now: datetime
) -> StoredBreaks | None:
    """Return stored limits; make and store them if there are none.

    They are made again where the number of months with cases has changed, as after older cases
    were imported.

    Parameters
    ----------
    key : its first month is replaced by that of ``shown``
    """
    # What lies in the future has no months before it yet that are over.
    first_day = min(shown.first, now.astimezone(shown.tz).date())
    months = full_months_before(first_day, _MONTHS, shown.tz)
    key = replace(key, first_month=months[0].first)
    full, count = _with_cases(conn, key, months)
    if not count:
        return None
    stored = get_breaks(conn, key)
    if stored is None or stored.months != count:
        stored = _made(conn, key, make, full, count)
    return stored if stored.cases else None


def made_anew(
    conn: Connection, key: BreaksKey, make: Make, tz: ZoneInfo
) -> Sequence[StoredBreaks]:
    """Make the limits of a key from the cases there are now, and those that come with them.

    Returns
    -------
    empty where there are too few months or cases for limits
    """
    end = key.first_month.replace(year=key.first_month.year + _MONTHS // 12)
    full, count = _with_cases(conn, key, full_months_before(end, _MONTHS, tz))
    if not count:
        return []
    return [replace(one, months=count) for one in make(key, full)]


def _with_cases(
    conn: Connection, key: BreaksKey, months: Sequence[Period]
) -> tuple[list[Period], int]:
    """Return the months to count, and how many have cases; 0 if these are too few."""
    full = _full(conn, months)
    count = count_months_with_cases(conn, full)
    if count < _LEAST_MONTHS:
        return full, 0
    if key.category is not None and not has_cases(conn, key.category, months[0], months[-1]):
        return full, 0
    return full, count


def _made(
    conn: Connection, key: BreaksKey, make: Make, months: Sequence[Period], count: int
) -> StoredBreaks:
    def made() -> list[StoredBreaks]:
        return [replace(one, months=count) for one in make(key, months)]

    if can_store(conn):
        found = made()
        put_breaks(conn, found)
    else:
        # A wall screen asks again every minute, maybe for months before anybody else does.
        same = (shapes_version(conn, key.edition), key, count)
        found = _NOT_STORED.get(same, made)
    return next(one for one in found if one.key == key)


def _full(conn: Connection, months: Sequence[Period]) -> list[Period]:
    """Return the months that began after the first case of all: the others are half empty."""
    reported = reported_days(conn, months[0].tz)
    return [] if reported is None else [one for one in months if one.first >= reported[0]]


def level_breaks(
    conn: Connection,
    areas: MapAreas,
    key: BreaksKey,
    months: Sequence[Period],
    *,
    now: datetime,
) -> list[StoredBreaks]:
    """Make the limits of all levels at once: they are counted from the same leaves."""
    by_month = [_leaf_counts(conn, areas.edition.number, key, month, now) for month in months]
    total = sum(sum(counts.values()) for counts in by_month)
    return [
        StoredBreaks(
            replace(key, level=level),
            tuple(class_breaks(_densities(areas, level, months, by_month))),
            len(months),
            total,
            now,
        )
        for level in areas.levels
    ]


def _leaf_counts(
    conn: Connection, edition: int, key: BreaksKey, month: Period, now: datetime
) -> Mapping[str, int]:
    wanted = CaseFilter(since=month.begin, until=month.end, category=key.category)
    found = figures_by_leaf(conn, wanted, edition, now)
    counts = found.counts[:, 0].tolist()
    return {
        code: count for code, count in zip(found.codes, counts, strict=True) if code is not None
    }


def _densities(
    areas: MapAreas, level: str, months: Sequence[Period], by_month: Sequence[Mapping[str, int]]
) -> FloatArray:
    """Return cases per km² per 30 days of the areas of a level, (months × areas,)."""
    place = {code: n for n, code in enumerate(areas.codes(level))}
    above = areas.leaves_at(level)
    km2 = areas.area_km2(level)
    rows = []
    for month, by_leaf in zip(months, by_month, strict=True):
        counts: IntArray = np.zeros(len(place), dtype=np.int64)
        for leaf, count in by_leaf.items():
            if leaf in above:
                counts[place[above[leaf]]] += count
        rows.append(counts / km2 / month.days * UNIT_DAYS)
    return np.concatenate(rows)


# Limits that a transaction which only reads could not store.
_NOT_STORED: RecentlyUsed[list[StoredBreaks]] = RecentlyUsed(most=64)
