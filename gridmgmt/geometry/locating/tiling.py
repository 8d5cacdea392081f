"""A plane cut into equal rectangles, and the rectangles near a piece of border.

A point lies in the rectangle whose number is computed for it. That computation rounds: a point
on or beside the line between two rectangles may be given to either. So a piece of border is
entered in every rectangle that it comes within `NEAR` of, a thousandth of a rectangle's side.
With at most 2**14 columns, u = (lon - west) * per_lon is off by no more than 2 rounding errors
of 2**-53 each, that is 2**-38 of a side, and the end of a clipped piece by 2**-26 at most (see
`columns`): so whatever the rounding, the rectangle of a point knows of all borders around it.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.compiled import compiled

CountArray: TypeAlias = IntArray | NDArray[np.int32]

NEAR = 1.0 / 1024.0

LARGEST_SIDE = 1 << 14

# Extents whose products neither vanish nor overflow.
_TINY = 1e-60


@dataclass(frozen=True)
class Tiling:
    """``columns`` by ``rows`` rectangles, ``per_lon`` and ``per_lat`` of them to a degree.

    The first rectangle begins at ``west``, ``south``; rows go north.
    """

    west: float
    south: float
    per_lon: float
    per_lat: float
    columns: int
    rows: int

    def parameters(self) -> FloatArray:
        """Return west, south, per_lon, per_lat, columns, rows, as kernels need them."""
        return np.array(
            [self.west, self.south, self.per_lon, self.per_lat, self.columns, self.rows]
        )


def tiling_over(ends: FloatArray, lon_scale: float, wanted: float) -> Tiling | None:
    """Cut the box around borders into about as many rectangles as wanted.

    Parameters
    ----------
    ends : (e, 4) lon, lat, lon, lat, finite
    lon_scale : a degree of longitude in degrees of latitude, to make the rectangles squares
    wanted : number of rectangles

    Returns
    -------
    None if rounding would spoil a tiling: no extent, or numbers too large
    """
    extent = extent_of(ends, lon_scale)
    if extent is None:
        return None
    side = float(np.sqrt(extent[0] * extent[1] / wanted))
    columns, rows = (int(np.clip(np.ceil(one / side), 1, LARGEST_SIDE - 4)) for one in extent)
    west, south, east, north = _box(ends)
    per_lon, per_lat = columns / (east - west), rows / (north - south)
    # One more rectangle on each side, so that everything outside is far from the borders.
    west, south = west - 1 / per_lon, south - 1 / per_lat
    tiling = Tiling(west, south, per_lon, per_lat, columns + 3, rows + 3)
    return tiling if _keeps_inside(tiling, east, north) else None


def extent_of(ends: FloatArray, lon_scale: float) -> tuple[float, float] | None:
    """Return width and height in degrees of latitude; None for no extent or an absurd one."""
    west, south, east, north = _box(ends)
    width, height = (east - west) * lon_scale, north - south
    usable = all(_TINY < one < 1 / _TINY for one in (width, height))
    return (width, height) if usable else None


def _box(ends: FloatArray) -> tuple[float, float, float, float]:
    lon, lat = ends[:, 0::2], ends[:, 1::2]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _keeps_inside(tiling: Tiling, east: float, north: float) -> bool:
    """Return whether the borders are well inside the tiling.

    Rounding prevents this if the whole extent is only a few ulps.
    """
    u = (east - tiling.west) * tiling.per_lon
    v = (north - tiling.south) * tiling.per_lat
    # The size of one step of a double, in rectangles: the middle of a row must lie inside the
    # row.
    step = np.spacing(np.abs([east, tiling.west, north, tiling.south]))
    step *= [tiling.per_lon, tiling.per_lon, tiling.per_lat, tiling.per_lat]
    apart = bool((step < NEAR / 4).all())
    return apart and 1 <= u < tiling.columns - 1 and 1 <= v < tiling.rows - 1


@compiled
def rows_met(ends: FloatArray, tiling: FloatArray) -> tuple[int, int]:
    """Return the first and the last row near a piece of border."""
    rows = int(tiling[5])
    first = int(np.floor((ends[1] - tiling[1]) * tiling[3] - NEAR))
    last = int(np.floor((ends[3] - tiling[1]) * tiling[3] + NEAR))
    return max(first, 0), min(last, rows - 1)


@compiled
def columns_met(ends: FloatArray, tiling: FloatArray, row: int) -> tuple[int, int]:
    """Return the first and the last column near a piece of border, within a row.

    A piece that rises by less than `NEAR` counts with its whole width, so that the slope of the
    others is at most 2**24 and magnifies the 2**-38 of a height to 2**-14 of a width, a
    sixteenth of `NEAR`.
    """
    ua, ub = (ends[0] - tiling[0]) * tiling[2], (ends[2] - tiling[0]) * tiling[2]
    va, vb = (ends[1] - tiling[1]) * tiling[3], (ends[3] - tiling[1]) * tiling[3]
    west, east = min(ua, ub), max(ua, ub)
    if vb - va >= NEAR:
        slope = (ub - ua) / (vb - va)
        low = ua + (max(row - NEAR, va) - va) * slope
        high = ub - (vb - min(row + 1 + NEAR, vb)) * slope
        west, east = max(west, min(low, high)), min(east, max(low, high))
    first = int(np.floor(west - NEAR))
    last = int(np.floor(east + NEAR))
    return max(first, 0), min(last, int(tiling[4]) - 1)


@compiled
def count_met(ends: FloatArray, tiling: FloatArray, counts: CountArray) -> int:
    """Add to each rectangle's count the pieces near it; return the total number."""
    width = int(tiling[4])
    entries = 0
    for piece in range(len(ends)):
        below, above = rows_met(ends[piece], tiling)
        for row in range(below, above + 1):
            first, last = columns_met(ends[piece], tiling, row)
            for at in range(row * width + first, row * width + last + 1):
                counts[at] += 1
                entries += 1
    return entries
