"""Random coverages with what real ones have: wriggles, gaps, holes, exclaves, hair overlaps."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import shapely
from shapely import affinity

from gridmgmt.geometry.measure import on_grid

WEST, SOUTH = 120.17, 30.27
STEP = 1e-3


def wriggly(rng: np.random.Generator, side: int = 4) -> np.ndarray:
    """Cells on a grid whose shared borders wriggle, the same for both neighbours."""
    corners = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    corners += rng.uniform(-0.2, 0.2, corners.shape)
    across = [[_wriggle(rng, a, b) for a, b in pairwise(c)] for c in corners]
    upward = [[_wriggle(rng, a, b) for a, b in pairwise(c)] for c in corners.swapaxes(0, 1)]
    rings = [
        np.concatenate(
            [
                across[row][column][:-1],
                upward[column + 1][row][:-1],
                across[row + 1][column][:0:-1],
                upward[column][row][:0:-1],
            ]
        )
        for row in range(side)
        for column in range(side)
    ]
    return on_grid([shapely.Polygon(ring * STEP + (WEST, SOUTH)) for ring in rings])


def _wriggle(rng: np.random.Generator, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    along = np.linspace(0, 1, int(rng.integers(2, 9)))[:, None]
    aside = np.array([start[1] - end[1], end[0] - start[0]])
    swing = rng.uniform(-0.05, 0.05, along.shape) * np.sin(np.pi * along)
    path = start + along * (end - start) + swing * aside
    path[0], path[-1] = start, end
    return path


def voronoi(rng: np.random.Generator) -> np.ndarray:
    """Cells around random points; their corners are not on the storage grid."""
    seeds = rng.uniform((WEST, SOUTH), (WEST + 4 * STEP, SOUTH + 4 * STEP), (16, 2))
    return np.asarray(shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds))))


def with_gaps(rng: np.random.Generator) -> np.ndarray:
    cells = wriggly(rng)
    return cells[rng.permutation(len(cells))[4:]]


def with_exclaves(rng: np.random.Generator) -> np.ndarray:
    """Cells of several parts, some of which lie within another cell's hole."""
    cells = with_holes(rng)
    order = rng.permutation(len(cells))
    pairs = [shapely.union(cells[a], cells[b]) for a, b in order[:8].reshape(-1, 2)]
    return np.array([*pairs, *cells[order[8:]]], dtype=object)


def with_holes(rng: np.random.Generator) -> np.ndarray:
    """Cells with holes, every other one of which is a cell of its own."""
    cells = list(wriggly(rng, 3))
    for i in range(0, 9, 2):
        middle = cells[i].representative_point()
        hole = on_grid([middle.buffer(0.1 * STEP, quad_segs=int(rng.integers(1, 5)))])[0]
        if cells[i].contains_properly(hole):
            cells[i] = shapely.Polygon(cells[i].exterior, [hole.exterior])
            if i % 4:
                cells.append(hole)
    return np.array(cells, dtype=object)


def with_unmatched_vertices(rng: np.random.Generator) -> np.ndarray:
    """Neighbours of which one lacks vertices: rounding makes hair gaps and overlaps."""
    cells = wriggly(rng)
    for i in range(0, len(cells), 2):
        middles = shapely.segmentize(cells[i], 0.2 * STEP)
        cells[i] = on_grid([middles])[0]
    return cells


def with_hair_overlaps(rng: np.random.Generator) -> np.ndarray:
    """Cells whose vertices are each off by some steps of the storage grid."""
    moved = []
    for cell in wriggly(rng):
        corners = shapely.get_coordinates(cell)[:-1]
        moved.append(shapely.Polygon(corners + rng.integers(-3, 4, corners.shape) * 1e-8))
    return on_grid([cell for cell in moved if cell.is_valid])


def with_wide_overlaps(rng: np.random.Generator) -> np.ndarray:
    cells = wriggly(rng, 3)
    return np.append(cells, on_grid([affinity.scale(cells[4], 1.6, 1.3)]))


def boxes(rng: np.random.Generator) -> np.ndarray:
    """Rectangles, whose every border runs along a row or a column."""
    x, y = (np.cumsum(rng.uniform(0.2, 1.0, 5)) * STEP for _ in range(2))
    cells = [
        shapely.box(WEST + x[i], SOUTH + y[j], WEST + x[i + 1], SOUTH + y[j + 1])
        for i in range(4)
        for j in range(4)
    ]
    return on_grid(cells)


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "wriggly": wriggly,
    "voronoi": voronoi,
    "gaps": with_gaps,
    "exclaves": with_exclaves,
    "holes": with_holes,
    "unmatched vertices": with_unmatched_vertices,
    "hair overlaps": with_hair_overlaps,
    "wide overlaps": with_wide_overlaps,
    "boxes": boxes,
}
