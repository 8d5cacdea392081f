"""Find the parent of areas by overlap, if the file does not name it."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, IntArray, ObjectArray
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.measure import area_m2


@dataclass(frozen=True)
class Belonging:
    """The parents of k areas.

    ``parent_codes`` is None for an area that overlaps no parent. ``elsewhere_m2`` is the
    largest overlap with a parent that was not chosen, in square metres.
    """

    parent_codes: ObjectArray
    elsewhere_m2: FloatArray


def parents_by_overlap(children: LevelAreas, parents: LevelAreas) -> Belonging:
    """Return for each area the parent with the largest overlap.

    Parameters
    ----------
    children, parents : lon/lat; an outline that crosses itself is resolved only for measuring

    Returns
    -------
    in the order of ``children``; of two parents with equal overlap the smaller code wins, and
    touching borders are not an overlap

    Examples
    --------
    >>> def areas(level, **geoms):
    ...     codes = np.array(list(geoms), dtype=object)
    ...     return LevelAreas(level, codes, codes, codes, np.array(list(geoms.values())))
    >>> streets = areas("street", W=shapely.box(0, 0, 1, 1), E=shapely.box(1, 0, 2, 1))
    >>> cells = areas("cell", a=shapely.box(0.9, 0, 1.8, 1), z=shapely.box(5, 5, 6, 6))
    >>> parents_by_overlap(cells, streets).parent_codes.tolist()
    ['E', None]
    """
    below, above = MeasuredAreas(children), MeasuredAreas(parents)
    child, parent, overlap = _overlaps(below, above)
    codes = np.array(above.codes, dtype=object)
    chosen = np.full(len(below), None, dtype=object)
    elsewhere = np.zeros(len(below))
    order = sorted(
        range(len(child)), key=lambda pair: (child[pair], -overlap[pair], codes[parent[pair]])
    )
    for pair in order:
        row = child[pair]
        if chosen[row] is None:
            chosen[row] = codes[parent[pair]]
        elif codes[parent[pair]] != chosen[row]:
            elsewhere[row] = max(elsewhere[row], overlap[pair])
    return Belonging(chosen, elsewhere)


def _overlaps(
    below: MeasuredAreas, above: MeasuredAreas
) -> tuple[IntArray, IntArray, FloatArray]:
    """Measure every pair that shares ground: rows below, rows above, square metres."""
    child, parent = above.tree.query(below.geoms, predicate="intersects")
    inside = shapely.covers(above.geoms[parent], below.geoms[child])
    overlap = np.where(inside, below.area_m2[child], 0.0)
    crossing = np.flatnonzero(~inside)
    shared = shapely.intersection(below.geoms[child[crossing]], above.geoms[parent[crossing]])
    overlap[crossing] = area_m2(shared)
    found = overlap > 0
    return child[found], parent[found], overlap[found]
