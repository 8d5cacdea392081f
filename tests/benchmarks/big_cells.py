"""Irregular cells in nested blocks, for the big city: borders that two share are the same."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmgmt.arrays import FloatArray, GeometryArray, objects
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import metres_per_degree, on_grid

WEST, SOUTH = 112.80, 30.35
CELL_M = 100.0
# A community is a block of 5 by 5 cells, a street one of 4 by 5 communities.
COMMUNITY, STREET = (5, 5), (20, 25)


def draw_levels(
    rng: np.random.Generator, side: int
) -> tuple[LevelAreas, LevelAreas, LevelAreas]:
    """Draw ``side`` by ``side`` cells and dissolve them: streets, communities, cells."""
    rings = _rings(rng, side)
    cells = on_grid(objects(shapely.Polygon(ring) for ring in rings))
    row, column = np.divmod(np.arange(side * side), side)
    street = _block(row, column, STREET, side)
    community = _block(row % STREET[0], column % STREET[1], COMMUNITY, STREET[1])
    within = (row % COMMUNITY[0]) * COMMUNITY[1] + column % COMMUNITY[1]
    names = [f"990101{s + 1:03}" for s in street]
    community_codes = [f"{s}{c + 1:03}" for s, c in zip(names, community, strict=True)]
    codes = [f"{c}{n + 1:03}" for c, n in zip(community_codes, within, strict=True)]
    leaves = _sorted("cell", codes, community_codes, cells)
    above = _dissolved("community", community_codes, names, cells)
    top = _dissolved("street", names, [None] * len(names), cells)
    return top, above, leaves


def _block(
    row: NDArray[np.int64], column: NDArray[np.int64], size: tuple[int, int], width: int
) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = row // size[0] * -(-width // size[1]) + column // size[1]
    return numbers


def _rings(rng: np.random.Generator, side: int) -> Iterator[FloatArray]:
    """Draw each cell from four borders, every one of which two cells share."""
    nodes = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    nodes += rng.uniform(-0.1, 0.1, nodes.shape)
    m_lon, m_lat = metres_per_degree([SOUTH])
    degrees = np.array([WEST, SOUTH]) + nodes * CELL_M / np.array([m_lon[0], m_lat[0]])
    across = [[_border(rng, a, b) for a, b in _pairs(line)] for line in degrees]
    upward = [
        [_border(rng, a, b) for a, b in _pairs(line)] for line in np.swapaxes(degrees, 0, 1)
    ]
    for row in range(side):
        for column in range(side):
            yield np.concatenate(
                [
                    across[row][column][:-1],
                    upward[column + 1][row][:-1],
                    across[row + 1][column][:0:-1],
                    upward[column][row][:0:-1],
                ]
            )


def _pairs(line: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    return pairwise(line)


def _border(rng: np.random.Generator, start: FloatArray, end: FloatArray) -> FloatArray:
    """Wriggle from one corner to the next, straight at both ends, so that none cross."""
    inner = int(np.clip(rng.lognormal(2.1, 0.75), 4, 46))
    along = np.linspace(0.0, 1.0, inner + 2)[:, None]
    aside = np.array([start[1] - end[1], end[0] - start[0]])
    swing = rng.uniform(-0.08, 0.08, (inner + 2, 1)) * np.sin(np.pi * along)
    path: FloatArray = start + along * (end - start) + swing * aside
    path[0], path[-1] = start, end
    return path


def _sorted(
    level: str, codes: list[str], parents: list[str], geoms: GeometryArray
) -> LevelAreas:
    order = sorted(range(len(codes)), key=codes.__getitem__)
    return LevelAreas(
        level=level,
        codes=objects(codes[n] for n in order),
        names=objects(f"示例{codes[n]}" for n in order),
        parent_codes=objects(parents[n] for n in order),
        geoms=geoms[order],
    )


def _dissolved(
    level: str, codes: list[str], parents: list[str] | list[None], cells: GeometryArray
) -> LevelAreas:
    rows: dict[str, list[int]] = {}
    for n, code in enumerate(codes):
        rows.setdefault(code, []).append(n)
    there = sorted(rows)
    return LevelAreas(
        level=level,
        codes=objects(there),
        names=objects(f"示例{code}" for code in there),
        parent_codes=objects(parents[rows[code][0]] for code in there),
        geoms=objects(shapely.coverage_union_all(cells[rows[code]]) for code in there),
    )
