"""The density of cases per square kilometre in a period."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import InputError
from gridmgmt.geometry.drawing.density import DensityFrame, nice_breaks
from gridmgmt.geometry.measure import area_m2, metres_per_degree
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.services.situation.map_areas import shapes_version
from gridmgmt.services.statistics.figures import count_positions
from gridmgmt.store.areas.areas import areas_in, count_areas
from gridmgmt.store.situation.map_figures import ReportedFilter

LEAST_M, MOST_M = 20.0, 20_000.0

# The database counts cases in squares of this part of a bandwidth. The density puts each case
# in the middle of its square, which moves a single case by half a square at most.
_SQUARE = 1 / 6
# The default bandwidth is about this part of the side of the city.
_DEFAULT = 1 / 25
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class MapDensity:
    """A grid of cases per square kilometre, the first row in the north.

    ``values`` times ``scale`` are the densities, row by row; -1 is outside the city. ``cases``
    is the number of cases, without those ``at_default`` positions; ``breaks`` are round
    densities for a legend.
    """

    west: float
    south: float
    east: float
    north: float
    rows: int
    cols: int
    values: Sequence[int]
    scale: float
    breaks: Sequence[float]
    days: int
    cases: int
    bandwidth_m: float
    at_default: int = 0


def density(
    conn: Connection,
    edition: int,
    wanted: ReportedFilter,
    *,
    bandwidth_m: float | None = None,
    area: AreaKey | None = None,
) -> MapDensity:
    """Estimate the density of the located cases of a period, over a city or one area.

    Parameters
    ----------
    bandwidth_m : standard deviation of the kernel, metres; None chooses a round one that fits
        the size of the city
    area : the one area the account is limited to

    Raises
    ------
    NotFoundError
        when there is no such edition
    InputError
        when the bandwidth is too fine or too coarse
    """
    if bandwidth_m is not None and not LEAST_M <= bandwidth_m <= MOST_M:
        message = f"give metres between {LEAST_M:g} and {MOST_M:g}"
        raise InputError(field="bandwidth_m", message=message)
    version = shapes_version(conn, edition, area=area)
    frame = _FRAMES.get(
        (version, bandwidth_m), lambda: _framed(conn, edition, area, bandwidth_m)
    )
    if frame is None:
        return _nothing(wanted, bandwidth_m or LEAST_M)
    return _drawn(conn, wanted, frame)


def _drawn(conn: Connection, wanted: ReportedFilter, frame: DensityFrame) -> MapDensity:
    m_lon, m_lat = metres_per_degree([frame.middle_lat])
    square_m = frame.bandwidth_m * _SQUARE
    found = count_positions(
        conn, wanted.cases, step_lon=square_m / m_lon[0], step_lat=square_m / m_lat[0]
    )
    raster = frame.density(found.lon, found.lat, found.cases)
    largest = float(np.nanmax(raster.values, initial=0.0))
    # Integers of few digits compress to a fraction of the size of floats.
    scale = 10.0 ** (np.ceil(np.log10(largest)) - _DIGITS) if largest > 0 else 1.0
    values = np.where(np.isnan(raster.values), -1, np.rint(raster.values / scale))
    rows, cols = values.shape
    return MapDensity(
        west=raster.west,
        south=raster.south,
        east=raster.east,
        north=raster.north,
        rows=rows,
        cols=cols,
        values=values.astype(np.int64).ravel().tolist(),
        scale=float(f"{scale:.0e}"),
        breaks=nice_breaks(largest),
        days=wanted.period.days,
        cases=int(found.cases.sum()),
        bandwidth_m=frame.bandwidth_m,
        at_default=found.at_default,
    )


def _nothing(wanted: ReportedFilter, bandwidth_m: float) -> MapDensity:
    return MapDensity(0, 0, 0, 0, 0, 0, [], 1.0, [], wanted.period.days, 0, bandwidth_m)


def _outline(conn: Connection, edition: int, area: AreaKey | None) -> BaseGeometry | None:
    """Return the outline of the topmost areas, or of the one area; None without areas."""
    if area is None:
        top = count_areas(conn, edition)[0].level
        outline: BaseGeometry = shapely.union_all(areas_in(conn, edition, top)[top].geoms)
        return outline
    level, code = area
    there = areas_in(conn, edition, level).get(level)
    found = [] if there is None else there.geoms[there.codes == code]
    return found[0] if len(found) else None


def _usual_bandwidth(outline: BaseGeometry) -> float:
    side = float(np.sqrt(area_m2([outline])[0]))
    return float(np.clip(nice_breaks(side * _DEFAULT)[-1], LEAST_M, MOST_M))


def _framed(
    conn: Connection, edition: int, area: AreaKey | None, bandwidth_m: float | None
) -> DensityFrame | None:
    outline = _outline(conn, edition, area)
    if outline is None:
        return None
    try:
        return DensityFrame(outline, bandwidth_m or _usual_bandwidth(outline))
    except ValueError as error:
        raise InputError(field="bandwidth_m", message=str(error)) from error


# The input of a frame never changes under its key: the outlines of an edition are immutable.
_FRAMES: RecentlyUsed[DensityFrame | None] = RecentlyUsed(most=16)
