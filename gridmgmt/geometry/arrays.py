"""Names for the arrays that cross the borders of this package."""

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
