"""The ground that changed hands between two states of some areas of a level."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, union
from gridmgmt.geometry.measure import area_m2, polygon_parts

# What is smaller comes from rounding on the grid of coordinates.
_DUST_M2 = 0.05


@dataclass(frozen=True)
class GroundChange:
    """What one area gained and lost: polygons in lon/lat (None for nothing), and their m²."""

    code: str
    gained: BaseGeometry | None
    lost: BaseGeometry | None
    gained_m2: float
    lost_m2: float


def ground_changes(before: MeasuredAreas, after: MeasuredAreas) -> list[GroundChange]:
    """Return what areas gained and lost from one state to another, by code.

    An area of one state only gained or lost all of its ground. Areas that kept theirs are left
    out; pieces below 0.05 m² are left out too.
    """
    old, new = before.by_code(), after.by_code()
    found = (_moved(code, old, new) for code in sorted({*old, *new}))
    return [one for one in found if one.gained is not None or one.lost is not None]


def pieces(moved: Iterable[GroundChange]) -> Iterator[tuple[str, BaseGeometry]]:
    """Yield all ground that changed hands, none of it twice: what each area gained by its code.

    What was lost and gained by none comes after that, by the code of the area that lost it.
    """
    listed = [*moved]
    gains = [(one.code, one.gained) for one in listed if one.gained is not None]
    yield from gains
    taken = union([ground for _, ground in gains])
    for one in listed:
        if one.lost is not None:
            rest = _sizeable(shapely.difference(one.lost, taken))
            if rest is not None:
                yield one.code, rest


def _moved(
    code: str, old: Mapping[str, BaseGeometry], new: Mapping[str, BaseGeometry]
) -> GroundChange:
    nothing = shapely.Polygon()
    was, stands = old.get(code, nothing), new.get(code, nothing)
    gained = _sizeable(shapely.difference(stands, was))
    lost = _sizeable(shapely.difference(was, stands))
    gained_m2, lost_m2 = area_m2([gained, lost]).tolist()
    return GroundChange(code, gained, lost, gained_m2, lost_m2)


def _sizeable(ground: BaseGeometry) -> BaseGeometry | None:
    parts = polygon_parts(ground)
    sizes = area_m2(parts) if parts else ()
    kept = [part for part, size in zip(parts, sizes, strict=True) if size >= _DUST_M2]
    return shapely.MultiPolygon(kept) if kept else None
