"""Ground that other areas have after a change than before, and what lies near it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray
from gridmgmt.geometry.measure import metres_per_degree

# A degree of longitude is shorter at the far end of a distance than at its near end.
_SAFE = 1.01
# The pole, where a degree of longitude has no length.
_FARTHEST_LAT = 89.0


@dataclass(frozen=True, eq=False)
class MovedGround:
    """Pieces of ground: (k,) polygons in lon/lat, none of them empty; they may overlap."""

    pieces: GeometryArray

    @classmethod
    def of(cls, *grounds: GeometryArray) -> "MovedGround":
        """Return the ground of several arrays of polygons; None and empty ones are left out."""
        parts = shapely.get_parts(np.concatenate(grounds)) if grounds else np.empty(0, object)
        # An overlay may leave lines where outlines only touch.
        has_ground = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
        return cls(parts[has_ground])

    def __len__(self) -> int:
        return len(self.pieces)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.pieces)

    @property
    def bounds(self) -> BaseGeometry:
        """Return the box around all pieces, empty without any."""
        if not len(self):
            return shapely.Polygon()
        box: BaseGeometry = shapely.box(*shapely.total_bounds(self.pieces))
        return box

    @cached_property
    def around(self) -> BaseGeometry:
        """Return the boxes of the pieces as one polygon, empty without any."""
        joined: BaseGeometry = shapely.union_all(shapely.envelope(self.pieces))
        return joined

    def boxes(self, reach_m: float) -> GeometryArray:
        """Return the (k,) boxes of the pieces, with at least ``reach_m`` added on each side."""
        return boxes_around(shapely.bounds(self.pieces).reshape(-1, 4), reach_m)

    def reaching(self, lon: FloatArray, lat: FloatArray, reach_m: FloatArray) -> BoolArray:
        """Return which discs may touch the ground; of a few that pass close by it says so too.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326
        reach_m : (n,) radius in metres
        """
        touch = np.zeros(len(lon), dtype=bool)
        if len(self) and len(lon):
            points = np.atleast_1d(np.asarray(shapely.points(lon, lat), dtype=object))
            degrees = _degrees(reach_m, lat)
            found, _ = self._tree.query(points, predicate="dwithin", distance=degrees)
            touch[found] = True
        return touch


def boxes_around(bounds: FloatArray, reach_m: float | FloatArray) -> GeometryArray:
    """Return boxes with at least ``reach_m`` metres added on each side.

    Parameters
    ----------
    bounds : (n, 4) west, south, east and north in degrees
    """
    west, south, east, north = bounds.T
    reach = np.broadcast_to(np.asarray(reach_m, dtype=np.float64), west.shape)
    degrees = _degrees(reach, np.fmax(np.abs(south), np.abs(north)))
    boxes = shapely.box(west - degrees, south - degrees, east + degrees, north + degrees)
    return np.atleast_1d(np.asarray(boxes, dtype=object))


def _degrees(reach_m: FloatArray, lat: FloatArray) -> FloatArray:
    """Return distances as degrees of whatever is shorter there, of longitude or latitude."""
    m_lon, m_lat = metres_per_degree(np.minimum(np.abs(lat), _FARTHEST_LAT))
    return _SAFE * reach_m / np.fmin(m_lon, m_lat)


def left_over(grounds: GeometryArray, kept: GeometryArray) -> GeometryArray:
    """Return what each ground has that the other of the same row has not.

    Parameters
    ----------
    grounds, kept : (n,) valid polygons in lon/lat; None and empty have no ground
    """
    rest: GeometryArray = np.asarray(shapely.difference(grounds, kept), dtype=object)
    missing = shapely.is_missing(kept)
    rest[missing] = grounds[missing]
    return rest
