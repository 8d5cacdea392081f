"""The arrays that cross the borders of packages: their names, and how objects get in."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
# Instants in UTC, NaT for none.
MomentArray: TypeAlias = NDArray[np.datetime64]

# Text or None; numpy has no null for text, so the arrays hold Python objects.
ObjectArray: TypeAlias = NDArray[np.object_]

# Shapely geometries or None.
GeometryArray: TypeAlias = NDArray[np.object_]


def objects(values: Iterable[object]) -> ObjectArray:
    """Make a (n,) array of Python objects: text, geometries, None.

    ``np.array`` would make a matrix of lists of equal length.

    Examples
    --------
    >>> objects(["A1", None]).tolist(), objects([[1, 2], [3, 4]]).shape, objects([]).shape
    (['A1', None], (2,), (0,))
    """
    return np.fromiter(values, dtype=object)


def order_within(group: IntArray, *keys: NDArray[np.generic]) -> IntArray:
    """Order rows that stand by group already by these keys within each, the first key first.

    Most groups are often of one row: only the others are sorted.

    Parameters
    ----------
    group : (n,) ascending
    keys : (n,) each

    Returns
    -------
    (n,) positions; rows alike in all keys stay as they stand

    Examples
    --------
    >>> order_within(np.array([0, 1, 1, 1]), np.array([9, 5, 3, 3])).tolist()
    [0, 2, 3, 1]
    """
    shared = np.zeros(len(group), dtype=np.bool_)
    again = group[1:] == group[:-1]
    shared[1:] |= again
    shared[:-1] |= again
    rows = np.flatnonzero(shared)
    order = np.arange(len(group))
    order[rows] = rows[np.lexsort((*(key[rows] for key in reversed(keys)), group[rows]))]
    return order
