"""Which lines lie close to positions, asked again and again: road segments near cases."""

import numpy as np
import shapely

from gridmgmt.geometry.arrays import FloatArray, GeometryArray, IntArray
from gridmgmt.geometry.edge_distance import whole_millimetres
from gridmgmt.geometry.measure import metres_per_degree

# How much wider than the tolerance to search, so that the formula decides and not the box.
_MARGIN = 1.01


class LineIndex:
    """Lines, each with a tolerance of its own, searched edge by edge.

    The distance is that of ``nearby.distance_m`` to the whole line, to the last millimetre.

    Parameters
    ----------
    lines : (k,) (multi)lines, lon/lat
    tolerance_m : (k,) metres, inclusive
    """

    def __init__(self, lines: GeometryArray, tolerance_m: FloatArray) -> None:
        self._tolerance_m = tolerance_m
        self._reach_m = float(tolerance_m.max(initial=0.0)) * _MARGIN + 0.01
        parts, line_of = shapely.get_parts(lines, return_index=True)
        corners, part_of = shapely.get_coordinates(parts, return_index=True)
        begins = np.flatnonzero(part_of[1:] == part_of[:-1])
        self._begin, self._end = corners[begins], corners[begins + 1]
        self._line = line_of[part_of[begins]]
        low = np.minimum(self._begin, self._end)
        high = np.maximum(self._begin, self._end)
        self._tree = shapely.STRtree(np.asarray(shapely.box(*low.T, *high.T), dtype=object))

    def near(self, lon: FloatArray, lat: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Find every line within its tolerance of each point.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326; NaN is near nothing

        Returns
        -------
        (m,) positions of points, (m,) positions of lines, (m,) metres: by point, distance, line

        Examples
        --------
        >>> north = np.array([shapely.LineString([(0, 0.0001), (1, 0.0001)])])
        >>> index = LineIndex(north, np.array([20.0]))
        >>> [found.tolist() for found in index.near(np.array([0.5]), np.array([0.0]))]
        [[0], [0], [11.057]]
        """
        asking = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        x, y = lon[asking], lat[asking]
        m_lon, m_lat = metres_per_degree(y)
        dx, dy = self._reach_m / m_lon, self._reach_m / m_lat
        of, edge = self._tree.query(shapely.box(x - dx, y - dy, x + dx, y + dy))
        metres = self._distance_m(edge, x[of], y[of], m_lon[of], m_lat[of])
        line = self._line[edge]
        near = metres <= self._tolerance_m[line]
        return _nearest(asking[of[near]], line[near], metres[near])

    def _distance_m(
        self,
        edge: IntArray,
        lon: FloatArray,
        lat: FloatArray,
        m_lon: FloatArray,
        m_lat: FloatArray,
    ) -> FloatArray:
        """Measure from points to the edges beside them, in the order of GEOS's own terms."""
        # Translate first and scale second: the other way round loses millimetres.
        ax = (self._begin[edge, 0] - lon) * m_lon
        ay = (self._begin[edge, 1] - lat) * m_lat
        bx = (self._end[edge, 0] - lon) * m_lon
        by = (self._end[edge, 1] - lat) * m_lat
        east, north = bx - ax, by - ay
        length2 = east * east + north * north
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (-ax * east + -ay * north) / length2
            beside = np.abs((ay * east - ax * north) / length2) * np.sqrt(length2)
        to_begin, to_end = np.sqrt(ax * ax + ay * ay), np.sqrt(bx * bx + by * by)
        metres = np.where(along >= 1.0, to_end, beside)
        # An edge without length is its begin.
        return whole_millimetres(np.where((along <= 0.0) | (length2 == 0.0), to_begin, metres))


def _nearest(
    point: IntArray, line: IntArray, metres: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Keep of each point and line the nearest edge, by point, distance, line."""
    order = np.lexsort((metres, line, point))
    point, line, metres = point[order], line[order], metres[order]
    first = np.ones(len(point), dtype=np.bool_)
    first[1:] = (point[1:] != point[:-1]) | (line[1:] != line[:-1])
    point, line, metres = point[first], line[first], metres[first]
    order = np.lexsort((line, metres, point))
    return point[order], line[order], metres[order]
