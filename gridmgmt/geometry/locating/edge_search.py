"""The compiled part of `edge_distance`: find border pieces within reach, and the nearest one.

Boxes of the grid are skipped by their distance in boxes times the metres of a side. That is
rounded, so a search goes `_MARGIN_M` and a millionth further than necessary.
"""

import math

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.geometry.locating.borders import CellArray

# More than rounding to millimetres can move, and more than the rounding of the grid.
_MARGIN_M = 0.001
_WIDER = 1.0 + 1e-6


@compiled
def metres_to(ends: FloatArray, lon: float, lat: float, m_lon: float, m_lat: float) -> float:
    """Return the distance from a point to a border piece, its two ends included."""
    ax, ay = (ends[0] - lon) * m_lon, (ends[1] - lat) * m_lat
    bx, by = (ends[2] - lon) * m_lon, (ends[3] - lat) * m_lat
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    # The foot of the perpendicular: 0 at the start, 1 at the end.
    foot = (-ax * dx - ay * dy) / squared if squared > 0.0 else 0.0
    if foot <= 0.0:
        return math.sqrt(ax * ax + ay * ay)
    if foot >= 1.0:
        return math.sqrt(bx * bx + by * by)
    # Like PostGIS: the perpendicular from the cross product, which keeps its digits.
    across: float = abs(ay * dx - ax * dy) / math.sqrt(squared)
    return across


@compiled
def _clipped(value: float, most: float) -> int:
    """Return the number of a column or row; positions outside get the first or the last."""
    return int(min(max(value, 0.0), most - 1.0))


@compiled
def pieces_near(
    points: FloatArray,
    first: int,
    tiling: FloatArray,
    starts: IntArray,
    pieces: CellArray,
    ends: FloatArray,
    cells: CellArray,
    place: IntArray,
    out_row: IntArray,
    out_cell: IntArray,
    out_m: FloatArray,
) -> tuple[int, int]:
    """List the cells whose border is within each point's radius, until the list is full.

    Parameters
    ----------
    points : (n, 5) lon, lat, metres per degree of each, radius in metres
    first : where to begin
    place : (k,) -1, one for each cell
    out_row, out_cell, out_m : are filled; they hold one pair for every cell at least

    Returns
    -------
    the first point that was not searched, and the number of pairs
    """
    pairs = 0
    for i in range(first, len(points)):
        if pairs + len(place) > len(out_row):
            return i, pairs
        begin = pairs
        lon, lat, m_lon, m_lat, radius = points[i]
        reach = (radius + _MARGIN_M) * _WIDER
        half_u, half_v = reach / m_lon * tiling[2], reach / m_lat * tiling[3]
        u, v = (lon - tiling[0]) * tiling[2], (lat - tiling[1]) * tiling[3]
        if u + half_u < 0 or v + half_v < 0 or u - half_u > tiling[4] or v - half_v > tiling[5]:
            continue
        west, east = _clipped(u - half_u, tiling[4]), _clipped(u + half_u, tiling[4])
        south, north = _clipped(v - half_v, tiling[5]), _clipped(v + half_v, tiling[5])
        for row in range(south, north + 1):
            at = row * int(tiling[4])
            for entry in range(starts[at + west], starts[at + east + 1]):
                piece = pieces[entry]
                metres = metres_to(ends[piece], lon, lat, m_lon, m_lat)
                metres = np.rint(metres * 1000.0) / 1000.0
                if not metres <= radius:
                    continue
                for side in range(2):
                    cell = cells[piece, side]
                    if cell < 0:
                        continue
                    if place[cell] < begin:
                        place[cell] = pairs
                        out_row[pairs], out_cell[pairs], out_m[pairs] = i, cell, metres
                        pairs += 1
                    else:
                        out_m[place[cell]] = min(out_m[place[cell]], metres)
    return len(points), pairs


@compiled
def nearest_pieces(
    points: FloatArray,
    tiling: FloatArray,
    starts: IntArray,
    pieces: CellArray,
    ends: FloatArray,
    out_m: FloatArray,
) -> None:
    """Compute the distance to the nearest piece: rings of boxes, nearest rings first.

    Parameters
    ----------
    points : (n, 4) lon, lat, metres per degree of each
    out_m : (n,) is filled, not yet rounded
    """
    rings = int(max(tiling[4], tiling[5]))
    for i in range(len(points)):
        u = (points[i, 0] - tiling[0]) * tiling[2]
        v = (points[i, 1] - tiling[1]) * tiling[3]
        column, row = _clipped(u, tiling[4]), _clipped(v, tiling[5])
        best = math.inf
        for ring in range(rings):
            best, open_sides = _ring(
                points[i], u, v, column, row, ring, tiling, starts, pieces, ends, best
            )
            if not open_sides:
                break
        out_m[i] = best


@compiled
def _ring(
    point: FloatArray,
    u: float,
    v: float,
    column: int,
    row: int,
    ring: int,
    tiling: FloatArray,
    starts: IntArray,
    pieces: CellArray,
    ends: FloatArray,
    best: float,
) -> tuple[float, int]:
    """Search the boxes at one number of steps from the box of the point, side by side.

    Returns
    -------
    the smallest distance so far; how many sides may still have nearer boxes, here or beyond
    """
    open_sides = 0
    for side in range(4):
        along_row = side < 2
        at = (row if along_row else column) + (ring if side % 2 else -ring)
        if at < 0 or at >= (tiling[5] if along_row else tiling[4]):
            continue
        if ring == 0 and side > 0:
            continue
        middle = column if along_row else row
        reach = ring if along_row else ring - 1
        most = int(tiling[4] if along_row else tiling[5])
        side_open = 0
        for direction in (-1, 1):
            for step in range(0 if direction < 0 else 1, reach + 1):
                other = middle + direction * step
                if other < 0 or other >= most:
                    break
                box_column, box_row = (other, at) if along_row else (at, other)
                if _box_m(point, u, v, box_column, box_row, tiling) > best:
                    break
                side_open = 1
                box = box_row * int(tiling[4]) + box_column
                for entry in range(starts[box], starts[box + 1]):
                    metres = metres_to(
                        ends[pieces[entry]], point[0], point[1], point[2], point[3]
                    )
                    if metres < best:
                        best = metres
        open_sides += side_open
    return best, open_sides


@compiled
def _box_m(
    point: FloatArray, u: float, v: float, column: int, row: int, tiling: FloatArray
) -> float:
    """Return a lower bound of the metres to anything in a box; 0 for the single world box."""
    if tiling[2] == 0.0:
        return 0.0
    du = max(column - u, u - column - 1, 0.0) * point[2] / tiling[2]
    dv = max(row - v, v - row - 1, 0.0) * point[3] / tiling[3]
    return math.sqrt(du * du + dv * dv) / _WIDER - _MARGIN_M
