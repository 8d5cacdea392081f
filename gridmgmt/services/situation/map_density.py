"""The density of cases per square kilometre in a period, as an account may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import NotAllowedError
from gridmgmt.geometry.drawing.density import DensityFrame, nice_breaks
from gridmgmt.geometry.drawing.raster import Raster
from gridmgmt.sentence import Sentence
from gridmgmt.services.situation.city_surface import (
    CitySurface,
    area_outline,
    city_frame,
    city_surface,
    offered_bandwidths,
)
from gridmgmt.services.situation.shown_classes import ShownClasses, surface_classes
from gridmgmt.store.situation.map_figures import ReportedFilter

# Integers of few digits compress to a fraction of the size of floats. So many keep thin places
# apart, where a case lies two bandwidths away.
_DIGITS = 6

OF_ONE_ONLY = Sentence(
    "Density is that of all cases of the city. This account sees the cases of one responder"
    " or reporter only, so it is shown numbers by area instead."
)


@dataclass(frozen=True, slots=True)
class MapDensity:
    """A grid of cases per square kilometre, the first row in the north.

    ``values`` times ``scale`` are the densities, row by row, in the area that the account sees
    and two pixels beyond; -1 is farther outside. ``cases`` is the number of cases of the city,
    without those ``at_default`` positions; both are None for an account limited to an area.
    ``usual_bandwidth_m`` is the one everybody sees who does not choose another of
    ``bandwidths``.
    """

    west: float
    south: float
    east: float
    north: float
    rows: int
    cols: int
    values: Sequence[int]
    scale: float
    classes: ShownClasses
    days: int
    cases: int | None
    at_default: int | None
    bandwidth_m: float
    usual_bandwidth_m: float
    bandwidths: Sequence[float]


def density(
    conn: Connection,
    edition: int,
    wanted: ReportedFilter,
    *,
    now: datetime,
    bandwidth_m: float | None = None,
    usual_m: float | None = None,
    area: AreaKey | None = None,
) -> MapDensity:
    """Estimate the density of the located cases of a period from all cases of the city.

    An account limited to an area gets the part over this area, with the same values as
    everybody at the same places.

    Parameters
    ----------
    bandwidth_m : standard deviation of the kernel, metres; None: the usual one
    usual_m : the usual one; None: a round one that fits the size of the city
    area : the one area the account is limited to

    Raises
    ------
    NotFoundError
        when there is no such edition
    NotAllowedError
        when the account sees only the cases of one responder or reporter
    InputError
        when the bandwidth is too fine or too coarse
    """
    if wanted.case_scope.is_of_one:
        raise NotAllowedError(OF_ONE_ONLY)
    usual = city_frame(conn, edition, usual_m)
    frame = usual if bandwidth_m is None else city_frame(conn, edition, bandwidth_m)
    if usual is None or frame is None:
        return _nothing(wanted, bandwidth_m or usual_m or 0.0)
    surface = city_surface(conn, frame, wanted.cases)
    raster = _seen(conn, edition, surface.raster, area)
    if raster is None:
        return _nothing(wanted, frame.bandwidth_m)
    fitted = nice_breaks(float(np.nanmax(raster.values, initial=0.0)))
    classes = surface_classes(conn, edition, usual, wanted, fitted=fitted, now=now)
    return _packed(wanted, raster, surface, classes, (frame, usual), limited=area is not None)


def _seen(
    conn: Connection, edition: int, raster: Raster, area: AreaKey | None
) -> Raster | None:
    if area is None:
        return raster
    outline = area_outline(conn, edition, area)
    return None if outline is None else raster.clipped(outline)


def _packed(
    wanted: ReportedFilter,
    raster: Raster,
    surface: CitySurface,
    classes: ShownClasses,
    frames: tuple[DensityFrame, DensityFrame],
    *,
    limited: bool,
) -> MapDensity:
    # The scale is that of the city, so that an area's values are rounded as everybody's.
    largest = float(np.nanmax(surface.raster.wide, initial=0.0))
    scale = 10.0 ** (np.ceil(np.log10(largest)) - _DIGITS) if largest > 0 else 1.0
    values = np.where(np.isnan(raster.wide), -1, np.rint(raster.wide / scale))
    rows, cols = values.shape
    frame, usual = frames
    return MapDensity(
        west=raster.west,
        south=raster.south,
        east=raster.east,
        north=raster.north,
        rows=rows,
        cols=cols,
        values=values.astype(np.int64).ravel().tolist(),
        scale=float(f"{scale:.0e}"),
        classes=classes,
        days=wanted.period.days,
        cases=None if limited else surface.cases,
        at_default=None if limited else surface.at_default,
        bandwidth_m=frame.bandwidth_m,
        usual_bandwidth_m=usual.bandwidth_m,
        bandwidths=offered_bandwidths(usual),
    )


def _nothing(wanted: ReportedFilter, bandwidth_m: float) -> MapDensity:
    return MapDensity(
        west=0,
        south=0,
        east=0,
        north=0,
        rows=0,
        cols=0,
        values=[],
        scale=1.0,
        classes=ShownClasses(fixed=None, fitted=[]),
        days=wanted.period.days,
        cases=0,
        at_default=0,
        bandwidth_m=bandwidth_m,
        usual_bandwidth_m=bandwidth_m,
        bandwidths=[],
    )
