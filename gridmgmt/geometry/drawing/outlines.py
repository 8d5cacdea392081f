"""Simplify outlines for a screen; shared borders stay shared."""

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray
from gridmgmt.geometry.measure import polygon_parts

# A small map is some hundred pixels wide; nobody sees finer detail.
_STEPS = 1_500
_DECIMALS = 7


def for_screen(geoms: GeometryArray, *, steps: int = _STEPS) -> GeometryArray:
    """Simplify polygons that are shown together, to 1/``steps`` of their common extent.

    Neighbours keep a common border. An outline that crosses itself, which happens in drafts,
    does not change. Coordinates are rounded to 1e-7 degrees, a centimetre.

    Parameters
    ----------
    geoms : (n,) polygons in lon/lat; None stays None

    Returns
    -------
    (n,) polygons with at most as many vertices as before

    Examples
    --------
    >>> line = [(0, 0), (1, 0.0000001), (2, 0), (2, 1), (0, 1)]
    >>> shapely.get_num_coordinates(for_screen(np.array([shapely.Polygon(line)]))).tolist()
    [5]
    """
    shown = np.array(geoms, dtype=object)
    sound = np.flatnonzero(
        ~(shapely.is_missing(shown) | shapely.is_empty(shown)) & shapely.is_valid(shown)
    )
    if len(sound):
        west, south, east, north = shapely.total_bounds(shown[sound])
        tolerance = max(east - west, north - south) / steps
        simplified = shapely.coverage_simplify(shown[sound], tolerance)
        # Overlapping borders, which happen in drafts, may leave nothing of a small area.
        kept = [polygon_parts(one) != [] for one in simplified]
        shown[sound[kept]] = simplified[kept]
    rounded: GeometryArray = shapely.transform(shown, lambda xy: np.round(xy, _DECIMALS))
    return rounded
