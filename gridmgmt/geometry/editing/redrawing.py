"""Redraw borders for every area and every level that has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.outline import Path, rings_of
from gridmgmt.geometry.editing.rings import (
    Vertex,
    edges_of,
    has_stretch,
    rows_of,
    together,
    turned_upwards,
    with_moved,
    with_stretch,
)


@dataclass(frozen=True)
class Redrawing:
    """Vertices that go elsewhere, and stretches of border with other vertices between."""

    moves: Mapping[Vertex, Vertex] = field(default_factory=dict)
    stretches: Sequence[tuple[Path, Path]] = ()

    def box(self) -> IntArray:
        """Return the box around what is redrawn, (4,) whole steps."""
        places = np.concatenate(
            [np.array(list(self.moves), dtype=np.int64).reshape(-1, 2)]
            + [old for old, _ in self.stretches]
        )
        return np.concatenate([places.min(axis=0), places.max(axis=0)])

    def touches(self, area: DraftArea) -> bool:
        """Return whether an area has all that is redrawn of one vertex or stretch."""
        rings = rings_of(area.outline)
        return any(
            len(rows_of(ring, np.array(one, dtype=np.int64)))
            for ring in rings
            for one in self.moves
        ) or any(has_stretch(ring, old) for ring in rings for old, _ in self.stretches)


def redrawn(state: EditState, level: str, wanted: Redrawing, border_m: float) -> EditState:
    """Redraw borders of a level, of the levels above that run along, and of those below.

    Every area that has a vertex or a stretch gets it redrawn, so neighbours stay neighbours.
    """
    at = deepest_level(state, level, wanted)
    edges = _touched(state, at, wanted)
    for above in state.levels[: state.levels.index(at)]:
        state = aligned(state, above, edges, border_m)
    for each in state.levels:
        near = state.near(each, wanted.box())
        made = [_redrawn(one, wanted) for one in near]
        state = state.having(
            now for one, now in zip(near, made, strict=True) if now.outline is not one.outline
        )
    return state


def deepest_level(state: EditState, level: str, wanted: Redrawing) -> str:
    """Return the deepest level, from the given one down, that has what is redrawn.

    What a border of cells is, the border of their street follows, whichever was pointed at.
    """
    below = state.levels[state.levels.index(level) :]
    box = wanted.box()
    for each in reversed(below):
        if any(wanted.touches(area) for area in state.near(each, box)):
            return each
    return level


def _redrawn(area: DraftArea, wanted: Redrawing) -> DraftArea:
    outline = with_moved(area.outline, wanted.moves)
    for old, new in wanted.stretches:
        outline = with_stretch(outline, old, new)
    return area.with_outline(outline)


def _touched(state: EditState, level: str, wanted: Redrawing) -> IntArray:
    """Return the edges that are redrawn, (e, 4): those of stretches, those beside vertices."""
    found: list[IntArray] = [_edges(old) for old, _ in wanted.stretches]
    for area in state.near(level, wanted.box()):
        for ring in rings_of(area.outline):
            around = edges_of(ring)
            found += [_beside(around, np.array(one, dtype=np.int64)) for one in wanted.moves]
    return np.unique(turned_upwards(together(found)), axis=0)


def _edges(path: Path) -> IntArray:
    return np.hstack([path[:-1], path[1:]])


def _beside(around: IntArray, place: IntArray) -> IntArray:
    rows = rows_of(around[:, :2], place)
    return around[np.unique(np.concatenate([rows, rows - 1]))] if len(rows) else around[:0]
