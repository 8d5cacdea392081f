"""Points where point-in-polygon goes wrong: on borders, an ulp off, in holes, far away."""

import numpy as np
import shapely


def hostile_points(
    geoms: np.ndarray, n: int, *, seed: int = 20240229
) -> tuple[np.ndarray, np.ndarray]:
    """n points (40 at least) around these polygons, about a tenth of each kind, shuffled.

    On vertices (of several cells where cells meet); on edges, as near as doubles allow; both
    of these one ulp off in each of eight directions; a millimetre to 2 m, and 25 to 35 m, off
    an edge; anywhere in the box; in holes; far outside; no position at all.
    """
    rng = np.random.default_rng(seed)
    each = (n - 6) // 10
    start, end = _edges(geoms)
    vertex = start[rng.integers(0, len(start), each)]
    edge = rng.integers(0, len(start), each)
    on_edge = start[edge] + rng.random((each, 1)) * (end[edge] - start[edge])
    middle = (start[edge] + end[edge]) / 2
    west, south, east, north = shapely.total_bounds(geoms)
    points = [
        vertex,
        on_edge,
        middle,
        _one_ulp_off(vertex, rng),
        _one_ulp_off(on_edge, rng),
        _one_ulp_off(middle, rng),
        _beside(start, end, rng, each, 1e-8, 2e-5),
        _beside(start, end, rng, each, 2.3e-4, 3.6e-4),
        rng.uniform((west, south), (east, north), (each, 2)),
        _in_holes(geoms, rng, each // 2),
        [
            (np.nan, 30.0),
            (120.0, np.nan),
            (np.inf, 30.0),
            (120.0, -np.inf),
            (120, 90.5),
            (0, 0),
        ],
    ]
    every = np.concatenate(points)
    anywhere = rng.uniform((-180, -90), (180, 90), (n - len(every), 2))
    every = np.concatenate([every, anywhere])
    rng.shuffle(every)
    return every[:, 0].copy(), every[:, 1].copy()


def _edges(geoms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rings = shapely.get_rings(shapely.get_parts(geoms))
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    within = np.flatnonzero(ring[:-1] == ring[1:])
    return coords[within], coords[within + 1]


def _one_ulp_off(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    direction = rng.integers(-1, 2, points.shape)
    return np.where(
        direction == 0, points, np.nextafter(points, np.where(direction > 0, np.inf, -np.inf))
    )


def _beside(
    start: np.ndarray,
    end: np.ndarray,
    rng: np.random.Generator,
    n: int,
    nearest_deg: float,
    farthest_deg: float,
) -> np.ndarray:
    edge = rng.integers(0, len(start), n)
    foot = start[edge] + rng.random((n, 1)) * (end[edge] - start[edge])
    along = end[edge] - start[edge]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    across /= np.maximum(np.hypot(across[:, 0], across[:, 1]), 1e-12)[:, None]
    side = rng.choice([-1.0, 1.0], (n, 1))
    return foot + side * across * rng.uniform(nearest_deg, farthest_deg, (n, 1))


def _in_holes(geoms: np.ndarray, rng: np.random.Generator, n: int) -> np.ndarray:
    """Points within the outlines of holes, and within gaps of the union; else corners."""
    parts = shapely.get_parts(geoms)
    holes = [shapely.Polygon(ring) for part in parts for ring in part.interiors]
    ground = shapely.get_parts(shapely.union_all(geoms))
    holes += [shapely.Polygon(ring) for part in ground for ring in part.interiors]
    if not holes:
        west, south, east, north = shapely.total_bounds(geoms)
        return np.array([(west, south), (west, north), (east, south), (east, north)] * n)[:n]
    bounds = shapely.bounds(np.array(holes, dtype=object))[rng.integers(0, len(holes), n)]
    return rng.uniform(bounds[:, :2], bounds[:, 2:])
