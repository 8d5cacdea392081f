"""Count cases in the squares of a grid, from their columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.indicators.case_columns import NO_DEGREES, CaseColumns

# Beyond every column and row of squares.
_FAR = np.int64(1 << 40)
_SMALL_TABLE = 1_000_000


def squares(
    parts: Sequence[tuple[CaseColumns, IntArray, int]], step_lon: float, step_lat: float
) -> tuple[IntArray, IntArray, IntArray]:
    """Add up cases in the squares of a grid; those of column and row 0 have their middle at 0.

    Parameters
    ----------
    parts : columns, which of their rows count, and how often each does. Cases without a
        position are left out
    step_lon, step_lat : sides of a square, degrees times `PER_DEGREE`

    Returns
    -------
    (k,) columns, (k,) rows and (k,) sums that are not 0
    """
    limits = np.array([_FAR, _FAR, -_FAR, -_FAR])
    for columns, rows, _ in parts:
        _widen(columns.lon, columns.lat, rows, step_lon, step_lat, limits)
    west, south, east, north = limits.tolist()
    if east < west:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    width = east - west + 1
    amount = sum(len(rows) for _, rows, _ in parts)
    # A table of all squares, unless nearly all of them would be empty.
    if width * (north - south + 1) <= 8 * amount + _SMALL_TABLE:
        sums = np.zeros(width * (north - south + 1), dtype=np.int64)
        for columns, rows, times in parts:
            at = _numbers(
                columns.lon, columns.lat, rows, step_lon, step_lat, west, south, width
            )
            _add(at, times, sums)
        there = np.arange(len(sums))
    else:
        each = [
            _numbers(columns.lon, columns.lat, rows, step_lon, step_lat, west, south, width)
            for columns, rows, _ in parts
        ]
        there, of_square = np.unique(np.concatenate(each), return_inverse=True)
        times_each = [
            np.full(len(at), times) for at, (_, _, times) in zip(each, parts, strict=True)
        ]
        sums = np.zeros(len(there), dtype=np.int64)
        np.add.at(sums, of_square, np.concatenate(times_each))
    found = np.flatnonzero(sums)
    return there[found] % width + west, there[found] // width + south, sums[found]


@compiled
def _widen(
    lon: NDArray[np.int32],
    lat: NDArray[np.int32],
    rows: IntArray,
    step_lon: float,
    step_lat: float,
    limits: IntArray,
) -> None:
    """Widen limits (west, south, east, north) to the squares of rows."""
    for row in rows:
        if lon[row] == NO_DEGREES:
            continue
        x, y = np.int64(np.rint(lon[row] / step_lon)), np.int64(np.rint(lat[row] / step_lat))
        limits[0], limits[1] = min(limits[0], x), min(limits[1], y)
        limits[2], limits[3] = max(limits[2], x), max(limits[3], y)


@compiled
def _numbers(
    lon: NDArray[np.int32],
    lat: NDArray[np.int32],
    rows: IntArray,
    step_lon: float,
    step_lat: float,
    west: int,
    south: int,
    width: int,
) -> IntArray:
    """Return the numbers of the squares of rows that have a position."""
    numbers = np.empty(len(rows), dtype=np.int64)
    count = 0
    for row in rows:
        if lon[row] == NO_DEGREES:
            continue
        x, y = np.int64(np.rint(lon[row] / step_lon)), np.int64(np.rint(lat[row] / step_lat))
        numbers[count] = (y - south) * width + (x - west)
        count += 1
    return numbers[:count]


@compiled
def _add(numbers: IntArray, times: int, sums: IntArray) -> None:
    for number in numbers:
        sums[number] += times
