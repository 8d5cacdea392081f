"""Names for the arrays that cross the borders of this package, and how to make them."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
ByteArray: TypeAlias = NDArray[np.uint8]
# Instants in UTC, NaT for none.
MomentArray: TypeAlias = NDArray[np.datetime64]

# Text or None. numpy has no null for text, so the arrays hold Python objects.
ObjectArray: TypeAlias = NDArray[np.object_]

# Shapely geometries or None.
GeometryArray: TypeAlias = NDArray[np.object_]


def objects(values: Iterable[object]) -> ObjectArray:
    """Return a (n,) array of Python objects: text, geometries, None.

    ``np.array`` would turn lists of equal length into a matrix.

    Examples
    --------
    >>> objects(["A1", None]).tolist(), objects([[1, 2], [3, 4]]).shape, objects([]).shape
    (['A1', None], (2,), (0,))
    """
    return np.fromiter(values, dtype=object)


def order_within(group: IntArray, *keys: NDArray[np.generic]) -> IntArray:
    """Return the order of rows within groups, by some keys; the first key counts most.

    Usually most groups have one row, so only larger groups are sorted.

    Parameters
    ----------
    group : (n,) ascending
    keys : (n,) each

    Returns
    -------
    (n,) positions; rows with equal keys keep their order

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
