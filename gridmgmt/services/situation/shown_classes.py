"""The classes of density of one view: fixed limits, and those that fit the view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray
from gridmgmt.domain.period import Period
from gridmgmt.geometry.drawing.density import DensityFrame
from gridmgmt.indicators.density_classes import UNIT_DAYS, class_breaks, over_days
from gridmgmt.services.situation.city_surface import city_surface
from gridmgmt.services.situation.density_breaks import breaks_of, found_or_made
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.situation.density_breaks import BreaksKey, StoredBreaks
from gridmgmt.store.situation.map_figures import ReportedFilter


@dataclass(frozen=True, slots=True)
class ShownClasses:
    """Limits of a view, ascending, in cases per square kilometre in the days shown.

    ``fixed`` is None where nothing but the view can make limits; else ``first_month`` to
    ``last_month`` are the months they were made of, of which ``months`` had cases, and
    ``category`` is the one whose cases made them, None for all.
    """

    fixed: Sequence[float] | None
    fitted: Sequence[float]
    category: str | None = None
    first_month: date | None = None
    last_month: date | None = None
    months: int = 0
    made_at: datetime | None = None

    @property
    def shown(self) -> Sequence[float]:
        """Return the limits of a view that nobody fitted to itself."""
        return self.fitted if self.fixed is None else self.fixed


def area_classes(
    conn: Connection,
    edition: int,
    level: str,
    wanted: ReportedFilter,
    *,
    densities: FloatArray,
    now: datetime,
) -> ShownClasses:
    """Return the classes of the areas of a level; ``densities`` are those of the view."""
    stored = breaks_of(conn, edition, level, wanted.category, shown=wanted.period, now=now)
    fixed = None if stored is None else over_days(stored.breaks, wanted.period.days)
    return _classes(stored, fixed, class_breaks(densities), wanted)


def surface_classes(
    conn: Connection,
    edition: int,
    frame: DensityFrame,
    wanted: ReportedFilter,
    *,
    fitted: Sequence[float],
    now: datetime,
) -> ShownClasses:
    """Return the classes of the surface; its lowest limit is where it counts as empty.

    They are made of the densities in the pixels of the city in every month, at the usual
    bandwidth, which ``frame`` has. The surface is nowhere quite zero: it counts as empty where
    it is less than what one case in 30 days gives at two bandwidths' distance.
    """
    empty = one_case_far_off(frame.bandwidth_m)
    key = BreaksKey(edition, None, frame.bandwidth_m, wanted.category, wanted.period.first)
    make = partial(surface_breaks, conn, frame, now=now)
    stored = found_or_made(conn, key, make, shown=wanted.period, now=now)
    fixed = None if stored is None else over_days([empty, *stored.breaks], wanted.period.days)
    return _classes(stored, fixed, fitted, wanted)


def surface_breaks(
    conn: Connection,
    frame: DensityFrame,
    key: BreaksKey,
    months: Sequence[Period],
    *,
    now: datetime,
) -> list[StoredBreaks]:
    """Make the limits of the surface from its pixels in every month."""
    dense, total = [np.zeros(0)], 0
    for month in months:
        asked = CaseFilter(since=month.begin, until=month.end, category=key.category)
        surface = city_surface(conn, frame, asked)
        values = surface.raster.values
        dense.append(values[np.isfinite(values)] / month.days * UNIT_DAYS)
        total += surface.cases
    least = one_case_far_off(frame.bandwidth_m)
    breaks = tuple(class_breaks(np.concatenate(dense), least=least))
    return [StoredBreaks(key, breaks, len(months), total, now)]


def one_case_far_off(bandwidth_m: float) -> float:
    """Return the density, in cases per km², that one case gives two bandwidths away.

    Examples
    --------
    >>> one_case_far_off(200.0)
    0.54
    """
    peak = 1 / (2 * np.pi * (bandwidth_m / 1000) ** 2)
    return float(f"{peak * np.exp(-2.0):.1e}")


def _classes(
    stored: StoredBreaks | None,
    fixed: Sequence[float] | None,
    fitted: Sequence[float],
    wanted: ReportedFilter,
) -> ShownClasses:
    found = ShownClasses(fixed, fitted)
    if stored is None:
        return found
    first = stored.key.first_month
    years, month = divmod(first.month + 10, 12)
    return replace(
        found,
        category=stored.key.category,
        first_month=first,
        last_month=date(first.year + years, month + 1, 1),
        months=stored.months,
        made_at=stored.made_at,
    )
