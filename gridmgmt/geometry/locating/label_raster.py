"""A raster that knows for every point which cell covers it, or that GEOS must decide.

A pixel without a border nearby has the position of its cell. Any other pixel has the place of
its block in ``words``: a head, then five words for each piece of border near the pixel.
`label_lookup` reads them.

**What a block says.** Let S(P) be the sum, over all cells that cover a point P, of ONE plus the
cell's position + 1. Then S is 0 in no cell, ONE + position + 1 in one cell, and anything else
where cells overlap. On crossing a piece of border from its right side to its left, S changes by
the piece's ``code``, whatever lies around it. So within a pixel

    S(P) = base + sum over the pieces near it of code * t(P)

where t(P) counts how often a ray from P eastwards crosses the piece, taken upward: 1 where the
piece spans P's latitude, its lower end included, and P is on its left, else 0. Pieces that
leave the pixel eastwards are thought to go on straight north from the end that is outside, so
that only this pixel's pieces matter: from the latitude of that end on, an upper one adds 1 and
a lower one takes 1 away.

**Why it is exact.** A cell counts by its own rings alone, so that gaps, holes, exclaves and
borders whose vertices do not match need no special case. All comparisons but one are of given
coordinates; the remaining one, left or right, is made only where it is certain, and a point at
the latitude of a vertex or too near a piece is left to GEOS. Rings that cross themselves have
no such sums: every pixel of their box asks GEOS.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.geometry.locating.borders import Borders, CellArray
from gridmgmt.geometry.locating.tiling import (
    NEAR,
    Tiling,
    columns_met,
    count_met,
    extent_of,
    rows_met,
    tiling_over,
)

# The amount that one covering cell adds, besides its position.
ONE = 1 << 32
# A head is a base and, in its low bits, the number of pieces; a piece's fifth word is its code
# and, in its low bits, its kind.
COUNT_BITS, KIND_BITS = 12, 2
KINDS = (1 << KIND_BITS) - 1
UPPER_EAST, LOWER_EAST = 1, 2
WORDS = 5

# Words in a cache line of the processor; as many follow the last block.
LINE = 8

# The number of pieces that means "ask GEOS". The very first word is such a head.
ASK = (1 << COUNT_BITS) - 1
_ASK_LABEL = -2
_NOTHING = np.array([ASK] + [0] * LINE)

# The number of pixels: about this share of the ground has a border near it, within limits.
_BORDER_SHARE = 0.08
_PIXELS_PER_PIECE = 16
_FEWEST, _MOST = 1 << 14, 1 << 26


@dataclass(frozen=True, eq=False)
class LabelRaster:
    """The content of each pixel.

    ``labels`` (rows * columns,) are positions of cells, -1 for none, or -2 minus the place of
    the pixel's block in ``words``.
    """

    tiling: Tiling
    labels: CellArray
    words: IntArray


def label_raster(borders: Borders, geoms: GeometryArray) -> LabelRaster:
    """Draw the raster of some cells.

    Parameters
    ----------
    geoms : (k,) the cells whose borders these are
    """
    if not len(borders.ends):
        nothing = Tiling(0.0, 0.0, 1.0, 1.0, 0, 0)
        return LabelRaster(nothing, np.empty(0, np.int32), _NOTHING)
    extent = extent_of(borders.ends, borders.lon_scale)
    tiling = None
    if extent is not None:
        tiling = tiling_over(borders.ends, borders.lon_scale, _pixels(borders, extent))
    if tiling is None:
        # One pixel for the whole world, which always asks GEOS.
        everywhere = Tiling(0.0, 0.0, 0.0, 0.0, 1, 1)
        return LabelRaster(everywhere, np.array([_ASK_LABEL], np.int32), _NOTHING)
    labels, words = _draw(borders, tiling)
    _ask_around(_doubtful(geoms), geoms, tiling, labels)
    return LabelRaster(tiling, labels, words)


def _pixels(borders: Borders, extent: tuple[float, float]) -> float:
    """Return the number of pixels, by the length of borders and the area of the ground."""
    width, height = extent
    ends = borders.ends
    east, north = (ends[:, 2:] - ends[:, :2]).T
    length = np.hypot(east * borders.lon_scale, north).sum()
    # In any direction, a line meets on average 4 / pi times its length in pixels.
    side = _BORDER_SHARE * width * height / (length * 4 / np.pi)
    most = min(max(_PIXELS_PER_PIECE * len(ends), _FEWEST), _MOST)
    return float(np.clip(width * height / side**2, _FEWEST, most))


def _doubtful(geoms: GeometryArray) -> IntArray:
    """Find geometries that are not plain polygons or cross themselves: rings cannot decide."""
    kind = shapely.get_type_id(geoms)
    plain = (kind == shapely.GeometryType.POLYGON) | (kind == shapely.GeometryType.MULTIPOLYGON)
    something = ~(shapely.is_missing(geoms) | shapely.is_empty(geoms))
    return np.flatnonzero(something & ~(plain & shapely.is_valid(geoms)))


def _ask_around(
    doubtful: IntArray, geoms: GeometryArray, tiling: Tiling, labels: CellArray
) -> None:
    raster = labels.reshape(tiling.rows, tiling.columns)
    for west, south, east, north in shapely.bounds(geoms[doubtful]):
        first, last = ((np.array([west, east]) - tiling.west) * tiling.per_lon).astype(int)
        below, above = ((np.array([south, north]) - tiling.south) * tiling.per_lat).astype(int)
        raster[max(below - 1, 0) : above + 2, max(first - 1, 0) : last + 2] = _ASK_LABEL


def _draw(borders: Borders, tiling: Tiling) -> tuple[CellArray, IntArray]:
    numbers = tiling.parameters()
    labels = np.zeros(tiling.rows * tiling.columns, dtype=np.int32)
    entries = count_met(borders.ends, numbers, labels)
    pixels = int(np.count_nonzero(labels))
    starts = np.empty(pixels + 1, dtype=np.int64)
    _number(labels, starts)
    pieces = np.empty(entries, dtype=np.int32)
    _enter(borders.ends, numbers, labels, starts, pieces)
    words = np.zeros(1 + pixels + WORDS * entries + LINE, dtype=np.int64)
    words[0] = ASK
    codes = _codes(borders.cells)
    used = _label(
        borders.ends, codes, numbers, labels, starts, pieces, words, words.view(np.float64)
    )
    return labels, words[: used + LINE]


def _codes(cells: CellArray) -> IntArray:
    value = np.where(cells >= 0, cells.astype(np.int64) + 1 + ONE, 0)
    codes: IntArray = value[:, 0] - value[:, 1]
    return codes


@compiled
def _number(labels: CellArray, starts: IntArray) -> None:
    """Give each pixel with borders a number, from 1, and places for its pieces."""
    number = 0
    start = 0
    for pixel in range(len(labels)):
        if labels[pixel]:
            starts[number] = start
            start += labels[pixel]
            number += 1
            labels[pixel] = number
    starts[number] = start


@compiled
def _enter(
    ends: FloatArray,
    tiling: FloatArray,
    labels: CellArray,
    starts: IntArray,
    pieces: CellArray,
) -> None:
    """Enter each piece into its pixels: twice its number, plus 1 in the last pixel of a row."""
    width = int(tiling[4])
    filled = np.zeros(len(starts), dtype=np.int32)
    for piece in range(len(ends)):
        below, above = rows_met(ends[piece], tiling)
        for row in range(below, above + 1):
            first, last = columns_met(ends[piece], tiling, row)
            for column in range(first, last + 1):
                number = labels[row * width + column] - 1
                pieces[starts[number] + filled[number]] = 2 * piece + (column == last)
                filled[number] += 1


@compiled
def _label(
    ends: FloatArray,
    codes: IntArray,
    tiling: FloatArray,
    labels: CellArray,
    starts: IntArray,
    pieces: CellArray,
    words: IntArray,
    coordinates: FloatArray,
) -> int:
    """Walk each row eastwards along its middle, from outside all cells; label its pixels."""
    width = int(tiling[4])
    used = 1
    for row in range(int(tiling[5])):
        middle = tiling[1] + (row + 0.5) / tiling[3]
        total = 0
        for column in range(width):
            pixel = row * width + column
            number = labels[pixel] - 1
            if number < 0:
                labels[pixel] = _plain_label(total)
                continue
            labels[pixel] = -2 - used
            listed = pieces[starts[number] : starts[number + 1]]
            used = _write_block(
                ends, codes, tiling, column, listed, total, middle, words, coordinates, used
            )
            total -= _passed(ends, codes, listed, middle)
    return used


@compiled
def _plain_label(total: int) -> int:
    if total == 0:
        return -1
    return total - ONE - 1 if ONE < total < 2 * ONE else _ASK_LABEL


@compiled
def _passed(ends: FloatArray, codes: IntArray, listed: CellArray, middle: float) -> int:
    """Sum what S loses along the middle of a row through the pieces that end in a pixel."""
    passed = 0
    for entry in listed:
        piece = entry >> 1
        if entry & 1 and ends[piece, 1] <= middle < ends[piece, 3]:
            passed += codes[piece]
    return passed


@compiled
def _write_block(
    ends: FloatArray,
    codes: IntArray,
    tiling: FloatArray,
    column: int,
    listed: CellArray,
    before: int,
    middle: float,
    words: IntArray,
    coordinates: FloatArray,
    used: int,
) -> int:
    """Write the head and the pieces of one pixel; return where the next block begins.

    ``before`` is S at the middle of the row, left of all these pieces. The base is chosen so
    that a block gives this value for a point left of them, and the right value for a point
    right of them.
    """
    at = used + 1
    base = before
    for entry in listed:
        piece = entry >> 1
        code = codes[piece]
        low, high = ends[piece, 1], ends[piece, 3]
        kind = _kind(ends[piece], tiling, column)
        if kind == UPPER_EAST + LOWER_EAST:
            # A piece of the neighbour, entered here for safety: no point of the pixel is right
            # of it.
            continue
        if kind != LOWER_EAST and low <= middle < high:
            base -= code
        if middle >= high:
            base -= code * (kind == UPPER_EAST) - code * (kind == LOWER_EAST)
        coordinates[at : at + 4] = ends[piece]
        words[at + 4] = (code << KIND_BITS) + kind
        at += WORDS
    count = (at - used) // WORDS
    if count >= ASK or abs(base) >= ONE << 16:
        words[used] = ASK
        return used + 1
    words[used] = (base << COUNT_BITS) + count
    return at


@compiled
def _kind(ends: FloatArray, tiling: FloatArray, column: int) -> int:
    """Return which ends of a piece are east of a pixel, by more than rounding."""
    edge = column + 1 + NEAR / 2
    kind = 0
    if (ends[2] - tiling[0]) * tiling[2] > edge:
        kind += UPPER_EAST
    if (ends[0] - tiling[0]) * tiling[2] > edge:
        kind += LOWER_EAST
    return kind
