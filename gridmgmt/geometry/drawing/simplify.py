"""Simplify outlines for drawing; a border that two areas share stays shared."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike

from gridmgmt.arrays import GeometryArray
from gridmgmt.geometry.measure import metres_per_degree

# Tolerances for a view of the whole city and of a street, as a part of the side of a square as
# large as the usual area; and tolerances in metres that are fine enough on any screen.
_FAR, _NEAR = 0.2, 0.05
_FAR_M, _NEAR_M = (2.0, 30.0), (0.5, 5.0)


def tolerances_m(area_m2: ArrayLike) -> tuple[float, float]:
    """Return how much the outlines of a level may be simplified, by the size of its areas.

    Parameters
    ----------
    area_m2 : (n,) square metres; the median counts

    Returns
    -------
    metres for the far view and for the near view; the smallest tolerances if there are no areas

    Examples
    --------
    >>> tolerances_m([10_000.0, 12_000.0, 900.0]), tolerances_m([4e6])
    ((20.0, 5.0), (30.0, 5.0))
    """
    sizes = np.asarray(area_m2, dtype=np.float64)
    side = float(np.sqrt(np.median(sizes))) if len(sizes) else 0.0
    far, near = np.clip(_FAR * side, *_FAR_M), np.clip(_NEAR * side, *_NEAR_M)
    return float(far), float(near)


def simplified(geoms: Sequence[object] | GeometryArray, tolerance_m: float) -> GeometryArray:
    """Remove vertices from the outlines of a level, equally on both sides of a border.

    A vertex is removed if the triangle with its neighbours is smaller than the square of the
    tolerance (Visvalingam and Whyatt 1993, as GEOS simplifies coverages). Where areas do not
    match along a border (tiny gaps and overlaps), each side is simplified alone, and the two
    may differ by the tolerance. If GEOS refuses the whole level, every area is simplified
    alone. No area is lost: an area that would vanish does not change.

    Parameters
    ----------
    geoms : (n,) polygons and multipolygons in lon/lat
    tolerance_m : metres; 0 removes only vertices on a straight line

    Returns
    -------
    (n,) polygons and multipolygons in lon/lat, off the storage grid: only for drawing

    Examples
    --------
    >>> wavy = shapely.Polygon([(0, 0), (0.005, 0.00001), (0.01, 0), (0.01, 0.01), (0, 0.01)])
    >>> simplified([wavy], 30.0)[0].wkt
    'POLYGON ((0 0, 0.01 0, 0.01 0.01, 0 0.01, 0 0))'
    """
    given = np.asarray(geoms, dtype=object)
    if not len(given):
        return given
    _, south, _, north = shapely.total_bounds(given)
    m_lon, m_lat = metres_per_degree([(south + north) / 2])
    metres = np.array([m_lon[0], m_lat[0]])
    plane = shapely.transform(given, lambda lonlat: lonlat * metres)
    less = _simplified(plane, tolerance_m)
    vanished = shapely.is_missing(less) | shapely.is_empty(less) | (shapely.area(less) == 0)
    less[vanished] = plane[vanished]
    drawn: GeometryArray = shapely.transform(less, lambda xy: xy / metres)
    return drawn


def _simplified(plane: GeometryArray, tolerance_m: float) -> GeometryArray:
    try:
        less: GeometryArray = shapely.coverage_simplify(plane, tolerance_m)
    except shapely.errors.GEOSException:
        # Some raw layers break the coverage algorithm; their borders may part, but they are
        # drawn.
        less = shapely.simplify(plane, tolerance_m, preserve_topology=True)
    return less
