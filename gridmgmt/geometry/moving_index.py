"""Points that come and go, found by how near they are: open cases of the last hours."""

import math

from rtree.index import Index

from gridmgmt.geometry.measure import metres_per_degree

# More than rounding to millimetres moves.
_MARGIN_M = 0.001


class MovingIndex:
    """An R-tree of points under numbers; what never changes is found faster by `NearIndex`."""

    def __init__(self) -> None:
        self._tree = Index()
        self._at: dict[int, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._at)

    def put(self, number: int, lon: float, lat: float) -> None:
        """Put a point at a place; one that is there already moves.

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
        self._at[number] = (lon, lat)
        self._tree.insert(number, (lon, lat, lon, lat))

    def remove(self, number: int) -> None:
        """Take a point away.

        Raises
        ------
        KeyError
            when there is none of that number
        """
        lon, lat = self._at.pop(number)
        self._tree.delete(number, (lon, lat, lon, lat))

    def near(self, lon: float, lat: float, reach_m: float) -> list[tuple[int, float]]:
        """Find every point within reach of a position, the nearest first, then by number.

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
        found = []
        for number in self._tree.intersection(box):
            # Translate first and scale second: the other way round loses millimetres.
            x, y = self._at[number]
            east, north = (x - lon) * m_lon, (y - lat) * m_lat
            metres = round(math.sqrt(east * east + north * north) * 1000.0) / 1000.0
            if metres <= reach_m:
                found.append((metres, number))
        return [(number, metres) for metres, number in sorted(found)]
