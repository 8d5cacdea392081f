"""Read a `LabelRaster`: one read for most points, a few orientation tests for the others."""

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.geometry.locating.borders import CellArray
from gridmgmt.geometry.locating.label_raster import (
    ASK,
    COUNT_BITS,
    KIND_BITS,
    KINDS,
    LINE,
    LOWER_EAST,
    ONE,
    UPPER_EAST,
    WORDS,
)

# Points in one batch: their answers and the list of those on borders fit the first-level cache.
_BLOCK = 2048

# Of the determinant that says on which side of a line a point lies, computed in doubles: off
# by no more than this times the sum of its two products' sizes, (3 + 16 e) e with e = 2**-53
# (Shewchuk, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates,
# Discrete & Computational Geometry 18, 1997, error bound A of ORIENT2D).
_ORIENTATION_ERROR = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
# Products below all normal numbers lose their relative accuracy; this is more than they lose.
_UNDERFLOW = 1e-290


@compiled
def look_up(
    lon: FloatArray,
    lat: FloatArray,
    tiling: FloatArray,
    labels: CellArray,
    words: IntArray,
    coordinates: FloatArray,
    cell: CellArray,
    ask: IntArray,
) -> int:
    """Find the only cell that covers each point, or list the point.

    Parameters
    ----------
    lon, lat : (n,) degrees, any values
    tiling, labels, words : of the raster; ``coordinates`` the words seen as doubles
    cell : (n,) is filled: positions, -1 for none and for those listed
    ask : (n,) is filled from the front: rows about which GEOS has to be asked

    Returns
    -------
    the number of listed rows
    """
    pixels = np.empty(_BLOCK, dtype=np.int32)
    bordering = np.empty(_BLOCK, dtype=np.int64)
    lines = np.empty((2, _BLOCK), dtype=np.int64)
    asked = 0
    for start in range(0, len(lon), _BLOCK):
        end = min(start + _BLOCK, len(lon))
        _to_pixels(lon[start:end], lat[start:end], tiling, pixels)
        found = 0
        for i in range(start, end):
            pixel = pixels[i - start]
            label = labels[pixel] if pixel >= 0 else np.int32(-1)
            cell[i] = label
            # Always written, but kept only where it counts: cheaper than a branch the CPU
            # cannot predict.
            bordering[found] = i
            found += 1 if label < -1 else 0
        # These reads do not depend on each other, so when the blocks are needed they are in the
        # cache.
        for k in range(found):
            block = -2 - cell[bordering[k]]
            lines[0, k], lines[1, k] = words[block], words[block + LINE]
        for k in range(found):
            i = bordering[k]
            label = _in_block(lon[i], lat[i], words, coordinates, -2 - cell[i])
            if label < -1:
                label = -1
                ask[asked] = i
                asked += 1
            cell[i] = label
    return asked


@compiled
def _to_pixels(lon: FloatArray, lat: FloatArray, tiling: FloatArray, pixels: CellArray) -> None:
    """Compute the pixel of each point, -1 outside; without branches, several at a time."""
    west, south, per_lon, per_lat = tiling[0], tiling[1], tiling[2], tiling[3]
    columns, rows = tiling[4], tiling[5]
    width = np.int32(columns)
    for i in range(len(lon)):
        u, v = (lon[i] - west) * per_lon, (lat[i] - south) * per_lat
        # A comparison with NaN is false, so NaN is outside.
        inside = (u >= 0.0) & (u < columns) & (v >= 0.0) & (v < rows) & (abs(lat[i]) <= 90.0)
        pixel = np.int32(v if inside else 0.0) * width + np.int32(u if inside else 0.0)
        pixels[i] = pixel if inside else np.int32(-1)


@compiled
def _in_block(
    lon: float, lat: float, words: IntArray, coordinates: FloatArray, block: int
) -> int:
    """Decide by a block: the position of the only cell, -1 for none, -2 if GEOS must decide."""
    head = words[block]
    total = head >> COUNT_BITS
    pieces = head & ASK
    if pieces == ASK:
        return -2
    certain = True
    for at in range(block + 1, block + 1 + WORDS * pieces, WORDS):
        low, high = coordinates[at + 1], coordinates[at + 3]
        if lat < low:
            continue
        word = words[at + 4]
        code, kind = word >> KIND_BITS, word & KINDS
        if kind == LOWER_EAST:
            total -= code
        if lat > high:
            if kind == UPPER_EAST:
                total += code
            continue
        # A vertex may be the point itself, although no ray crosses there.
        side = 0 if lat in (low, high) else _side(lon, lat, coordinates, at)
        certain = certain and side != 0
        if side > 0:
            total += code
    if not certain:
        return -2
    if total == 0:
        return -1
    return total - ONE - 1 if ONE < total < 2 * ONE else -2


@compiled
def _side(lon: float, lat: float, coordinates: FloatArray, at: int) -> int:
    """Return whether a point is left (1) or right (-1) of a piece, or 0 if not certain."""
    ax, ay = coordinates[at], coordinates[at + 1]
    bx, by = coordinates[at + 2], coordinates[at + 3]
    one, other = (bx - ax) * (lat - ay), (by - ay) * (lon - ax)
    turn = one - other
    bound = _ORIENTATION_ERROR * (abs(one) + abs(other)) + _UNDERFLOW
    if turn > bound:
        return 1
    return -1 if turn < -bound else 0
