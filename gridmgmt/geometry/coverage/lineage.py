"""Find what became of areas: which new areas have how much of the ground of each old area."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, ObjectArray
from gridmgmt.geometry.measure import area_m2

# Less shared ground than this comes from the rounding of borders and is not lineage.
DUST_M2 = 0.01


@dataclass(frozen=True)
class Descent:
    """Ground of an old area that went to a new area, or to none (``new_code`` None).

    ``share`` is the fraction of the old area's ground; the shares of an old area sum to 1.
    """

    old_code: str
    new_code: str | None
    overlap_m2: float
    share: float


def lineage(
    old_codes: Sequence[str] | ObjectArray,
    old_geoms: Sequence[object] | GeometryArray,
    new_codes: Sequence[str] | ObjectArray,
    new_geoms: Sequence[object] | GeometryArray,
) -> list[Descent]:
    """Divide the ground of each old area among the new areas.

    share = area(old and new) / area(old), geodesic. Pieces under `DUST_M2` are dropped, and the
    shares are then scaled to sum to 1; this also evens out overlaps of new areas. An old area
    smaller than `DUST_M2` goes to the new area that holds most of it, or to none.

    Parameters
    ----------
    old_codes, new_codes : (n,), (k,) text, each code once
    old_geoms, new_geoms : (n,), (k,) valid polygons in lon/lat; None and empty have no ground

    Returns
    -------
    by old code in the given order, the largest share first, the part in no new area last;
    nothing for an old area without ground

    Examples
    --------
    >>> descents = lineage(["A"], [shapely.box(0, 0, 2, 1)], ["A1"], [shapely.box(0, 0, 1, 1)])
    >>> [(d.old_code, d.new_code, round(d.share, 6)) for d in descents]
    [('A', 'A1', 0.5), ('A', None, 0.5)]
    """
    old = np.asarray(old_geoms, dtype=object)
    new = np.asarray(new_geoms, dtype=object)
    old_row, new_row = shapely.STRtree(new).query(old, predicate="intersects")
    held_m2 = area_m2(shapely.intersection(old[old_row], new[new_row]))
    lost_m2 = _lost_m2(old, new, old_row, new_row)
    whole_m2 = area_m2(old)
    descents: list[Descent] = []
    for row in np.flatnonzero(whole_m2 > 0):
        mine = np.flatnonzero(old_row == row)
        pieces = [
            (str(new_codes[int(new_row[i])]), float(held_m2[i]))
            for i in mine[np.lexsort((new_row[mine], -held_m2[mine]))]
        ]
        descents += _shared_out(
            str(old_codes[int(row)]), [*pieces, (None, float(lost_m2[row]))]
        )
    return descents


def _lost_m2(
    old: GeometryArray, new: GeometryArray, old_row: IntArray, new_row: IntArray
) -> FloatArray:
    """Measure how much of each old area lies in no new area."""
    rest = old.copy()
    for row in np.unique(old_row):
        rest[row] = shapely.difference(
            old[row], shapely.union_all(new[new_row[old_row == row]])
        )
    return area_m2(rest)


def _shared_out(old_code: str, pieces: Sequence[tuple[str | None, float]]) -> list[Descent]:
    kept = [piece for piece in pieces if piece[1] >= DUST_M2]
    if not kept:
        kept = [max(pieces, key=lambda piece: piece[1])]
    total_m2 = sum(m2 for _, m2 in kept)
    # If ground is so thin that overlay leaves nothing of it, it counts as one whole piece.
    return [Descent(old_code, new, m2, m2 / total_m2 if total_m2 else 1.0) for new, m2 in kept]
