"""An index of points that come and go, such as open cases, for finding near ones."""

import math

import numpy as np
from rtree.index import Index

from gridmgmt.arrays import FloatArray
from gridmgmt.geometry.locating.edge_distance import whole_millimetres
from gridmgmt.geometry.locating.edge_search import metres_to
from gridmgmt.geometry.measure import metres_per_degree

# More than rounding to millimetres can move.
_MARGIN_M = 0.001


class MovingIndex:
    """An R-tree of numbered points.

    For points that never change, `NearIndex` is faster.
    """

    def __init__(self) -> None:
        self._tree = Index()
        self._at: dict[int, FloatArray] = {}

    def __len__(self) -> int:
        return len(self._at)

    def put(self, number: int, lon: float, lat: float) -> None:
        """Put a point at a position; a number that exists already is moved.

        Parameters
        ----------
        lon, lat : degrees, EPSG:4326

        Raises
        ------
        ValueError
            when they are not finite
        """
        if not (math.isfinite(lon) and math.isfinite(lat)):
            message = f"no place for a point: {lon}, {lat}"
            raise ValueError(message)
        if number in self._at:
            self.remove(number)
        self._at[number] = np.array([lon, lat, lon, lat])
        self._tree.insert(number, self._at[number])

    def remove(self, number: int) -> None:
        """Remove a point.

        Raises
        ------
        KeyError
            when there is no point with this number
        """
        self._tree.delete(number, self._at.pop(number))

    def near(self, lon: float, lat: float, reach_m: float) -> list[tuple[int, float]]:
        """Find all points within reach of a position, nearest first, then by number.

        Distances are those of `NearIndex`, in whole millimetres.

        Parameters
        ----------
        lon, lat : degrees, EPSG:4326; NaN is near nothing
        reach_m : metres, inclusive

        Examples
        --------
        >>> index = MovingIndex()
        >>> index.put(7, 120.0, 30.0001)
        >>> index.near(120.0, 30.0, 50.0)
        [(7, 11.085)]
        """
        if not self._at or not (math.isfinite(lon) and math.isfinite(lat)):
            return []
        m_lon, m_lat = (float(metres) for metres in metres_per_degree(lat))
        wide, high = (reach_m + _MARGIN_M) / m_lon, (reach_m + _MARGIN_M) / m_lat
        box = (lon - wide, lat - high, lon + wide, lat + high)
        around = list(self._tree.intersection(box))
        # A point is a piece whose end is its start.
        exact = [metres_to(self._at[number], lon, lat, m_lon, m_lat) for number in around]
        metres = whole_millimetres(np.array(exact)).tolist()
        near = [pair for pair in zip(metres, around, strict=True) if pair[0] <= reach_m]
        return [(number, distance_m) for distance_m, number in sorted(near)]
