"""Which lines lie close to positions, asked again and again: road segments near cases."""

import numpy as np
import shapely

from gridmgmt.geometry.arrays import FloatArray, GeometryArray, IntArray, order_within
from gridmgmt.geometry.borders import Borders
from gridmgmt.geometry.edge_distance import cells_near
from gridmgmt.geometry.edge_grid import edge_grid


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
        self._reach_m = float(tolerance_m.max(initial=0.0))
        parts, line_of = shapely.get_parts(lines, return_index=True)
        corners, part_of = shapely.get_coordinates(parts, return_index=True)
        begins = np.flatnonzero(part_of[1:] == part_of[:-1])
        ends = np.hstack([corners[begins], corners[begins + 1]])
        # A line has no inside: it stands on the left of its edges, nothing on the right.
        owners = np.full((len(begins), 2), -1, dtype=np.int32)
        owners[:, 0] = line_of[part_of[begins]]
        self._edges = edge_grid(Borders(_upward(ends), owners), len(lines))

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
        reach_m = np.full(len(asking), self._reach_m)
        found = cells_near(self._edges, lon[asking], lat[asking], reach_m)
        near = found.distance_m <= self._tolerance_m[found.cell]
        row, line, metres = found.row[near], found.cell[near], found.distance_m[near]
        order = order_within(row, metres, line)
        return asking[row[order]], line[order], metres[order]


def _upward(ends: FloatArray) -> FloatArray:
    """Turn every piece to run from its lower end up, or from west to east, as borders do."""
    west, south, east, north = ends.T
    down = (south > north) | ((south == north) & (west > east))
    return np.where(down[:, None], ends[:, [2, 3, 0, 1]], ends)
