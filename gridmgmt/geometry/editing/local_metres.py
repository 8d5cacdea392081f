"""Whole steps of the storage grid as metres around a place, for what is near."""

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.measure import GRID_PER_DEGREE, metres_per_degree


class LocalMetres:
    """A plane in metres that touches the earth at a vertex; true near it (DESIGN D5)."""

    def __init__(self, origin: IntArray) -> None:
        self._origin = np.asarray(origin, dtype=np.int64)
        m_lon, m_lat = metres_per_degree(self._origin[1] / GRID_PER_DEGREE)
        self._scale = np.array([m_lon, m_lat], dtype=np.float64) / GRID_PER_DEGREE

    def of(self, steps: IntArray) -> FloatArray:
        """Return (n, 2) metres east and north of the origin."""
        metres: FloatArray = (steps - self._origin) * self._scale
        return metres

    def back(self, metres: FloatArray) -> IntArray:
        """Return the nearest whole steps of (n, 2) metres."""
        return np.rint(metres / self._scale).astype(np.int64) + self._origin

    def margin(self, metres: float) -> IntArray:
        """Return how many steps east and north a distance is at most."""
        return np.ceil(metres / self._scale).astype(np.int64)
