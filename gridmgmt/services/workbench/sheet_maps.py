"""The ground that areas give each other by a draft, and the maps on which a sheet shows it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.exchange.change_sheets.change_sheet import GivenGround, MapSide, SheetMap, Window
from gridmgmt.geometry.coverage.changes import LevelChanges, joined, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas, union
from gridmgmt.geometry.coverage.lineage import DUST_M2
from gridmgmt.geometry.editing.rings import linked
from gridmgmt.geometry.measure import area_m2, metres_per_degree
from gridmgmt.services.workbench.impact_sides import stated
from gridmgmt.store.areas.near_areas import areas_near

# Borders that come from two files may be slightly apart; 1e-5 degrees are about a metre.
_REACH_DEG = 1e-5
# Around the areas of a group, as a part of its longer side.
_MARGIN = 0.12
# Ground of an upper level that the maps of the lower ones leave out: hairs along borders.
_SHOWN = 0.99
# Less ground than this comes from borders that were drawn apart by hairs: no map shows it.
SEEN_M2 = 1.0
# More numbers than this would cover the map.
_MOST_NUMBERS = 60
# The height of a map for its width.
_LOWEST, _HIGHEST = 0.7, 1.0


@dataclass(frozen=True, eq=False)
class ChangedGround:
    """The areas of a level whose ground or parent changes, before and after.

    ``pieces`` are the ground that another area has afterwards, with their outlines.
    """

    before: LevelAreas
    after: LevelAreas
    given: tuple[GivenGround, ...]
    pieces: tuple[BaseGeometry, ...]

    @classmethod
    def between(cls, before: LevelAreas, after: LevelAreas, first: int) -> "ChangedGround":
        """Return what areas give each other; outlines are valid.

        Ground under `DUST_M2` comes from the rounding of borders and is left out.

        Parameters
        ----------
        first : number of the first piece
        """
        old, new = shapely.STRtree(after.geoms).query(before.geoms, predicate="intersects")
        other = before.codes[old] != after.codes[new]
        old, new = old[other], new[other]
        pieces = [
            *zip(
                before.codes[old],
                after.codes[new],
                shapely.intersection(before.geoms[old], after.geoms[new]),
                strict=True,
            ),
            *((code, None, rest) for code, rest in _alone(before, after)),
            *((None, code, rest) for code, rest in _alone(after, before)),
        ]
        sizes = area_m2(objects(geom for _from, _to, geom in pieces))
        found = [
            (str(a) if a is not None else None, str(b) if b is not None else None, m2, geom)
            for (a, b, geom), m2 in zip(pieces, sizes, strict=True)
            if m2 >= DUST_M2
        ]
        found.sort(key=lambda one: (one[0] or "", one[1] or ""))
        return cls(
            before,
            after,
            tuple(
                GivenGround(first + n, before.level, a, b, float(m2))
                for n, (a, b, m2, _geom) in enumerate(found)
            ),
            tuple(geom for *_facts, geom in found),
        )

    @property
    def grounds(self) -> GeometryArray:
        """Return the outlines before and after."""
        return np.concatenate([self.before.geoms, self.after.geoms])

    @property
    def given_codes(self) -> frozenset[str]:
        """Return the codes of areas that give or get ground."""
        ends = (code for one in self.given for code in (one.from_code, one.to_code))
        return frozenset(code for code in ends if code is not None)

    def groups(self) -> list[frozenset[str]]:
        """Return the codes of areas that touch, those that give the most ground first."""
        codes = [*self.before.codes, *self.after.codes]
        if not codes:
            return []
        rows = {code: n for n, code in enumerate(dict.fromkeys(codes))}
        row_of = np.array([rows[code] for code in codes], dtype=np.int64)
        found = shapely.STRtree(self.grounds).query(
            self.grounds, predicate="dwithin", distance=_REACH_DEG
        )
        numbers = linked(len(rows), row_of[found].T)
        members: dict[int, set[str]] = defaultdict(set)
        for code, number in zip(rows, numbers.tolist(), strict=True):
            members[number].add(str(code))
        m2 = dict.fromkeys(members, 0.0)
        for one in self.given:
            m2[int(numbers[rows[one.from_code or one.to_code]])] += one.m2
        return [frozenset(members[n]) for n in sorted(members, key=lambda n: (-m2[n], n))]

    def of(self, codes: Set[str]) -> "ChangedGround":
        """Return the ground of one of its groups."""
        mine = [
            n
            for n, one in enumerate(self.given)
            if one.from_code in codes or one.to_code in codes
        ]
        return ChangedGround(
            pick(self.before, codes),
            pick(self.after, codes),
            tuple(self.given[n] for n in mine),
            tuple(self.pieces[n] for n in mine),
        )


def _alone(areas: LevelAreas, others: LevelAreas) -> Iterator[tuple[str, BaseGeometry]]:
    """Yield the ground of each area that none of the others has."""
    mine, theirs = shapely.STRtree(others.geoms).query(areas.geoms, predicate="intersects")
    meeting: dict[int, list[int]] = defaultdict(list)
    for row, nth in zip(mine.tolist(), theirs.tolist(), strict=True):
        meeting[row].append(nth)
    for row, code in enumerate(areas.codes):
        rest = shapely.difference(areas.geoms[row], union(others.geoms[meeting[row]]))
        if not shapely.is_empty(rest):
            yield code, rest


class DrawnGroups:
    """The groups of changed areas that need a map, and the maps of the first of them.

    What changes at a level only because areas in it do is on their map already.

    Parameters
    ----------
    grounds : of the levels at which ground or parents change, the deepest first
    levels : all levels, from the topmost down
    """

    def __init__(
        self,
        conn: Connection,
        edition: int | None,
        changes: Mapping[str, LevelChanges],
        grounds: Sequence[ChangedGround],
        levels: Sequence[str],
    ) -> None:
        self._conn, self._edition, self._levels = conn, edition or 0, levels
        self._changes = changes
        self._stated = {level: stated(changes.get(level), level) for level in levels}
        self.groups = list(_to_be_drawn(grounds))

    def maps(self, most: int) -> list[SheetMap]:
        """Return the maps of the first groups."""
        return [self._map(ground.of(codes)) for ground, codes in self.groups[:most]]

    def _map(self, group: ChangedGround) -> SheetMap:
        level = group.before.level
        window = _window(group.grounds)
        above = self._levels[: self._levels.index(level)]
        near = [self._near(name, window) for name in above]
        codes = {*group.before.codes, *group.after.codes}
        around, around_after = self._near(level, window)
        return SheetMap(
            level,
            MapSide(group.before, _without(around, codes), tuple(one[0] for one in near)),
            MapSide(group.after, _without(around_after, codes), tuple(one[1] for one in near)),
            _numbered(group),
            window,
        )

    def _near(self, level: str, window: Window) -> tuple[LevelAreas, LevelAreas]:
        """Return the areas of a level that meet a window, before and after."""
        box = shapely.box(*window)
        before = areas_near(self._conn, self._edition, level, objects([box]))
        changes, given = self._changes.get(level), self._stated[level]
        if changes is None:
            return before, before
        met = shapely.intersects(given.geoms, box)
        return before, joined(
            _without(before, set(changes.codes)), pick(given, given.codes[met])
        )


def _to_be_drawn(
    grounds: Sequence[ChangedGround],
) -> Iterator[tuple[ChangedGround, frozenset[str]]]:
    shown: list[BaseGeometry] = []
    for ground in grounds:
        drawn = union(shown)
        for codes in ground.groups():
            changed = _changed_ground(ground.of(codes))
            if area_m2([changed])[0] >= SEEN_M2 and not _is_in(drawn, changed):
                yield ground, codes
        shown += [one for one in ground.grounds if one is not None]


def _is_in(drawn: BaseGeometry, changed: BaseGeometry) -> bool:
    whole_m2, rest_m2 = area_m2([changed, shapely.difference(changed, drawn)])
    return bool(rest_m2 <= (1 - _SHOWN) * whole_m2)


def _changed_ground(group: ChangedGround) -> BaseGeometry:
    """Return the ground that is of other areas, or under other ones, before and after."""
    if not group.given:
        # Only their parents change.
        return union(group.grounds)
    return union(group.pieces)


def _numbered(group: ChangedGround) -> tuple[tuple[int, BaseGeometry], ...]:
    """Return the pieces that have a number on the map: none if they would cover it."""
    seen = tuple(
        (one.number, geom)
        for one, geom in zip(group.given, group.pieces, strict=True)
        if one.m2 >= SEEN_M2
    )
    return seen if len(seen) <= _MOST_NUMBERS else ()


def _without(areas: LevelAreas, codes: Set[str]) -> LevelAreas:
    return pick(areas, set(areas.codes) - codes)


def _window(grounds: GeometryArray) -> Window:
    """Return the box around some ground, neither too wide nor too high for a page."""
    west, south, east, north = shapely.total_bounds(grounds).tolist()
    m_lon, m_lat = map(float, metres_per_degree((south + north) / 2))
    width, height = (east - west) * m_lon, (north - south) * m_lat
    margin = _MARGIN * max(width, height)
    width, height = width + 2 * margin, height + 2 * margin
    width = max(width, height / _HIGHEST)
    height = max(height, width * _LOWEST)
    x, y = (west + east) / 2, (south + north) / 2
    dx, dy = width / 2 / m_lon, height / 2 / m_lat
    return x - dx, y - dy, x + dx, y + dy
