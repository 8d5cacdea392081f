"""Random coverages with all that a city has: gaps, islands in rings, exclaves, short codes."""

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray, objects
from tests.benchmarks.irregular_cells import border_count, draw_cells


def drawn_coverage(seed: int, side: int = 8) -> tuple[list[str], GeometryArray]:
    """Draw about ``side`` by ``side`` cells, neighbours' borders the same to the last bit.

    Of the grid a few cells are left out, two blocks of eight become rings around an island
    (one of which is left out too, so that its ring has a hole), and some cells that do not
    touch become one. Codes do not follow the places.
    """
    rng = np.random.default_rng(seed)
    inner = rng.integers(0, 12, border_count(side, side), endpoint=True)
    grid = draw_cells(rng, side, inner).reshape(side, side)
    owner = np.arange(side * side).reshape(side, side)
    for row in (0, side - 3):
        block = owner[row : row + 3, row : row + 3]
        island = block[1, 1]
        block[:] = block[0, 0]
        block[1, 1] = island if row else -1
    plain = rng.permutation(np.setdiff1d(owner[:3, 3:], [-1]))
    owner[np.isin(owner, plain[:2])] = -1
    owner[owner == plain[2]] = owner[-1, 0]
    owner[owner == plain[3]] = owner[-2, 2]
    numbers = np.unique(owner[owner >= 0])
    geoms = objects(shapely.coverage_union_all(grid[owner == number]) for number in numbers)
    codes = [f"{number:x}" for number in rng.permutation(len(numbers)) + 1]
    return codes, geoms
