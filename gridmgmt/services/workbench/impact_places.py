"""Structures and zones that lie in other areas after a draft than before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.areas.scopes import shares_ground
from gridmgmt.services.workbench.impact_sides import AreaSide, DraftSides
from gridmgmt.services.workbench.impact_streets import street_level, street_of
from gridmgmt.store.responsibility.demolitions import demolitions_within
from gridmgmt.store.responsibility.zones import zones_within


@dataclass(frozen=True)
class MovedPlace:
    """A demolition or a zone, and the leaf areas and streets in which it lies.

    A zone may lie in several; without any it lies outside the city.
    """

    code: str
    name: str | None
    leaves_before: tuple[str, ...]
    leaves_after: tuple[str, ...]
    streets_before: tuple[str, ...]
    streets_after: tuple[str, ...]


# Of some shapes and the leaf areas of a side: which shape lies in which area.
_Lying = Callable[[GeometryArray, GeometryArray], tuple[Sequence[int], Sequence[int]]]


def moved_demolitions(
    conn: Connection, sides: DraftSides, near: tuple[LevelAreas, LevelAreas]
) -> list[MovedPlace]:
    """List the structures that change their leaf area or street, by code.

    A footprint lies where a point on it lies, as on the map; on a shared border in the area
    with the smallest code.

    Parameters
    ----------
    near : all leaf areas that meet the ground that moves, before and after
    """
    found, geoms = demolitions_within(conn, sides.moved.around)
    points = np.asarray(shapely.point_on_surface(geoms), dtype=object)
    named = [(one.code, one.name) for one in found]
    return _moved(sides, near, named, points, _first_cover)


def moved_zones(
    conn: Connection, sides: DraftSides, near: tuple[LevelAreas, LevelAreas]
) -> list[MovedPlace]:
    """List the zones that share ground with other leaf areas or streets, by code.

    Only leaf areas near the ground that moves are named: the zone may lie in others, too,
    before and after. ``near`` is as for `moved_demolitions`.
    """
    found, geoms = zones_within(conn, sides.moved.around)
    named = [(one.code, one.name) for one in found]
    return _moved(sides, near, named, geoms, _sharing)


def _moved(
    sides: DraftSides,
    near: tuple[LevelAreas, LevelAreas],
    named: Sequence[tuple[str, str | None]],
    geoms: GeometryArray,
    lying: _Lying,
) -> list[MovedPlace]:
    level = street_level(sides.before, sides.after)
    both = [
        _places(side, areas, geoms, level, lying)
        for side, areas in zip((sides.before, sides.after), near, strict=True)
    ]
    return [
        MovedPlace(code, name, before[0], after[0], before[1], after[1])
        for (code, name), before, after in zip(named, *both, strict=True)
        if before != after
    ]


def _places(
    side: AreaSide,
    areas: LevelAreas,
    geoms: GeometryArray,
    level: str | None,
    lying: _Lying,
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the leaf areas and the streets in which each shape lies."""
    leaves: list[list[str]] = [[] for _ in geoms]
    for shape, nth in zip(*lying(geoms, areas.geoms), strict=True):
        leaves[shape].append(str(areas.codes[nth]))
    return [
        (
            tuple(sorted(some)),
            tuple(sorted(_streets([side.chains[one] for one in some], level))),
        )
        for some in leaves
    ]


def _streets(chains: Sequence[Sequence[AreaKey]], level: str | None) -> set[str]:
    return {street for chain in chains if (street := street_of(chain, level)) is not None}


def _first_cover(
    points: GeometryArray, areas: GeometryArray
) -> tuple[Sequence[int], Sequence[int]]:
    point, area = shapely.STRtree(areas).query(points, predicate="covered_by")
    order = np.lexsort((area, point))
    # Areas are ordered by code.
    point, first = np.unique(point[order], return_index=True)
    return point.tolist(), area[order][first].tolist()


def _sharing(
    shapes: GeometryArray, areas: GeometryArray
) -> tuple[Sequence[int], Sequence[int]]:
    shape, area = shapely.STRtree(areas).query(shapes, predicate="intersects")
    shared = np.array(
        [
            bool(shares_ground(shapes[a], areas[[b]])[0])
            for a, b in zip(shape, area, strict=True)
        ],
        dtype=bool,
    )
    return shape[shared].tolist(), area[shared].tolist()
