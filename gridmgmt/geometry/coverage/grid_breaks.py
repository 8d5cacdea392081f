"""Find outlines that only the storage grid breaks, and mend them on request.

Coordinates are kept on a grid of 1e-8 degrees, about a millimetre. An outline with a thinner
neck, or a vertex nearer than that to another edge, can cross itself there although it did not
before.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, GeometryArray
from gridmgmt.geometry.coverage.area_faults import outline_fault
from gridmgmt.geometry.measure import GRID_PER_DEGREE, on_grid

_POLYGONS = [int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON)]


@dataclass(frozen=True)
class GridBreak:
    """An outline that the grid breaks: its position in the layer, and the fault there."""

    row: int
    fault: str


def grid_breaks(exact: GeometryArray, stored: GeometryArray) -> list[GridBreak]:
    """Return the polygons that are valid as given and not as stored.

    Parameters
    ----------
    exact : (n,) geometries in lon/lat before they are rounded; None and others are passed over
    stored : (n,) the same on the storage grid
    """
    polygons: BoolArray = np.isin(shapely.get_type_id(exact), _POLYGONS)
    broken = polygons & shapely.is_valid(exact) & ~shapely.is_valid(stored)
    return [
        GridBreak(int(row), outline_fault(stored[row])[0]) for row in np.flatnonzero(broken)
    ]


def mended_on_grid(exact: GeometryArray) -> GeometryArray:
    """Return valid polygons on the storage grid for valid ones.

    Vertices move by at most a step of the grid, or go where the outline is thinner than that.
    A polygon that is thinner everywhere becomes empty.

    Examples
    --------
    >>> thin = shapely.from_wkt("POLYGON ((0 0, 1 0, 1 1, 0.5 4e-9, 0 1, 0 0))")
    >>> bool(on_grid([thin])[0].is_valid), mended_on_grid([thin])[0].geom_type
    (False, 'MultiPolygon')
    """
    return on_grid(shapely.set_precision(exact, 1 / GRID_PER_DEGREE))
