"""Geometry across the border of the database: arrays of shapes there, WKB here."""

from collections.abc import Sequence

import shapely

from gridmgmt.arrays import GeometryArray, objects


def ewkb(geoms: GeometryArray) -> list[bytes | None]:
    """Write shapes in lon/lat as EWKB with their SRID, None as None."""
    return list(shapely.to_wkb(shapely.set_srid(geoms, 4326), include_srid=True))


def hex_ewkb(geoms: GeometryArray) -> list[str | None]:
    """Write shapes in lon/lat as EWKB in hexadecimal, as single rows and COPY want them."""
    return list(shapely.to_wkb(shapely.set_srid(geoms, 4326), hex=True, include_srid=True))


def from_wkb(column: Sequence[memoryview | bytes | None]) -> GeometryArray:
    """Read a column of ``ST_AsBinary``, NULL as None.

    Examples
    --------
    >>> from_wkb([]).shape
    (0,)
    """
    wkb = objects(None if one is None else bytes(one) for one in column)
    shapes: GeometryArray = shapely.from_wkb(wkb)
    return shapes
