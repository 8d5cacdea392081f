"""Convert geometry between shapes (Python) and WKB (database)."""

from collections.abc import Sequence
from typing import Any

import shapely
import sqlalchemy as sa
from geoalchemy2 import WKBElement
from shapely.geometry.base import BaseGeometry

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


def meets(column: sa.ColumnElement[Any], ground: BaseGeometry) -> sa.ColumnElement[bool]:
    """Return the condition that a column meets a polygon (lon/lat); an empty one meets none."""
    shape = WKBElement(shapely.to_wkb(ground), srid=4326)
    return sa.func.ST_Intersects(column, shape)
