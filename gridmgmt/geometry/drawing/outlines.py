"""Outlines for a screen: as many vertices as can be seen, borders still shared."""

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray
from gridmgmt.geometry.measure import polygon_parts

# A small map is some hundred pixels wide; finer than this nobody sees.
_STEPS = 1_500
_DECIMALS = 7


def for_screen(geoms: GeometryArray, *, steps: int = _STEPS) -> GeometryArray:
    """Simplify polygons that are shown together, to 1/``steps`` of their common extent.

    Neighbours keep a common border. An outline that crosses itself, as drafts have them, stays
    as it is. Coordinates are rounded to 1e-7 degrees, a centimetre.

    Parameters
    ----------
    geoms : (n,) polygons in lon/lat; None stays None

    Returns
    -------
    (n,) polygons of no more vertices than given

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
        # Overlapping borders, which drafts have, may leave nothing of a small area.
        kept = [polygon_parts(one) != [] for one in simplified]
        shown[sound[kept]] = simplified[kept]
    rounded: GeometryArray = shapely.transform(shown, lambda xy: np.round(xy, _DECIMALS))
    return rounded
