"""Which cell covers each point: the question that is asked by the million."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmgmt.geometry.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.geometry.locator import Locator

CellArray: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Covered:
    """Answers for n points.

    ``cell`` (n,) positions into the index's codes, -1 = in none; ``on_boundary`` (n,) covered
    by more than one cell, of which the answer has the smallest code.
    """

    cell: CellArray
    on_boundary: BoolArray


def cover(index: Locator, lon: ArrayLike, lat: ArrayLike, *, threads: int = 1) -> Covered:
    """Find the cell that covers each point, borders included.

    Parameters
    ----------
    lon, lat : (n,) degrees, EPSG:4326; a point with NaN, infinity or a latitude past 90 is in
        no cell
    threads : how many work at a time

    Examples
    --------
    >>> from gridmgmt.geometry.locator import build_locator
    >>> index = build_locator(["A", "B"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> answer = cover(index, [0.5, 1.0, 3.0], [0.5, 0.5, 0.5])
    >>> answer.cell.tolist(), answer.on_boundary.tolist()
    ([0, 0, -1], [False, True, False])
    """
    lon, lat = np.atleast_1d(lon).astype(np.float64), np.atleast_1d(lat).astype(np.float64)
    usable = np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= 90))
    row, covering = covering_pairs(index, lon, lat, usable)
    cell = np.full(len(lon), -1, dtype=np.int32)
    order = np.lexsort((-covering, row))
    cell[row[order]] = covering[order]
    return Covered(cell, np.bincount(row, minlength=len(lon)) > 1)


def covering_pairs(
    index: Locator, lon: FloatArray, lat: FloatArray, rows: IntArray
) -> tuple[IntArray, IntArray]:
    """Pair points with all the cells that cover them, borders included, by GEOS alone.

    Parameters
    ----------
    lon, lat : (n,) degrees
    rows : (m,) which of them to ask about, all finite

    Returns
    -------
    (p,) rows, (p,) positions of cells: by cell, then in the order of ``rows``
    """
    row, cell = index.tree.query(shapely.points(lon[rows], lat[rows]))
    row = rows[row]
    # Cell by cell, so that each prepared polygon answers for all its points in one call.
    # Intersects of a polygon and a point is covers; contains would lose every border point.
    order = np.argsort(cell, kind="stable")
    row, cell = row[order], cell[order]
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    covered = np.zeros(len(row), dtype=bool)
    for a, b in pairwise([*starts.tolist(), len(row)]):
        covered[a:b] = shapely.intersects_xy(index.geoms[cell[a]], lon[row[a:b]], lat[row[a:b]])
    return row[covered], cell[covered]
