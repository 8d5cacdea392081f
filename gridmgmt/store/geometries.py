"""Geometry across the border of the database: arrays of shapes there, WKB here."""

from collections.abc import Sequence

import numpy as np
import shapely

from gridmgmt.geometry.arrays import GeometryArray


def ewkb(geoms: GeometryArray) -> list[bytes | None]:
    """Write shapes in lon/lat as EWKB with their SRID, None as None."""
    return list(shapely.to_wkb(shapely.set_srid(geoms, 4326), include_srid=True))


def hex_ewkb(geoms: GeometryArray) -> list[str | None]:
    """Write shapes in lon/lat as EWKB in hexadecimal, as single rows and COPY want them."""
    return list(shapely.to_wkb(shapely.set_srid(geoms, 4326), hex=True, include_srid=True))


def from_wkb(column: Sequence[object]) -> GeometryArray:
    """Read a column of ``ST_AsBinary``, NULL as None.

    Examples
    --------
    >>> from_wkb([]).shape
    (0,)
    """
    shapes: GeometryArray = np.empty(len(column), dtype=object)
    shapes[:] = shapely.from_wkb([None if wkb is None else bytes(wkb) for wkb in column])  # type: ignore[call-overload]
    return shapes
