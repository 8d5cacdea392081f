"""Structures demolished in a period and those still standing, with their footprints."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.period import Period
from gridmgmt.geometry.drawing.compact import Polygon, encode
from gridmgmt.store.situation.map_areas import Structure, list_structures

# Degrees, about a tenth of a metre: footprints are small.
_UNIT = 1e-6


@dataclass(frozen=True, slots=True)
class MapDemolitions:
    """Structures with footprints, or else points, in integer units from an origin."""

    structures: Sequence[Structure]
    unit: float
    origin: tuple[float, float]
    polygons: Sequence[Sequence[Polygon]]
    points: Sequence[tuple[int, int] | None]


def demolitions(
    conn: Connection, period: Period, *, edition: int | None = None, area: AreaKey | None = None
) -> MapDemolitions:
    """Return structures demolished in a period, and those still standing.

    Parameters
    ----------
    area : the one area the account is limited to, in ``edition``
    """
    structures, geoms = list_structures(conn, period, edition=edition, area=area)
    is_point = shapely.get_type_id(geoms) == shapely.GeometryType.POINT
    compact = encode(geoms, _UNIT)
    points: list[tuple[int, int] | None] = [None] * len(structures)
    for n in np.flatnonzero(is_point):
        x, y = np.rint((shapely.get_coordinates(geoms[n])[0] - compact.origin) / _UNIT)
        points[n] = int(x), int(y)
    return MapDemolitions(structures, _UNIT, compact.origin, compact.polygons, points)
