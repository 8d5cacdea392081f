"""Whether areas fill another to the vertex, by comparing one number for each.

The edges around neighbours cancel where they share them; what is left are the edges around all
of them. With each edge as a number, its opposite as minus that number, the sum for an area is
the sum for those that fill it exactly: no overlay has to be computed to know that none of its
ground is of no child, of two, or beyond it.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmgmt.arrays import BoolArray, GeometryArray, IntArray
from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, rows_by
from gridmgmt.geometry.measure import GRID_PER_DEGREE

# Edges become numbers of 64 bits as if drawn at random: that sums of other edges are the same
# happens once in 10^19 comparisons.
Sums = NDArray[np.uint64]

# The constants of SplitMix64 (Steele, Lea, Flood 2014).
_STEPS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_ODD = np.uint64(0x9E3779B97F4A7C15)


def border_sums(geoms: GeometryArray) -> Sums:
    """Return for each valid polygon or multipolygon the sum of the edges around it.

    Parameters
    ----------
    geoms : (n,) on the storage grid, in lon/lat; rings may turn either way

    Returns
    -------
    (n,), 0 for None and empty; additions wrap around

    Examples
    --------
    >>> west, east = shapely.box([0, 1], 0, [1, 2], 1)
    >>> both = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)])
    >>> a, b, c = border_sums(np.array([west, east, both], dtype=object))
    >>> bool(np.uint64((int(a) + int(b)) % 2**64) == c)
    True
    """
    parts, owner = shapely.get_parts(geoms, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    is_outline = np.diff(part, prepend=-1) != 0
    # Ground is on the left of an outer ring that turns left, and of a hole that turns right.
    forward = shapely.is_ccw(rings) == is_outline
    steps = np.rint(coords * GRID_PER_DEGREE).astype(np.int64)
    same = ring[1:] == ring[:-1]
    begin, end = steps[:-1][same], steps[1:][same]
    numbers = _vertex_numbers(steps)
    of_begin, of_end = numbers[:-1][same], numbers[1:][same]
    upward = _is_upward(begin, end)
    low, high = (np.where(upward, *pair) for pair in ((of_begin, of_end), (of_end, of_begin)))
    edge = _mixed(low * _ODD + high)
    edge[(begin == end).all(axis=1)] = 0
    edge = np.where(upward == forward[ring[1:][same]], edge, -edge)
    area = owner[part[ring[1:][same]]]
    whole = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(edge, dtype=np.uint64)])
    ends = np.searchsorted(area, np.arange(len(geoms) + 1))
    sums: Sums = whole[ends[1:]] - whole[ends[:-1]]
    return sums


def exactly_filled(areas: MeasuredAreas, parents: MeasuredAreas) -> BoolArray:
    """Return which parents their children fill to the vertex, without overlap.

    A code that stands twice is left to who compares the grounds.
    """
    mine, theirs = border_sums(areas.geoms), border_sums(parents.geoms)
    children, rows = rows_by(areas.parent_codes), rows_by(parents.codes)
    filled = np.zeros(len(parents), dtype=np.bool_)
    for code, [row, *others] in rows.items():
        inside = children.get(code)
        if inside and not others:
            filled[row] = np.sum(mine[inside], dtype=np.uint64) == theirs[row]
    return filled


def _vertex_numbers(steps: IntArray) -> Sums:
    x, y = steps.astype(np.uint64).T
    return _mixed(_mixed(x + _ODD) ^ y)


def _is_upward(begin: IntArray, end: IntArray) -> BoolArray:
    east, north = (end - begin).T
    upward: BoolArray = (east > 0) | ((east == 0) & (north > 0))
    return upward


def _mixed(numbers: Sums) -> Sums:
    mixed = numbers
    for bits, factor in _STEPS:
        mixed = (mixed ^ (mixed >> np.uint64(bits))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
