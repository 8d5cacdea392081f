"""Compute how much of each grid square lies inside an outline, exactly."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import FloatArray, IntArray


def inside_share(outline: BaseGeometry, shape: tuple[int, int]) -> FloatArray:
    """Compute the part of each unit square that an outline covers.

    Every border is cut where it leaves a square. Each piece adds the area to its right, in its
    own square and in all further squares of the row. Smooth text is drawn in the same way.

    Parameters
    ----------
    outline : polygon or multipolygon in units of the grid, within (0, 0) and ``shape``
    shape : rows, columns; row r and column c are the square from (c, r) to (c + 1, r + 1)

    Returns
    -------
    ``shape`` numbers between 0 and 1

    Examples
    --------
    >>> inside_share(shapely.box(0.5, 0, 2, 0.5), (1, 3)).tolist()
    [[0.25, 0.5, 0.0]]
    """
    rows, columns = shape
    parts = shapely.orient_polygons(shapely.get_parts(outline))
    pieces = np.concatenate([_cut(ring) for ring in shapely.get_rings(parts)])
    x, y = pieces.mean(axis=1).T
    upward = pieces[:, 1, 1] - pieces[:, 0, 1]
    row = np.clip(y.astype(np.int64), 0, rows - 1)
    column = np.clip(x.astype(np.int64), 0, columns - 1)
    square = row * (columns + 1) + column
    # Outlines run counter-clockwise: the ground to the right of a border that goes down is
    # inside.
    grid = np.zeros(rows * (columns + 1))
    grid += np.bincount(square, upward * (x - column - 1), minlength=len(grid))
    grid += np.bincount(square + 1, upward * (column - x), minlength=len(grid))
    share: FloatArray = np.cumsum(grid.reshape(rows, columns + 1), axis=1)[:, :-1]
    return np.clip(share, 0.0, 1.0)


def _cut(ring: BaseGeometry) -> FloatArray:
    """Cut the borders of a ring at integer x and y: (m, 2, 2) from and to."""
    line = shapely.get_coordinates(ring)
    start, step = line[:-1], np.diff(line, axis=0)
    border = [np.repeat(np.arange(len(start)), 2)]
    along = [np.tile([0.0, 1.0], len(start))]
    for axis in (0, 1):
        owner, crossing = _crossings(line[:-1, axis], line[1:, axis])
        border.append(owner)
        along.append((crossing - start[owner, axis]) / step[owner, axis])
    owner, part = np.concatenate(border), np.concatenate(along)
    order = np.lexsort((part, owner))
    owner, part = owner[order], part[order]
    at = start[owner] + part[:, None] * step[owner]
    same = owner[1:] == owner[:-1]
    pieces: FloatArray = np.stack([at[:-1], at[1:]], axis=1)[same]
    return pieces


def _crossings(begin: FloatArray, end: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the integers strictly between begin and end, with the row of each."""
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    first = np.floor(low) + 1
    count = np.maximum(np.ceil(high) - first, 0).astype(np.int64)
    owner = np.repeat(np.arange(len(begin)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return owner, first[owner] + within
