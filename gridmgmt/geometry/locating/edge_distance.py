"""Distances from points to borders in metres, always by the same formula.

The formula is planar: borders are moved so that the point is the origin; then degrees are
scaled to metres at the latitude of the point. ``store/sql/areas/locate.sql`` computes the same
in the same order, so that both sides round to the same millimetre.
"""

from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray, order_within
from gridmgmt.geometry.locating.edge_grid import EdgeGrid
from gridmgmt.geometry.locating.edge_search import nearest_pieces, pieces_near
from gridmgmt.geometry.measure import metres_per_degree

# Pairs of point and cell in one batch.
_PAIRS = 1_000_000


@dataclass(frozen=True)
class Near:
    """Cells near points: row of the point, position of the cell, distance in metres."""

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


def cells_near(edges: EdgeGrid, lon: FloatArray, lat: FloatArray, radius_m: FloatArray) -> Near:
    """Find the cells whose border lies within a radius of each point.

    Parameters
    ----------
    lon, lat, radius_m : (n,) finite degrees, metres; only the border counts, not whether the
        point lies inside the cell

    Returns
    -------
    each pair once, by row, then cell; distances in whole millimetres, the radius included
    """
    m_lon, m_lat = metres_per_degree(lat)
    points = np.column_stack([lon, lat, m_lon, m_lat, radius_m])
    grid = (edges.tiling.parameters(), edges.starts, edges.pieces)
    borders = (edges.borders.ends, edges.borders.cells)
    # The last place of each cell in the list of pairs.
    place = np.empty(edges.cells, dtype=np.int64)
    row, cell, metres = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    found, done = [], 0
    while done < len(points):
        # A point can be near every cell, so there is room for one point more than asked for.
        room = min(_PAIRS, 4 * (len(points) - done)) + edges.cells
        if len(row) < room:
            row, cell = np.empty(room, np.int64), np.empty(room, np.int64)
            metres = np.empty(room)
        place[:] = -1
        done, pairs = pieces_near(points, done, *grid, *borders, place, row, cell, metres)
        found.append((row[:pairs].copy(), cell[:pairs].copy(), metres[:pairs].copy()))
    if not found:
        return Near(row, cell, metres)
    row, cell, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    order = order_within(row, cell)
    return Near(row[order], cell[order], metres[order])


def nearest_border_m(edges: EdgeGrid, lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Compute the distance to the nearest border of any cell, however far away.

    Parameters
    ----------
    lon, lat : (n,) finite degrees

    Returns
    -------
    (n,) metres in whole millimetres; NaN if there is no border at all
    """
    metres = np.full(len(lon), np.nan)
    if len(edges.borders.ends):
        m_lon, m_lat = metres_per_degree(lat)
        points = np.column_stack([lon, lat, m_lon, m_lat])
        nearest_pieces(
            points,
            edges.tiling.parameters(),
            edges.starts,
            edges.pieces,
            edges.borders.ends,
            metres,
        )
    return whole_millimetres(metres)
