"""Distances from points to borders, in metres, exactly by one formula.

The formula is planar: borders are moved so that the point is the origin, then degrees are
scaled to metres at the point's latitude. ``store/sql/locate.sql`` does the same in the same
order, so that both sides round to the same millimetre.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.geometry.arrays import FloatArray, IntArray
from gridmgmt.geometry.locator import Edges
from gridmgmt.geometry.measure import metres_per_degree

# Point-edge pairs worked on at a time; at some 100 bytes each, about 100 MB.
_PAIRS = 1_000_000
_FIRST_BLOCK, _LARGEST_BLOCK = 16, 65_536

# Search boxes are this much wider than asked for: more than rounding to millimetres moves.
_MARGIN_M = 0.001


@dataclass(frozen=True)
class Near:
    """Cells near points: row of the point, position of the cell, metres between them."""

    row: IntArray
    cell: IntArray
    distance_m: FloatArray


def whole_millimetres(metres: FloatArray) -> FloatArray:
    """Round metres to whole millimetres, halves to even, as PostgreSQL does.

    Examples
    --------
    >>> whole_millimetres(np.array([0.0123456, np.nan])).tolist()
    [0.012, nan]
    """
    rounded: FloatArray = np.rint(metres * 1000.0) / 1000.0
    return rounded


def cells_near(edges: Edges, lon: FloatArray, lat: FloatArray, radius_m: FloatArray) -> Near:
    """Find the cells whose border lies within a radius of each point.

    Parameters
    ----------
    lon, lat, radius_m : (n,) finite degrees, metres; whether a point lies within a cell does
        not matter here, only its border does

    Returns
    -------
    each pair once, by row, then cell; distances in whole millimetres, the radius included
    """
    found = []
    for rows, row, edge in _blocks(edges, lon, lat, radius_m):
        metres = whole_millimetres(_metres(edges, lon[rows][row], lat[rows][row], edge))
        hit = metres <= radius_m[rows][row]
        found.append(_smallest(rows.start + row[hit], edges.cell[edge[hit]], metres[hit]))
    if not found:
        return Near(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Near(
        np.concatenate([near.row for near in found]),
        np.concatenate([near.cell for near in found]),
        np.concatenate([near.distance_m for near in found]),
    )


def nearest_border_m(edges: Edges, lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Measure to the nearest border of any cell, however far.

    Parameters
    ----------
    lon, lat : (n,) finite degrees

    Returns
    -------
    (n,) whole millimetres; NaN when there is no border at all
    """
    if not len(edges.cell) or not len(lon):
        return np.full(len(lon), np.nan)
    # Bad positions repeat (0 0, a default), and the farther off, the dearer each search is.
    places, place_of = np.unique(np.column_stack([lon, lat]), axis=0, return_inverse=True)
    return _nearest_m(edges, places[:, 0], places[:, 1])[place_of.reshape(-1)]


def _nearest_m(edges: Edges, lon: FloatArray, lat: FloatArray) -> FloatArray:
    # One edge that is about the nearest bounds the search for the one that is.
    points = shapely.points(lon * edges.lon_scale, lat)
    about_nearest = np.asarray(edges.tree.nearest(points), dtype=np.int64)
    bound_m = _metres(edges, lon, lat, about_nearest)
    nearest = bound_m.copy()
    for rows, row, edge in _blocks(edges, lon, lat, bound_m):
        metres = _metres(edges, lon[rows][row], lat[rows][row], edge)
        np.minimum.at(nearest, rows.start + row, metres)
    return whole_millimetres(nearest)


def _blocks(
    edges: Edges, lon: FloatArray, lat: FloatArray, radius_m: FloatArray
) -> Iterator[tuple[slice, IntArray, IntArray]]:
    """Pair points with the edges that may be within reach, a bounded number at a time.

    Yields the rows of a block, and for each pair the row within the block and the edge.
    """
    start, size = 0, _FIRST_BLOCK
    while start < len(lon):
        rows = slice(start, min(start + size, len(lon)))
        boxes = _boxes(edges.lon_scale, lon[rows], lat[rows], radius_m[rows])
        row, edge = edges.tree.query(boxes)
        yield rows, row.astype(np.int64), edge.astype(np.int64)
        start = rows.stop
        # Wide searches meet many edges: go on with as many points as the last block suggests.
        per_point = max(len(row) / (rows.stop - rows.start), 1.0)
        size = int(np.clip(_PAIRS / per_point, 1, min(size * 8, _LARGEST_BLOCK)))


def _boxes(
    lon_scale: float, lon: FloatArray, lat: FloatArray, radius_m: FloatArray
) -> np.ndarray:
    m_lon, m_lat = metres_per_degree(lat)
    reach_m = radius_m + _MARGIN_M
    half_x, half_y = reach_m / m_lon * lon_scale, reach_m / m_lat
    x = lon * lon_scale
    return shapely.box(x - half_x, lat - half_y, x + half_x, lat + half_y)


def _metres(edges: Edges, lon: FloatArray, lat: FloatArray, edge: IntArray) -> FloatArray:
    """Measure from points to edges, pair by pair."""
    m_lon, m_lat = metres_per_degree(lat)
    ax, ay = (edges.start[edge, 0] - lon) * m_lon, (edges.start[edge, 1] - lat) * m_lat
    bx, by = (edges.end[edge, 0] - lon) * m_lon, (edges.end[edge, 1] - lat) * m_lat
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    # Where the foot of the perpendicular lies: 0 at the start, 1 at the end.
    foot = np.divide(-ax * dx - ay * dy, squared, out=np.zeros_like(ax), where=squared > 0)
    # As PostGIS: the perpendicular by the cross product, which keeps its digits, and the
    # plain distance to an end beyond it.
    across = np.divide(
        np.abs(ay * dx - ax * dy), np.sqrt(squared), out=np.zeros_like(ax), where=squared > 0
    )
    metres: FloatArray = np.where(
        foot <= 0,
        np.sqrt(ax * ax + ay * ay),
        np.where(foot >= 1, np.sqrt(bx * bx + by * by), across),
    )
    return metres


def _smallest(row: IntArray, cell: IntArray, metres: FloatArray) -> Near:
    """Keep the nearest edge of each pair of point and cell."""
    order = np.lexsort((metres, cell, row))
    row, cell, metres = row[order], cell[order], metres[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (cell[1:] != cell[:-1])
    return Near(row[first], cell[first], metres[first])
