"""The arrays that cross the borders of this package: their names, and how objects get in."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

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
