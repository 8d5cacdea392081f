"""Put holes into their shells where a shapefile's rings all run the wrong way round.

In a shapefile outer rings run clockwise, holes the other way. Where a program writes both
turned round, GDAL takes the hole for the outer ring, and the outer ring for a hole of it.
"""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, IntArray
from gridmgmt.domain.listing import listed
from gridmgmt.sentence import Sentence

_POLYGONS = [int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON)]
# Comparing each ring with each: outlines with more are left as they are.
_MOST_RINGS = 500


def with_holes_in_shells(
    geom: GeometryArray, feature: IntArray
) -> tuple[GeometryArray, list[Sentence]]:
    """Return shapes with their rings in order, and a note on those that were not.

    Only shapes that are not valid as GDAL reads them are looked at, and changed only if every
    ring is turned round and the result is valid.

    Parameters
    ----------
    geom : (n,) shapes as GDAL reads them; None and others than polygons are passed over
    feature : (n,) their numbers
    """
    wrong = np.isin(shapely.get_type_id(geom), _POLYGONS) & ~shapely.is_valid(geom)
    ordered, turned = geom.copy(), []
    for row in np.flatnonzero(wrong).tolist():
        found = _in_order(geom[row])
        if found is not None:
            ordered[row] = found
            turned.append(row)
    if not turned:
        return geom, []
    said = Sentence(
        "rings run the wrong way round in {} feature(s), read by which lies inside which: {}",
        f"{len(turned):,}",
        listed(feature[turned]),
    )
    return ordered, [said]


def _in_order(geom: BaseGeometry) -> BaseGeometry | None:
    """Return a shape of the same rings by which of them lie inside which; None if unsure.

    Examples
    --------
    >>> shell, hole = "0 0, 9 0, 9 9, 0 9, 0 0", "1 1, 1 2, 2 2, 2 1, 1 1"
    >>> _in_order(shapely.from_wkt(f"POLYGON (({hole}), ({shell}))")).area
    80.0
    >>> _in_order(shapely.from_wkt(f"POLYGON (({shell}), ({shell}))")) is None
    True
    """
    rings = shapely.get_rings(geom)
    areas = np.asarray(shapely.polygons(rings), dtype=object)
    if not 1 < len(rings) <= _MOST_RINGS or not shapely.is_valid(areas).all():
        return None
    inside = shapely.contains_properly(areas[:, None], areas[None, :])
    is_hole = inside.sum(axis=0) % 2 == 1
    # Turned round: shells run counter-clockwise, holes clockwise.
    if not (shapely.is_ccw(rings) == ~is_hole).all():
        return None
    size = np.asarray(shapely.area(areas))
    holes: dict[int, list[int]] = {int(shell): [] for shell in np.flatnonzero(~is_hole)}
    for hole in np.flatnonzero(is_hole).tolist():
        around = np.flatnonzero(inside[:, hole])
        holes[int(around[np.argmin(size[around])])].append(hole)
    parts = [shapely.Polygon(rings[shell], rings[within]) for shell, within in holes.items()]
    found = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return found if found.is_valid else None
