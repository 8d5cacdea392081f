"""Find for each point the cell it lies in, and the cells it nearly lies in.

====================================  ===========================================
the point is ...                      the answer
====================================  ===========================================
covered by one cell                   that cell
covered by several (a shared border,  the one with the smallest code by code
overlapping cells)                    point, and ``on_boundary``
covered by none, one within snap_m    the nearest (of equals the smallest code),
                                      ``snapped`` with its distance
anything else                         none: a person decides; nothing is guessed
====================================  ===========================================

The database gives the same answers (``store/sql/areas/locate.sql``); a differential test
compares.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.geometry.locating.cover import Covered, Covers, contiguous, cover, covers_of
from gridmgmt.geometry.locating.edge_distance import Near, cells_near, nearest_border_m
from gridmgmt.geometry.locating.locator_index import Locator, build_locator

__all__ = ["Covered", "Located", "Locator", "build_locator", "cover", "locate"]


@dataclass(frozen=True, eq=False)
class Located:
    """The answers for n points, and their candidates one point after the other.

    ``cell`` (n,) are positions in the index's codes, -1 if not located. ``on_boundary``:
    covered by more than one cell. ``snapped``: covered by none. ``distance_m`` is 0 where
    covered and NaN where not located. ``border_m`` is the distance to the nearest border of any
    cell, NaN for points without a position. Point i has the candidates ``offsets[i]:offsets[i +
    1]``, the answer first.
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
    """Find the cell that covers each point, or the nearest cell within reach.

    Distances are planar in lon/lat scaled to metres at the point's latitude, rounded to whole
    millimetres before they are compared.

    Parameters
    ----------
    lon, lat : (n,) degrees, EPSG:4326; a point with NaN, infinity or a latitude past 90 is not
        located and has no candidates
    candidate_m : cells within this distance are candidates, the limit included: the answer
        first, then by distance, then by code. An area snapped from farther is not one.
    snap_m : a point in no cell goes to the nearest within this distance, the limit included;
        0 = never
    border : whether to measure ``border_m`` as well

    Examples
    --------
    >>> import shapely
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
    lon, lat = contiguous(lon, lat)
    covers = covers_of(index, lon, lat)
    usable = np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= 90))
    reach_m = np.where(covers.first.cell >= 0, candidate_m, max(candidate_m, snap_m))[usable]
    near = cells_near(index.edges, lon[usable], lat[usable], reach_m)
    near = Near(usable[near.row], near.cell, near.distance_m)
    border_m = None
    if border:
        border_m = np.full(len(lon), np.nan)
        border_m[usable] = nearest_border_m(index.edges, lon[usable], lat[usable])
    return _beside_judged(covers, near, (candidate_m, snap_m), border_m)


def _beside_judged(
    covers: Covers, near: Near, limits_m: tuple[float, float], border_m: FloatArray | None
) -> Located:
    """Choose for the few points that have a choice, and combine them with all others.

    A point has no choice if one cell covers it and no other is near, or if there is no cell.
    """
    covered = covers.first
    has_choice = covered.on_boundary.copy()
    has_choice[near.row[near.cell != covered.cell[near.row]]] = True
    rows = np.flatnonzero(has_choice)
    judged = _judged(rows, covers, near, limits_m)

    cell = covered.cell.astype(np.int64)
    cell[rows] = judged.cell
    distance_m = np.where(cell >= 0, 0.0, np.nan)
    distance_m[rows] = judged.distance_m
    snapped = np.zeros(len(cell), dtype=bool)
    snapped[rows] = judged.snapped
    counts = (cell >= 0).astype(np.int64)
    counts[rows] = judged.counts
    is_judged = np.repeat(has_choice, counts)
    candidates, metres = np.repeat(cell, counts), np.zeros(int(counts.sum()))
    candidates[is_judged], metres[is_judged] = judged.candidates, judged.candidate_m
    return Located(
        cell=cell,
        on_boundary=covered.on_boundary,
        snapped=snapped,
        distance_m=distance_m,
        border_m=border_m,
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        candidates=candidates,
        candidate_m=metres,
    )


@dataclass(frozen=True, eq=False)
class _Judged:
    """The results for some points: the fields of `Located`, with candidates counted."""

    cell: IntArray
    snapped: BoolArray
    distance_m: FloatArray
    counts: IntArray
    candidates: IntArray
    candidate_m: FloatArray


def _judged(
    rows: IntArray, covers: Covers, near: Near, limits_m: tuple[float, float]
) -> _Judged:
    """Choose among the cells at and around each of these points, by the table above."""
    candidate_m, snap_m = limits_m
    n = len(rows)
    row, cell, metres, is_cover = _merged(rows, covers, near)

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
    return _Judged(
        cell=answer,
        snapped=snapped,
        distance_m=distance_m,
        counts=np.bincount(row, minlength=n),
        candidates=cell[order],
        candidate_m=metres[order],
    )


def _merged(
    rows: IntArray, covers: Covers, near: Near
) -> tuple[IntArray, IntArray, FloatArray, BoolArray]:
    """Combine covering and near cells of these points, each pair once, covering cells at 0 m.

    The first array numbers the points by their place among ``rows``.
    """
    place = np.full(len(covers.first.cell), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    cover_row, cover_cell = covers.pairs(rows)
    of_these = place[near.row] >= 0
    row = place[np.concatenate([cover_row, near.row[of_these]])]
    cell = np.concatenate([cover_cell, near.cell[of_these]])
    metres = np.concatenate([np.zeros(len(cover_row)), near.distance_m[of_these]])
    is_cover = np.arange(len(row)) < len(cover_row)
    order = np.lexsort((~is_cover, cell, row))
    row, cell = row[order], cell[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (cell[1:] != cell[:-1])
    keep = order[first]
    return row[first], cell[first], metres[keep], is_cover[keep]
