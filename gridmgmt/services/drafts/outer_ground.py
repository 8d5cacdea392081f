"""Tell what ground a draft takes out of the city, or brings into it."""

from collections.abc import Mapping

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.geometry.coverage.border_sums import border_sums
from gridmgmt.geometry.coverage.changes import LevelChanges, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas, union
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence

# Square metres. Borders that are redrawn by steps of the grid do not change a city.
_LEAST_M2 = 1.0


def ground_notes(
    before: Mapping[str, LevelAreas],
    changes: Mapping[str, LevelChanges],
    after: Mapping[str, LevelAreas],
) -> tuple[str, ...]:
    """Return a sentence if the areas of the topmost level cover less or more than before.

    No check can know whether that is meant: below, what a level does not cover of the one above
    is a problem, but above the topmost level is nothing. A first edition has none.

    Parameters
    ----------
    before, after : the areas of all levels, from the topmost down
    """
    level = next((name for name, areas in after.items() if len(areas.codes)), None)
    if level is None or level not in changes or not len(before.get(level, no_areas("")).codes):
        return ()
    found = changes[level]
    old, new = pick(before[level], found.codes).geoms, found.stated.geoms
    if _have_same_edges(old, new):
        return ()
    lost_m2, gained_m2 = _only_in(old, after[level].geoms), _only_in(new, before[level].geoms)
    told = []
    if lost_m2 > _LEAST_M2:
        told.append(
            Sentence(
                "level {}: {} m² are in no area any more that were in one before",
                level,
                f"{lost_m2:,.0f}",
            )
        )
    if gained_m2 > _LEAST_M2:
        told.append(
            Sentence(
                "level {}: {} m² are in an area that were in none before",
                level,
                f"{gained_m2:,.0f}",
            )
        )
    return tuple(told)


def _have_same_edges(some: GeometryArray, others: GeometryArray) -> bool:
    """Return whether two sets of areas have the same edges around all of them.

    So it is when only borders between them move, and no overlay has to tell.
    """
    return bool(np.sum(border_sums(some)) == np.sum(border_sums(others)))


def _only_in(some: GeometryArray, others: GeometryArray) -> float:
    """Return the square metres of some areas in none of others."""
    if not len(some):
        return 0.0
    near = others[np.unique(shapely.STRtree(others).query(some)[1])]
    some, near = (objects(map(shapely.make_valid, each)) for each in (some, near))
    return float(area_m2([shapely.difference(union(some), union(near))])[0])
