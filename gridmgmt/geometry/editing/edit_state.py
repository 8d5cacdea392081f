"""The areas of a draft while they are edited: a base that stays, and what has changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import shapely

from gridmgmt.arrays import IntArray, objects
from gridmgmt.domain.areas.attributes import Attributes
from gridmgmt.geometry.coverage.level_areas import LevelAreas, rows_by
from gridmgmt.geometry.editing.chain import NOTHING, Chain, chain_of
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.outline import Outline, degrees, outline_of, rings_of, shape_of
from gridmgmt.sentence import Sentence


@dataclass(frozen=True, eq=False)
class DraftArea:
    """An area of a draft; ``outline`` is () where it has no ground."""

    level: str
    code: str
    name: str | None
    parent_code: str | None
    outline: Outline
    attributes: Attributes = field(default_factory=dict)

    @cached_property
    def box(self) -> IntArray:
        """Return the smallest and the largest coordinates, (4,) whole steps.

        Without ground it is a box that meets no other.
        """
        rings = rings_of(self.outline)
        if not rings:
            return np.array([1, 1, 0, 0], dtype=np.int64)
        every = np.concatenate(rings)
        return np.concatenate([every.min(axis=0), every.max(axis=0)])

    @cached_property
    def chain(self) -> Chain:
        """Return the edges around the ground."""
        return chain_of(self.outline)

    @cached_property
    def shape(self) -> shapely.MultiPolygon:
        """Return the ground in degrees, as it is stored."""
        return shape_of(self.outline)

    def with_outline(self, outline: Outline) -> "DraftArea":
        """Return the area with another ground."""
        return replace(self, outline=outline)


class BaseLevel:
    """The areas of a level before any change, found by code and by place."""

    def __init__(self, areas: LevelAreas) -> None:
        self._areas = areas
        self._row = {str(code): row for row, code in enumerate(areas.codes)}
        self._read: dict[str, DraftArea] = {}

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._areas.geoms)

    @property
    def areas(self) -> LevelAreas:
        """Return the areas as arrays, by code."""
        return self._areas

    def codes(self) -> Iterable[str]:
        """Return the codes."""
        return self._row.keys()

    def get(self, code: str) -> DraftArea | None:
        """Return the area of a code, None where there is none."""
        if code not in self._read:
            row = self._row.get(code)
            if row is None:
                return None
            areas = self._areas
            self._read[code] = DraftArea(
                areas.level,
                code,
                areas.names[row],
                areas.parent_codes[row],
                outline_of(areas.geoms[row]),
                areas.attributes[row],
            )
        return self._read[code]

    @cached_property
    def _rows_in(self) -> dict[str, list[int]]:
        return rows_by(self._areas.parent_codes)

    def within(self, parent: str) -> list[str]:
        """Return the codes of areas with a parent."""
        return [str(self._areas.codes[row]) for row in self._rows_in.get(parent, ())]

    def near(self, box: IntArray) -> list[str]:
        """Return the codes of areas whose box meets a box in whole steps."""
        rows = self._tree.query(shapely.box(*degrees(box).tolist()))
        return [str(self._areas.codes[row]) for row in rows]


@dataclass(frozen=True, eq=False)
class EditState:
    """The areas of all levels, ``levels`` from the topmost down.

    An edit makes another state; the one before stays as it is. ``changed`` has the areas that
    differ from ``base``, None for one that is gone.
    """

    levels: tuple[str, ...]
    base: Mapping[str, BaseLevel]
    changed: Mapping[tuple[str, str], DraftArea | None] = field(
        default_factory=lambda: MappingProxyType({})
    )

    @classmethod
    def of(cls, levels: Sequence[LevelAreas]) -> "EditState":
        """Return the state of areas as they are; levels from the topmost down."""
        return cls(tuple(one.level for one in levels), {a.level: BaseLevel(a) for a in levels})

    def get(self, level: str, code: str) -> DraftArea | None:
        """Return an area, None where there is none."""
        if (level, code) in self.changed:
            return self.changed[level, code]
        return self.base[level].get(code)

    def area(self, level: str, code: str) -> DraftArea:
        """Return an area.

        Raises
        ------
        EditError
            when there is no such level or area
        """
        found = self.get(level, code) if level in self.base else None
        if found is None:
            raise EditError(Sentence("the draft has no {} {}", level, code))
        return found

    def codes(self, level: str) -> Iterator[str]:
        """Yield the codes of a level."""
        for code in self.base[level].codes():
            if (level, code) not in self.changed:
                yield code
        for (where, code), area in self.changed.items():
            if where == level and area is not None:
                yield code

    def near(self, level: str, box: IntArray) -> list[DraftArea]:
        """Return the areas of a level whose box meets a box in whole steps, by code."""
        codes = {
            code for code in self.base[level].near(box) if (level, code) not in self.changed
        }
        codes |= {
            code
            for (where, code), area in self.changed.items()
            if where == level and area is not None and _meets(area.box, box)
        }
        return [self.area(level, code) for code in sorted(codes)]

    def children(self, level: str, code: str) -> list[DraftArea]:
        """Return the areas with this parent, by code, wherever they lie.

        They are of the nearest level below that has areas; an area that is not there has none.
        """
        below = self.level_below(level)
        if below is None or self.get(level, code) is None:
            return []
        codes = {
            one for one in self.base[below].within(code) if (below, one) not in self.changed
        }
        codes |= {
            one
            for (where, one), area in self.changed.items()
            if where == below and area is not None and area.parent_code == code
        }
        return [self.area(below, one) for one in sorted(codes)]

    def level_above(self, level: str) -> str | None:
        """Return the nearest level above that has areas, None where there is none."""
        above = self.levels[: self.levels.index(level)]
        return next((one for one in reversed(above) if self._has_areas(one)), None)

    def level_below(self, level: str) -> str | None:
        """Return the nearest level below that has areas, None where there is none."""
        below = self.levels[self.levels.index(level) + 1 :]
        return next((one for one in below if self._has_areas(one)), None)

    def _has_areas(self, level: str) -> bool:
        return next(self.codes(level), None) is not None

    def having(
        self, areas: Iterable[DraftArea], without: Iterable[DraftArea] = ()
    ) -> "EditState":
        """Return the state with some areas gone, and others put in or replaced.

        An area that is in both is put in: what stood and what stands instead can be given as
        they are.
        """
        gone = {(one.level, one.code): None for one in without}
        given = {(one.level, one.code): one for one in areas}
        if not gone and not given:
            return self
        changed = {**self.changed, **gone, **given}
        return replace(self, changed=MappingProxyType(changed))

    def level_areas(self, level: str) -> LevelAreas:
        """Return all areas of a level as arrays, by code."""
        return arrays_of(level, [self.area(level, code) for code in sorted(self.codes(level))])


def arrays_of(level: str, areas: Sequence[DraftArea]) -> LevelAreas:
    """Return areas of a level as arrays, in their order."""
    return LevelAreas(
        level,
        objects(one.code for one in areas),
        objects(one.name for one in areas),
        objects(one.parent_code for one in areas),
        objects(one.shape for one in areas),
        objects(one.attributes for one in areas),
    )


def ground_of(area: DraftArea | None) -> Chain:
    """Return the edges around the ground of an area, none where there is no area."""
    return NOTHING if area is None else area.chain


def areas_of(levels: Mapping[str, LevelAreas]) -> list[DraftArea]:
    """Return areas that are stored as arrays as those of a draft."""
    known = [BaseLevel(one) for one in levels.values()]
    found = (one.get(code) for one in known for code in one.codes())
    return [area for area in found if area is not None]


def _meets(one: IntArray, other: IntArray) -> bool:
    return bool((one[:2] <= other[2:]).all() and (other[:2] <= one[2:]).all())
