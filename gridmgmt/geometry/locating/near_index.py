"""An index of points and lines near positions, such as components and road segments."""

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, order_within
from gridmgmt.geometry.locating.borders import Borders
from gridmgmt.geometry.locating.edge_distance import cells_near
from gridmgmt.geometry.locating.edge_grid import edge_grid


class NearIndex:
    """Points and lines, searched piece by piece through the same grid as borders.

    Distances are those of the locator: planar, in degrees scaled to metres at the latitude of
    the position, in whole millimetres.

    Parameters
    ----------
    geoms : (k,) points, lines, multipoints or multilines, lon/lat
    """

    def __init__(self, geoms: GeometryArray) -> None:
        parts, owner = shapely.get_parts(geoms, return_index=True)
        corners, part = shapely.get_coordinates(parts, return_index=True)
        goes_on = part[1:] == part[:-1]
        alone = np.bincount(part, minlength=len(parts))[part] == 1
        begins = np.concatenate([np.flatnonzero(goes_on), np.flatnonzero(alone)])
        # A point is a piece whose end is its start.
        finish = np.where(alone[begins], begins, begins + 1)
        # Points and lines have no inside: the geometry is stored left of its pieces, nothing
        # right.
        sides = np.full((len(begins), 2), -1, dtype=np.int32)
        sides[:, 0] = owner[part[begins]]
        ends = np.hstack([corners[begins], corners[finish]])
        self._edges = edge_grid(Borders(_upward(ends), sides), len(geoms))

    def near(
        self, lon: FloatArray, lat: FloatArray, reach_m: float
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Find all geometries within reach of each position.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326; NaN is near nothing
        reach_m : metres, inclusive

        Returns
        -------
        (m,) positions of positions, (m,) positions of geometries, (m,) metres: by position,
        distance, geometry

        Examples
        --------
        >>> north = np.array([shapely.LineString([(0, 0.0001), (1, 0.0001)])])
        >>> found = NearIndex(north).near(np.array([0.5]), np.array([0.0]), 20.0)
        >>> [column.tolist() for column in found]
        [[0], [0], [11.057]]
        """
        asking = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        reach = np.full(len(asking), reach_m)
        found = cells_near(self._edges, lon[asking], lat[asking], reach)
        order = order_within(found.row, found.distance_m, found.cell)
        return asking[found.row[order]], found.cell[order], found.distance_m[order]


def _upward(ends: FloatArray) -> FloatArray:
    """Turn every piece to run from its lower end up, or from west to east, like borders."""
    west, south, east, north = ends.T
    down = (south > north) | ((south == north) & (west > east))
    return np.where(down[:, None], ends[:, [2, 3, 0, 1]], ends)
