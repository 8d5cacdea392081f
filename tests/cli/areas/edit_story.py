"""Edits for stories about a city, found in its layers: each an operation that is possible."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import shapely

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.edits import Edited, apply
from gridmgmt.geometry.editing.outline import degrees, whole
from tests.geometry.editing.cities import RULES

# How far the border is moved, in degrees.
MOVED = 2e-5


class Story:
    """Operations one after the other, and the state that they lead to."""

    def __init__(self, levels: list[LevelAreas], *, new_code: str | None) -> None:
        self.state = EditState.of(levels)
        self.operations: list[ops.Operation] = []
        self._top, self._leaf = self.state.levels[0], self.state.levels[-1]
        self._new_code = () if new_code is None else (new_code,)
        self._touched: set[str] = set()
        self._do(self._moves(), self._changes_all_levels)
        self._do(self._splits(), lambda edited: any(one.before is None for one in edited.areas))
        self._do(self._merges(), lambda edited: any(one.after is None for one in edited.areas))
        self._do(self._reassignments(), self._changes_all_levels)

    def top_of(self, code: str) -> str:
        """Return the topmost area in which a leaf lies."""
        for level in reversed(self.state.levels[1:]):
            parent = self.state.area(level, code).parent_code
            assert parent is not None
            code = parent
        return code

    def _do(self, wanted: Iterator[ops.Operation], good: Callable[[Edited], bool]) -> None:
        for one in wanted:
            try:
                edited = apply(self.state, one, RULES)
            except EditError:
                continue
            if good(edited):
                self.operations.append(one)
                self.state = edited.state
                self._touched |= {area.code for area in edited.areas}
                return
        raise AssertionError(f"nothing of this kind is possible after {self.operations}")

    def _changes_all_levels(self, edited: Edited) -> bool:
        return {one.level for one in edited.areas} == set(self.state.levels)

    def _moves(self) -> Iterator[ops.Operation]:
        """Move a vertex of three leaves and more, near the border of two topmost areas."""
        leaves = self.state.level_areas(self._leaf).geoms
        tops = self.state.level_areas(self._top).geoms
        corners = whole(shapely.get_coordinates(leaves))
        places, times = np.unique(corners, axis=0, return_counts=True)
        points = shapely.points(degrees(places[times >= 3]))
        beside = shapely.STRtree(tops).query(points, predicate="dwithin", distance=1e-7)[0]
        for row in np.flatnonzero(np.bincount(beside, minlength=len(points)) >= 2):
            lon, lat = shapely.get_coordinates(points[row])[0].tolist()
            yield ops.MoveVertex(self._leaf, (lon, lat), (lon + MOVED, lat + MOVED))

    def _splits(self) -> Iterator[ops.Operation]:
        for area in self._leaves():
            west, south, east, north = area.shape.bounds
            y = (south + north) / 2
            line = ((west - 1e-4, y), (east + 1e-4, y))
            yield ops.Split(self._leaf, area.code, line, self._new_code)

    def _merges(self) -> Iterator[ops.Operation]:
        for area in self._leaves():
            for other in self._beside(area):
                if other.parent_code == area.parent_code:
                    yield ops.Merge(self._leaf, (area.code, other.code), area.code)

    def _reassignments(self) -> Iterator[ops.Operation]:
        for area in self._leaves():
            for other in self._beside(area):
                if other.parent_code and self.top_of(other.code) != self.top_of(area.code):
                    yield ops.Reassign(self._leaf, (area.code,), other.parent_code)

    def _leaves(self) -> Iterator[DraftArea]:
        """Yield leaves that no operation has touched."""
        for code in sorted(self.state.codes(self._leaf)):
            if code not in self._touched:
                yield self.state.area(self._leaf, code)

    def _beside(self, area: DraftArea) -> Iterable[DraftArea]:
        edge = area.shape.boundary
        return [
            one
            for one in self.state.near(self._leaf, area.box)
            if one.code not in {area.code, *self._touched}
            and shapely.length(shapely.intersection(one.shape.boundary, edge)) > 0
        ]


def places_in(levels: list[LevelAreas], story: Story, *, others: int) -> list[ops.LonLat]:
    """Return places in all leaves that a story changes, and in some others."""
    draw = np.random.default_rng(7)
    leaves = levels[-1]
    changed = {code for level, code in story.state.changed if level == leaves.level}
    rows = [n for n, code in enumerate(leaves.codes) if code in changed]
    rows += draw.permutation(len(leaves.codes))[:others].tolist()
    found = []
    for row in rows:
        shape = leaves.geoms[row]
        west, south, east, north = shape.bounds
        lon, lat = draw.uniform((west, south), (east, north), (12, 2)).T
        inside = shapely.contains_xy(shape, lon, lat)
        found += [(float(x), float(y)) for x, y in zip(lon[inside], lat[inside], strict=True)]
    return found
