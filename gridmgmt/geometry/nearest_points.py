"""Which points of a kind lie close to positions: components close to cases about them."""

import numpy as np
import shapely

from gridmgmt.geometry.arrays import FloatArray, IntArray
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.geometry.nearby import distance_m

# How much wider than the reach to search, so that the formula decides and not the box.
_MARGIN = 1.01


class PointIndex:
    """Points, each of a kind, to be searched again and again.

    Parameters
    ----------
    lon, lat : (k,) degrees, EPSG:4326, finite
    kind : (k,) numbers, 0 or more
    """

    def __init__(self, lon: FloatArray, lat: FloatArray, kind: IntArray) -> None:
        self._points = np.atleast_1d(np.asarray(shapely.points(lon, lat), dtype=object))
        self._kind = kind
        self._tree = shapely.STRtree(self._points)

    def near(
        self, lon: FloatArray, lat: FloatArray, kind: IntArray, reach_m: float
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Find every point of the wanted kind within reach of each position.

        The distance is that of ``geometry.nearby``, in whole millimetres; the reach is
        inclusive.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326; NaN is near nothing
        kind : (n,) the kind each position asks for, -1 for none

        Returns
        -------
        (m,) positions of positions, (m,) positions of points, (m,) metres: by position,
        distance, point

        Examples
        --------
        >>> index = PointIndex(np.array([0.0, 0.0001]), np.zeros(2), np.array([0, 1]))
        >>> here, there = np.array([0.0]), np.array([0.0])
        >>> [found.tolist() for found in index.near(here, there, np.array([1]), 20.0)]
        [[0], [1], [11.132]]
        """
        asking = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat) & (kind >= 0))
        if not len(self._points) or not len(asking):
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        x, y = lon[asking], lat[asking]
        m_lon, m_lat = metres_per_degree(y)
        wide_m = reach_m * _MARGIN + 0.01
        dx, dy = wide_m / m_lon, wide_m / m_lat
        of, point = self._tree.query(shapely.box(x - dx, y - dy, x + dx, y + dy))
        wanted = self._kind[point] == kind[asking][of]
        of, point = of[wanted], point[wanted]
        metres = distance_m(self._points[point], x[of], y[of])
        near = metres <= reach_m
        of, point, metres = asking[of[near]], point[near], metres[near]
        order = np.lexsort((point, metres, of))
        return of[order], point[order], metres[order]
