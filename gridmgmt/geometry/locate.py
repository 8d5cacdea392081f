"""One answer for a point: which cell it lies in, and which others it nearly does.

====================================  ===========================================
the point is ...                      the answer
====================================  ===========================================
covered by one cell                   that cell
covered by several (a shared border,  the one with the smallest code by code
overlapping cells)                    point, and ``on_boundary``
covered by none, one within snap_m    the nearest (of equals the smallest code),
                                      ``snapped`` with its distance
anything else                         none: a person decides, nobody guesses
====================================  ===========================================

The database gives the same answers (``store/sql/locate.sql``); a differential test compares.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gridmgmt.geometry.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.geometry.cover import Covered, cover, covering_pairs
from gridmgmt.geometry.edge_distance import Near, cells_near, nearest_border_m
from gridmgmt.geometry.locator import Locator, build_locator

__all__ = ["Covered", "Located", "Locator", "build_locator", "cover", "locate"]


@dataclass(frozen=True, eq=False)
class Located:
    """Answers for n points, and their candidates one point after the other.

    ``cell`` (n,) positions into the index's codes, -1 = not located; ``on_boundary`` covered
    by more than one cell; ``snapped`` covered by none; ``distance_m`` 0 where covered, NaN
    where not located; ``border_m`` to the nearest border of any cell, NaN for points without
    a position. Point i has the candidates ``offsets[i]:offsets[i + 1]``, the answer first.
    """

    cell: IntArray
    on_boundary: BoolArray
    snapped: BoolArray
    distance_m: FloatArray
    border_m: FloatArray | None
    offsets: IntArray
    candidates: IntArray
    candidate_m: FloatArray


def locate(
    index: Locator,
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    candidate_m: float = 1.0,
    snap_m: float = 30.0,
    border: bool = False,
) -> Located:
    """Find the cell that covers each point, or the nearest within reach.

    Distances are planar in lon/lat scaled to metres at the point's latitude, rounded to whole
    millimetres before they are compared.

    Parameters
    ----------
    lon, lat : (n,) degrees, EPSG:4326; a point with NaN, infinity or a latitude past 90 is not
        located and has no candidates
    candidate_m : cells within this distance are candidates, the limit included: the answer
        first, then by distance, then by code. An answer snapped from farther is none.
    snap_m : a point in no cell goes to the nearest within this distance, the limit included;
        0 = never
    border : whether to measure ``border_m`` as well

    Examples
    --------
    >>> index = build_locator(["A", "B"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> answer = locate(index, [0.5, 1.0, 2.0001, 3.0], [0.5, 0.5, 0.5, 0.5])
    >>> answer.cell.tolist(), answer.on_boundary.tolist()
    ([0, 0, 1, -1], [False, True, False, False])
    >>> answer.snapped.tolist(), answer.distance_m.tolist()
    ([False, False, True, False], [0.0, 0.0, 11.132, nan])
    """
    if not (candidate_m >= 0 and snap_m >= 0):
        message = f"distances cannot be negative: candidate_m={candidate_m}, snap_m={snap_m}"
        raise ValueError(message)
    lon, lat = np.atleast_1d(lon).astype(np.float64), np.atleast_1d(lat).astype(np.float64)
    usable = np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= 90))
    covers = _covering(index, lon, lat, usable)
    is_covered = np.zeros(len(lon), dtype=bool)
    is_covered[covers.row] = True
    radius_m = np.where(is_covered, candidate_m, max(candidate_m, snap_m))[usable]
    near = cells_near(index.edges, lon[usable], lat[usable], radius_m)
    near = Near(usable[near.row], near.cell, near.distance_m)
    border_m = None
    if border:
        border_m = np.full(len(lon), np.nan)
        border_m[usable] = nearest_border_m(index.edges, lon[usable], lat[usable])
    return _judged(len(lon), covers, near, (candidate_m, snap_m), border_m)


def _covering(index: Locator, lon: FloatArray, lat: FloatArray, usable: IntArray) -> Near:
    row, cell = covering_pairs(index, lon, lat, usable)
    return Near(row, cell, np.zeros(len(row)))


def _judged(
    n: int,
    covers: Near,
    near: Near,
    limits_m: tuple[float, float],
    border_m: FloatArray | None,
) -> Located:
    """Choose among the cells at and around each point, by the table above."""
    candidate_m, snap_m = limits_m
    row, cell, metres, is_cover = _merged(covers, near)

    order = np.lexsort((cell, metres, ~is_cover, row))
    best = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
    best = best[is_cover[best] | ((metres[best] <= snap_m) & (snap_m > 0))]
    answer = np.full(n, -1, dtype=np.int64)
    answer[row[best]] = cell[best]
    distance_m = np.full(n, np.nan)
    distance_m[row[best]] = metres[best]
    snapped = np.zeros(n, dtype=bool)
    snapped[row[best]] = ~is_cover[best]

    is_candidate = metres <= candidate_m
    row, cell, metres = row[is_candidate], cell[is_candidate], metres[is_candidate]
    order = np.lexsort((cell, metres, cell != answer[row], row))
    return Located(
        cell=answer,
        on_boundary=np.bincount(covers.row, minlength=n) > 1,
        snapped=snapped,
        distance_m=distance_m,
        border_m=border_m,
        offsets=np.searchsorted(row[order], np.arange(n + 1)).astype(np.int64),
        candidates=cell[order],
        candidate_m=metres[order],
    )


def _merged(covers: Near, near: Near) -> tuple[IntArray, IntArray, FloatArray, BoolArray]:
    """Put covering and near cells together, each pair once; covering cells are at 0."""
    row = np.concatenate([covers.row, near.row])
    cell = np.concatenate([covers.cell, near.cell])
    metres = np.concatenate([covers.distance_m, near.distance_m])
    is_cover = np.arange(len(row)) < len(covers.row)
    order = np.lexsort((~is_cover, cell, row))
    row, cell = row[order], cell[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (cell[1:] != cell[:-1])
    keep = order[first]
    return row[first], cell[first], metres[keep], is_cover[keep]
