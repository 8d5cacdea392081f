"""Irregular coverages of any size, drawn by whole arrays: borders that two share are the same.

The corners of a grid are shaken, and every border between two corners wanders like a Brownian
bridge, made from the first terms of its Karhunen-Loève series, which a border drawn twice as
fine would keep. A border stays within the lozenge around its chord, so that no two cross.
"""

from dataclasses import dataclass
from math import isqrt

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, ObjectArray, objects
from gridmgmt.geometry.measure import metres_per_degree, round_lonlat

WEST, SOUTH = 112.80, 30.35
CELL_M = 100.0
# How far a corner is shaken, and how far a border may leave its chord, in sides of a cell.
SHAKE, ASIDE = 0.1, 0.12
TERMS = 12
# About 190 vertices a cell: four corners, and between them 46 on each border in the mean.
INNER = (39, 53)


@dataclass(frozen=True, eq=False)
class Borders:
    """Borders one after the other, ``lonlat[start[b] : start[b] + count[b]]``, both ends in.

    First the ones across: (rows + 1) x columns, from west to east; then the ones upward:
    (columns + 1) x rows, from south to north.
    """

    lonlat: FloatArray
    start: IntArray
    count: IntArray


def draw_coverage(
    n: int, seed: int, inner: tuple[int, int] = INNER
) -> tuple[ObjectArray, GeometryArray]:
    """Draw ``n`` cells in the most nearly square grid of that many; codes are ascending.

    Parameters
    ----------
    inner : the fewest and the most vertices between the corners of a border
    """
    rows = next(r for r in range(isqrt(n), 0, -1) if n % r == 0)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(*inner, border_count(rows, n // rows), endpoint=True)
    return objects(f"C{number:07}" for number in range(n)), draw_cells(rng, rows, drawn)


def border_count(rows: int, columns: int) -> int:
    """Count the borders of a grid of cells."""
    return (rows + 1) * columns + (columns + 1) * rows


def draw_cells(rng: np.random.Generator, rows: int, inner: NDArray[np.int64]) -> GeometryArray:
    """Draw a grid of cells, row by row from the south, on the storage grid.

    Parameters
    ----------
    inner : (b,) vertices between the corners of each border
    """
    columns = (len(inner) - rows) // (2 * rows + 1)
    row, column = (part.ravel() for part in np.indices((rows, columns)))
    upward = (rows + 1) * columns
    # South and east are walked from their beginning, north and west back to it.
    sides = np.stack(
        [
            row * columns + column,
            upward + (column + 1) * rows + row,
            (row + 1) * columns + column,
            upward + column * rows + row,
        ],
        axis=1,
    ).ravel()
    borders = _draw_borders(rng, rows, columns, inner)
    backward = np.tile([False, False, True, True], rows * columns)
    lonlat, length = _walked(borders, sides, backward)
    ring = np.repeat(np.arange(rows * columns), length.reshape(-1, 4).sum(axis=1))
    cells: GeometryArray = shapely.polygons(shapely.linearrings(lonlat, indices=ring))
    return cells


def _draw_borders(
    rng: np.random.Generator, rows: int, columns: int, inner: NDArray[np.int64]
) -> Borders:
    first, last = _chords(_corners(rng, rows, columns))
    count = inner + 2
    start = np.cumsum(count) - count
    border = np.repeat(np.arange(len(count)), count)
    along = (np.arange(count.sum()) - start[border]) / (count[border] - 1)
    chord = last - first
    normal = np.column_stack([-chord[:, 1], chord[:, 0]])
    aside = _bridges(rng, len(count), border, along)
    places = first[border] + along[:, None] * chord[border] + aside[:, None] * normal[border]
    # A corner belongs to four borders and must come out the same from all of them.
    places[start], places[start + count - 1] = first, last
    m_lon, m_lat = metres_per_degree([SOUTH])
    degrees = places * CELL_M / np.array([m_lon[0], m_lat[0]])
    return Borders(round_lonlat(degrees + np.array([WEST, SOUTH])), start, count)


def _corners(rng: np.random.Generator, rows: int, columns: int) -> FloatArray:
    north, east = np.indices((rows + 1, columns + 1))
    corners: FloatArray = np.stack([east, north], axis=-1).astype(np.float64)
    return corners + rng.uniform(-SHAKE, SHAKE, corners.shape)


def _chords(corners: FloatArray) -> tuple[FloatArray, FloatArray]:
    upward = corners.swapaxes(0, 1)
    first = [part[:, :-1].reshape(-1, 2) for part in (corners, upward)]
    last = [part[:, 1:].reshape(-1, 2) for part in (corners, upward)]
    return np.concatenate(first), np.concatenate(last)


def _bridges(
    rng: np.random.Generator, borders: int, border: IntArray, along: FloatArray
) -> FloatArray:
    """How far each vertex lies beside its chord, in lengths of the chord."""
    weights = rng.normal(size=(TERMS, borders))
    wander = np.zeros(len(along))
    for k, weight in enumerate(weights, start=1):
        wander += weight[border] * np.sin(k * np.pi * along) / k
    aside: FloatArray = ASIDE * np.sin(np.pi * along) * np.tanh(wander)
    return aside


def _walked(
    borders: Borders, sides: IntArray, backward: NDArray[np.bool_]
) -> tuple[FloatArray, IntArray]:
    """Put borders end to end in the order of ``sides``, each without the vertex it ends on."""
    length = borders.count[sides] - 1
    side = np.repeat(np.arange(len(sides)), length)
    step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    from_end = borders.count[sides] - 1
    position = np.where(backward[side], from_end[side] - step, step)
    return borders.lonlat[borders.start[sides][side] + position], length
