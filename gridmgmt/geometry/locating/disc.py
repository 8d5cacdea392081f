"""Compute how much of a disc around a point lies in each cell: the meaning of an accuracy.

The disc is planar, in metres at the latitude of the point, like distances in ``locate``. Its
intersection with a polygon is exact, edge by edge (Green's theorem): the part of an edge inside
the disc adds its triangle with the centre; the part outside adds the sector of the disc that it
passes. Between two crossings of the circle the sectors add up to the angle between them plus
whole turns, so that only crossings need trigonometry.

A disc that touches very many cells is weighed by points spread evenly over it: which one of a
thousand cells it is, nobody can know in any case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.geometry.locating.locate import locate
from gridmgmt.geometry.locating.locator_index import Locator
from gridmgmt.geometry.measure import metres_per_degree

# A disc that may touch more cells than this, or is wider, is weighed by points.
MOST_CELLS = 64
WIDEST_M = 2_000.0
POINTS = 96

# Discs in one batch, so that wide discs do not make too many pairs with cells.
_AT_ONCE = 4_096
# If fewer of its points lie in any cell, a disc is not weighed by points.
_FEWEST_POINTS = 8

# Points spread evenly over a unit square: multiples of the powers of 1 / the plastic number,
# which leave no gaps and follow no grid (Roberts, The Unreasonable Effectiveness of
# Quasirandom Sequences, 2018).
_PLASTIC = 1.324717957244746
_EVENLY = np.outer(np.arange(1, POINTS + 1), [1 / _PLASTIC, 1 / _PLASTIC**2]) % 1.0

# A smaller part of a disc comes from rounding.
_LEAST_SHARE = 1e-9


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of discs, by disc, then the largest first, then by code.

    ``row`` is the disc, ``cell`` the position in the index's codes, ``share`` the part of the
    disc, in (0, 1]. ``lon``, ``lat`` are the centroid of the part in degrees.
    """

    row: IntArray
    cell: IntArray
    share: FloatArray
    lon: FloatArray
    lat: FloatArray


class _Rings(NamedTuple):
    """Borders of some cells: rings with the inside on their left, one after the other.

    Ring i has the vertices ``vertex[i]:vertex[i + 1]``, cell i the rings from ``ring[i]`` to
    before ``ring[i + 1]``.
    """

    lonlat: FloatArray
    vertex: IntArray
    ring: IntArray


def cell_shares(index: Locator, lon: ArrayLike, lat: ArrayLike, accuracy_m: ArrayLike) -> Parts:
    """Compute how much of the disc around each point lies in each cell.

    Ground in no cell belongs to no part, so the shares of a disc may sum to less than 1; where
    cells overlap, to more. A disc that may touch more than ``MOST_CELLS`` cells, or with a
    radius over ``WIDEST_M``, is weighed by up to ``POINTS`` points spread evenly over it.

    Parameters
    ----------
    lon, lat : (n,) degrees, EPSG:4326; a point with NaN or infinity has no parts
    accuracy_m : (n,) radius in metres; NaN, zero and negative radii have no parts

    Examples
    --------
    >>> from gridmgmt.geometry.locating.locator_index import build_locator
    >>> index = build_locator(["A", "B"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> parts = cell_shares(index, [0.5, 1.0], [0.5, 0.5], [20, 20])
    >>> parts.row.tolist(), parts.cell.tolist(), parts.share.round(3).tolist()
    ([0, 1, 1], [0, 0, 1], [1.0, 0.5, 0.5])
    """
    lon, lat = np.atleast_1d(lon).astype(np.float64), np.atleast_1d(lat).astype(np.float64)
    radius_m = np.broadcast_to(np.asarray(accuracy_m, dtype=np.float64), lon.shape)
    usable = np.isfinite(lon) & (np.abs(lat) < 90) & np.isfinite(radius_m) & (radius_m > 0)
    usable &= len(index.codes) > 0
    found = [
        parts
        for rows in _blocks(np.flatnonzero(usable))
        for parts in _some(index, rows, lon[rows], lat[rows], radius_m[rows])
    ]
    return _ranked(found)


def crosses_border(border_m: FloatArray, accuracy_m: FloatArray) -> BoolArray:
    """Return which discs a border crosses, or may cross.

    Parameters
    ----------
    border_m : (n,) metres to the nearest border, NaN if unknown
    accuracy_m : (n,) radius in metres; False where it is NaN (unknown)

    Examples
    --------
    >>> crosses_border(np.array([5.0, 5.0, 5.0]), np.array([4.0, 6.0, np.nan])).tolist()
    [False, True, False]
    """
    return (accuracy_m > 0) & ~(border_m >= accuracy_m)


def _blocks(rows: IntArray) -> Iterator[IntArray]:
    yield from (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))


def _some(
    index: Locator, rows: IntArray, lon: FloatArray, lat: FloatArray, radius_m: FloatArray
) -> Iterator[Parts]:
    wide = radius_m > WIDEST_M
    narrow = np.flatnonzero(~wide)
    row, cell = index.tree.query(_boxes(lon[narrow], lat[narrow], radius_m[narrow]))
    row = narrow[row]
    wide |= np.bincount(row, minlength=len(rows)) > MOST_CELLS
    row, cell = row[~wide[row]], cell[~wide[row]]
    yield _exact(index, rows, (lon, lat, radius_m), row, cell)
    at = np.flatnonzero(wide)
    if not len(at):
        return
    parts, few = _by_points(index, rows[at], lon[at], lat[at], radius_m[at])
    yield parts
    # One by one: each of these discs may touch every cell.
    for i in at[few]:
        cell = index.tree.query(_boxes(lon[[i]], lat[[i]], radius_m[[i]])[0])
        yield _exact(index, rows, (lon, lat, radius_m), np.full(len(cell), i), cell)


def _boxes(lon: FloatArray, lat: FloatArray, radius_m: FloatArray) -> GeometryArray:
    m_lon, m_lat = metres_per_degree(lat)
    x, y = radius_m / m_lon, radius_m / m_lat
    boxes: GeometryArray = np.asarray(shapely.box(lon - x, lat - y, lon + x, lat + y))
    return boxes


def _exact(
    index: Locator,
    rows: IntArray,
    discs: tuple[FloatArray, FloatArray, FloatArray],
    row: IntArray,
    cell: IntArray,
) -> Parts:
    met, cell_of = np.unique(cell, return_inverse=True)
    rings = _rings(index.geoms[met])
    lon, lat, radius_m = (values[row] for values in discs)
    m_lon, m_lat = metres_per_degree(lat)
    discs_m = np.column_stack([lon, lat, m_lon, m_lat, radius_m])
    area, x, y = _weigh(rings.lonlat, rings.vertex, rings.ring, cell_of, discs_m).T
    share = area / (np.pi * radius_m**2)
    is_part = share > _LEAST_SHARE
    area = area[is_part]
    return Parts(
        row=rows[row[is_part]],
        cell=met[cell_of[is_part]].astype(np.int64),
        share=np.minimum(share[is_part], 1.0),
        lon=lon[is_part] + x[is_part] / area / m_lon[is_part],
        lat=lat[is_part] + y[is_part] / area / m_lat[is_part],
    )


def _rings(geoms: GeometryArray) -> _Rings:
    parts, cell = shapely.get_parts(shapely.orient_polygons(geoms), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    lonlat = shapely.get_coordinates(rings)
    vertex = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))])
    ring = np.searchsorted(cell[part], np.arange(len(geoms) + 1))
    return _Rings(lonlat, vertex.astype(np.int64), ring.astype(np.int64))


def _by_points(
    index: Locator, rows: IntArray, lon: FloatArray, lat: FloatArray, radius_m: FloatArray
) -> tuple[Parts, BoolArray]:
    """Weigh discs by points, and return for which discs too few points lie in cells.

    The points are spread over the part of the disc's box that has cells. Otherwise no point
    would hit a town far smaller than the disc.
    """
    m_lon, m_lat = metres_per_degree(lat)
    reach_x, reach_y = radius_m / m_lon, radius_m / m_lat
    west, south, east, north = index.bounds
    left, right = np.fmax(lon - reach_x, west), np.fmin(lon + reach_x, east)
    low, high = np.fmax(lat - reach_y, south), np.fmin(lat + reach_y, north)
    x = left[:, None] + (right - left)[:, None] * _EVENLY[:, 0]
    y = low[:, None] + (high - low)[:, None] * _EVENLY[:, 1]
    out = np.hypot((x - lon[:, None]) * m_lon[:, None], (y - lat[:, None]) * m_lat[:, None])
    in_disc = out <= radius_m[:, None]
    disc, nth = np.nonzero(in_disc)
    x, y = x[disc, nth], y[disc, nth]
    cell = locate(index, x, y, candidate_m=0, snap_m=0).cell
    inside = cell >= 0
    disc, cell, x, y = disc[inside], cell[inside], x[inside], y[inside]
    few = np.bincount(disc, minlength=len(rows)) < _FEWEST_POINTS
    stands_for = (right - left) * m_lon * (high - low) * m_lat / POINTS
    # The disc may hold some more points than its area suggests; together they are the whole
    # disc.
    whole = np.maximum(np.pi * radius_m**2, stands_for * in_disc.sum(axis=1))
    pairs, of, points = np.unique(
        np.column_stack([disc, cell]), axis=0, return_inverse=True, return_counts=True
    )
    of, disc = of.reshape(-1), pairs[:, 0]
    share = points * (stands_for / whole)[disc]
    kept = ~few[disc]
    parts = Parts(
        row=rows[disc[kept]],
        cell=pairs[kept, 1],
        share=share[kept],
        lon=(np.bincount(of, x, minlength=len(pairs)) / points)[kept],
        lat=(np.bincount(of, y, minlength=len(pairs)) / points)[kept],
    )
    return parts, few


def _ranked(found: list[Parts]) -> Parts:
    if not found:
        none = np.empty(0)
        return Parts(none.astype(np.int64), none.astype(np.int64), none, none, none)
    row, cell, share, lon, lat = (
        np.concatenate([getattr(parts, name) for parts in found])
        for name in ("row", "cell", "share", "lon", "lat")
    )
    # Codes are ascending, so the smaller position has the smaller code.
    order = np.lexsort((cell, -share, row))
    return Parts(row[order], cell[order], share[order], lon[order], lat[order])


@compiled
def _weigh(
    lonlat: np.ndarray, vertex: np.ndarray, ring: np.ndarray, cell: np.ndarray, disc: np.ndarray
) -> np.ndarray:
    """Return for each pair of disc and cell their common area and its first moments.

    ``disc`` has lon, lat, metres per degree of either, radius; moments are about its centre.
    """
    weighed = np.zeros((len(cell), 3))
    for pair in range(len(cell)):
        lon, lat, m_lon, m_lat, r = disc[pair]
        rr = r * r
        inside = inside_x = inside_y = 0.0
        # For the arcs: the angle, and the sums over crossings that remain of their moments.
        angle = arcs_x = arcs_y = 0.0
        for nth in range(ring[cell[pair]], ring[cell[pair] + 1]):
            first = vertex[nth]
            bx, by = (lonlat[first, 0] - lon) * m_lon, (lonlat[first, 1] - lat) * m_lat
            b_in = bx * bx + by * by <= rr
            for k in range(first + 1, vertex[nth + 1]):
                ax, ay, a_in = bx, by, b_in
                bx, by = (lonlat[k, 0] - lon) * m_lon, (lonlat[k, 1] - lat) * m_lat
                b_in = bx * bx + by * by <= rr
                px, py, qx, qy = ax, ay, bx, by
                meets = True
                if not (a_in and b_in):
                    # Where the edge enters the disc (p) and leaves it (q): t from 0 to 1.
                    dx, dy = bx - ax, by - ay
                    dd = dx * dx + dy * dy
                    along = -(ax * dx + ay * dy)
                    across = ax * dy - ay * dx
                    half = dd * rr - across * across
                    meets = a_in or b_in or (half > 0.0 and 0.0 < along < dd)
                    if meets:
                        half = np.sqrt(max(half, 0.0))
                        if not a_in:
                            t = min(max((along - half) / dd, 0.0), 1.0)
                            px, py = ax + t * dx, ay + t * dy
                            angle += np.arctan2(py, px) + _turns(ax, ay, px, py)
                            arcs_x, arcs_y = arcs_x + py, arcs_y - px
                        if not b_in:
                            t = min(max((along + half) / dd, 0.0), 1.0)
                            qx, qy = ax + t * dx, ay + t * dy
                            angle -= np.arctan2(qy, qx) - _turns(qx, qy, bx, by)
                            arcs_x, arcs_y = arcs_x - qy, arcs_y + qx
                    else:
                        angle += _turns(ax, ay, bx, by)
                if meets:
                    triangle = 0.5 * (px * qy - py * qx)
                    inside += triangle
                    inside_x += triangle * (px + qx) / 3.0
                    inside_y += triangle * (py + qy) / 3.0
        weighed[pair, 0] = inside + 0.5 * rr * angle
        # The moment of a sector is a third of the cube of the radius times a difference of unit
        # vectors. In a chain of sectors these cancel except for the crossings at its ends.
        weighed[pair, 1] = inside_x + rr * arcs_x / 3.0
        weighed[pair, 2] = inside_y + rr * arcs_y / 3.0
    return weighed


@compiled
def _turns(ax: float, ay: float, bx: float, by: float) -> float:
    """Return a full turn where an edge crosses the ray at which angles jump, else 0."""
    if (ay >= 0.0) == (by >= 0.0):
        return 0.0
    if ax + (bx - ax) * (ay / (ay - by)) >= 0.0:
        return 0.0
    return 2.0 * np.pi if ay >= 0.0 else -2.0 * np.pi
