"""The smoothed density of a city: one surface of all its cases, whoever looks at it."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import InputError
from gridmgmt.geometry.drawing.density import MAX_NODES, DensityFrame, nice_breaks
from gridmgmt.geometry.drawing.raster import Raster
from gridmgmt.geometry.measure import area_m2
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.services.situation.map_areas import shapes_version
from gridmgmt.services.statistics.figures import count_positions
from gridmgmt.store.areas.areas import areas_in, count_areas
from gridmgmt.store.cases.case_filter import CaseFilter

LEAST_BANDWIDTH_M, MOST_BANDWIDTH_M = 20, 20_000

# A bandwidth that nobody set is about this part of the side of the city.
_PART = 1 / 25


@dataclass(frozen=True, slots=True)
class CitySurface:
    """Cases per square kilometre, and the number of cases in it.

    ``at_default`` is the number of cases at default positions, which are left out.
    """

    raster: Raster
    cases: int
    at_default: int


def city_frame(
    conn: Connection, edition: int, bandwidth_m: float | None
) -> DensityFrame | None:
    """Return the city prepared for a bandwidth, or None if the edition has no areas.

    Parameters
    ----------
    bandwidth_m : standard deviation of the kernel, metres; None chooses a round one that fits
        the size of the city

    Raises
    ------
    NotFoundError
        when there is no such edition
    InputError
        when the bandwidth is too fine or too coarse
    """
    if bandwidth_m is not None and not LEAST_BANDWIDTH_M <= bandwidth_m <= MOST_BANDWIDTH_M:
        message = f"give metres between {LEAST_BANDWIDTH_M:g} and {MOST_BANDWIDTH_M:g}"
        raise InputError(field="bandwidth_m", message=message)
    key = shapes_version(conn, edition), bandwidth_m
    return _FRAMES.get(key, lambda: _framed(conn, edition, bandwidth_m))


def offered_bandwidths(usual: DensityFrame) -> list[float]:
    """Return round bandwidths around the usual one that are not too fine for the city.

    They are metres, ascending, from a tenth to ten times the usual one, which is among them.
    """
    most = min(10 * usual.bandwidth_m, MOST_BANDWIDTH_M)
    least = max(usual.bandwidth_m / 10, LEAST_BANDWIDTH_M)
    round_ones = {one for one in nice_breaks(most, most=7) if one >= least}
    return sorted(
        one
        for one in {*round_ones, usual.bandwidth_m}
        if one == usual.bandwidth_m or usual.squares_at(one) < 0.9 * MAX_NODES
    )


def city_surface(conn: Connection, frame: DensityFrame, wanted: CaseFilter) -> CitySurface:
    """Estimate the density of the located cases of a filter, of the whole city.

    Whose cases the filter allows does not matter: a density is a property of the city.
    """
    # The database counts by the squares of the frame: the rows of a year would take too long
    # to transfer. A case is put in the middle of its square, a twelfth of a bandwidth away at
    # most.
    found = count_positions(
        conn,
        replace(wanted, case_scope=ALL_CASES),
        step_lon=frame.step_lon,
        step_lat=frame.step_lat,
    )
    raster = frame.density(found.lon, found.lat, found.cases)
    return CitySurface(raster, int(found.cases.sum()), found.at_default)


def area_outline(conn: Connection, edition: int, area: AreaKey) -> BaseGeometry | None:
    """Return the outline of an area, lon/lat, or None if the edition has no such area."""
    level, code = area
    there = areas_in(conn, edition, level).get(level)
    found = [] if there is None else there.geoms[there.codes == code]
    return found[0] if len(found) else None


def _framed(conn: Connection, edition: int, bandwidth_m: float | None) -> DensityFrame | None:
    levels = count_areas(conn, edition)
    if not levels:
        return None
    top = levels[0].level
    outline: BaseGeometry = shapely.union_all(areas_in(conn, edition, top)[top].geoms)
    try:
        return DensityFrame(outline, bandwidth_m or _usual_bandwidth(outline))
    except ValueError as error:
        raise InputError(field="bandwidth_m", message=str(error)) from error


def _usual_bandwidth(outline: BaseGeometry) -> float:
    side = float(np.sqrt(area_m2([outline])[0]))
    return float(np.clip(nice_breaks(side * _PART)[-1], LEAST_BANDWIDTH_M, MOST_BANDWIDTH_M))


# The input of a frame never changes under its key: the outlines of an edition are immutable.
_FRAMES: RecentlyUsed[DensityFrame | None] = RecentlyUsed(most=16)
