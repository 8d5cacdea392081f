"""A grid of border pieces by position, for searching around a point."""

from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.geometry.locating.borders import Borders, CellArray
from gridmgmt.geometry.locating.tiling import (
    Tiling,
    columns_met,
    count_met,
    rows_met,
    tiling_over,
)

# The wanted number of pieces in a box; pieces in several boxes are counted once.
_PIECES_PER_BOX = 4
_MOST = 1 << 22


@dataclass(frozen=True, eq=False)
class EdgeGrid:
    """Box i of the tiling has ``pieces[starts[i]:starts[i + 1]]`` of the borders.

    ``cells`` is the number of cells.
    """

    borders: Borders
    tiling: Tiling
    starts: IntArray
    pieces: CellArray
    cells: int


def edge_grid(borders: Borders, cells: int) -> EdgeGrid:
    """Sort the borders of cells into boxes that are roughly squares."""
    tiling = None
    if len(borders.ends):
        wanted = min(max(len(borders.ends) / _PIECES_PER_BOX, 1.0), _MOST)
        tiling = tiling_over(borders.ends, borders.lon_scale, wanted)
    if tiling is None:
        # One box for the whole world.
        tiling = Tiling(0.0, 0.0, 0.0, 0.0, 1, 1)
    numbers = tiling.parameters()
    counts = np.zeros(tiling.rows * tiling.columns, dtype=np.int64)
    count_met(borders.ends, numbers, counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    pieces = np.empty(starts[-1], dtype=np.int32)
    _enter(borders.ends, numbers, starts[:-1].copy(), pieces)
    return EdgeGrid(borders, tiling, starts, pieces, cells)


@compiled
def _enter(ends: FloatArray, tiling: FloatArray, free: IntArray, pieces: CellArray) -> None:
    width = int(tiling[4])
    for piece in range(len(ends)):
        below, above = rows_met(ends[piece], tiling)
        for row in range(below, above + 1):
            first, last = columns_met(ends[piece], tiling, row)
            for box in range(row * width + first, row * width + last + 1):
                pieces[free[box]] = piece
                free[box] += 1
