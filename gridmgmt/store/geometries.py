"""Convert geometry between shapes (Python) and WKB (database)."""

from collections.abc import Sequence

import shapely

from gridmgmt.arrays import GeometryArray, objects


def ewkb(geoms: GeometryArray) -> list[bytes | None]:
    """Return shapes in lon/lat as EWKB with their SRID; None stays None."""
    return list(shapely.to_wkb(shapely.set_srid(geoms, 4326), include_srid=True))


def hex_ewkb(geoms: GeometryArray) -> list[str | None]:
    """Return shapes in lon/lat as hexadecimal EWKB, for single rows and for COPY."""
    return list(shapely.to_wkb(shapely.set_srid(geoms, 4326), hex=True, include_srid=True))


def from_wkb(column: Sequence[memoryview | bytes | None]) -> GeometryArray:
    """Return the shapes of an ``ST_AsBinary`` column; NULL becomes None.

    Examples
    --------
    >>> from_wkb([]).shape
    (0,)
    """
    wkb = objects(None if one is None else bytes(one) for one in column)
    shapes: GeometryArray = shapely.from_wkb(wkb)
    return shapes
