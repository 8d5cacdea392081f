"""Let the levels above follow areas that were redrawn elsewhere, without them.

An editor that knows one layer at a time moves the border of a cell and leaves those of its
community and street. They follow where they ran along the border that was redrawn; ground that
was given up or newly drawn changes no area above.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.chain import Chain, outline_from, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import changed_codes
from gridmgmt.geometry.editing.outline import Outline
from gridmgmt.geometry.editing.rings import connected, is_in, together


def followed(before: EditState, after: EditState, border_m: float) -> EditState:
    """Return a state in which the areas above follow those that differ.

    Areas whose own outline differs stay as they were drawn.

    Parameters
    ----------
    before, after : states of one base
    border_m : the largest distance between lines that are one border, metres
    """
    for level in reversed(after.levels):
        above = after.level_above(level)
        if above is None:
            continue
        redrawn = {
            code
            for code in changed_codes(before, after, above)
            if _outline(before, above, code) is not _outline(after, above, code)
        }
        moves = _Moves(before, after, level)
        parents = [one for one in moves.by_parent if after.get(above, one) is not None]
        found = [
            (parent, stretch)
            for parent in sorted({*parents} - redrawn)
            for stretch in moves.stretches(parent)
            if _along(
                _close(after, above, moves, [stretch], border_m), above, parent, moves, stretch
            )
        ]
        if not found:
            continue
        # Once for all: the border that one area has left is that of its neighbour until then.
        close = _close(after, above, moves, [stretch for _, stretch in found], border_m)
        after = close.having(one for code in redrawn if (one := after.get(above, code)))
        for parent, stretch in found:
            after = _along(after, above, parent, moves, stretch) or after
    return after


class _Moves:
    """What a level's areas gained and lost: by parent, and ground nobody gained or lost."""

    def __init__(self, before: EditState, after: EditState, level: str) -> None:
        # By parent, and whether as they were (-1) or as they are (1).
        self._sides: dict[tuple[str, int], list[Chain]] = defaultdict(list)
        every: list[Chain] = []
        old: list[IntArray] = []
        self.alone: list[Chain] = []
        for code in changed_codes(before, after, level):
            then, now = before.get(level, code), after.get(level, code)
            for area, sign in ((then, -1), (now, 1)):
                if area is None:
                    continue
                chain = area.chain if sign > 0 else -area.chain
                every.append(chain)
                if area.parent_code is not None:
                    self._sides[area.parent_code, sign].append(chain)
                if sign < 0:
                    old.append(area.chain.ends)
                if then is None or now is None:
                    self.alone.append(chain)
        self.by_parent = {
            parent: total([*self._sides[parent, -1], *self._sides[parent, 1]])
            for parent in {parent for parent, _ in self._sides}
        }
        self._all = total(every)
        self._old = together(old)

    def old_edges(self, stretch: Chain) -> IntArray:
        """Return the edges of a stretch that areas had before."""
        return stretch.ends[is_in(stretch.ends, self._old)]

    def is_ground(self, parent: str, stretch: Chain) -> bool:
        """Return whether a stretch is around ground that came or went, not a border redrawn."""
        sides = (self._sides[parent, sign] for sign in (-1, 1))
        return any(not is_in(stretch.ends, total(side).ends).any() for side in sides)

    def stretches(self, parent: str) -> Iterator[Chain]:
        """Yield the connected changes of a parent's areas that it has to follow."""
        moved = self.by_parent[parent]
        label = connected(moved.ends)
        for n in np.unique(label):
            stretch = Chain(moved.ends[label == n], moved.times[label == n])
            if not self._is_alone(stretch):
                yield stretch

    def _is_alone(self, stretch: Chain) -> bool:
        """Return whether a stretch is around a new or retired area that nobody gave or got."""
        return bool(is_in(stretch.ends, self._all.ends).all()) and any(
            is_in(stretch.ends, one.ends).all() for one in self.alone
        )


def _outline(state: EditState, level: str, code: str) -> Outline | None:
    area = state.get(level, code)
    return None if area is None else area.outline


def _close(
    state: EditState, level: str, moves: _Moves, stretches: Sequence[Chain], border_m: float
) -> EditState:
    """Give areas the vertices of the old border: then they have just the edges to give up."""
    edges = np.concatenate([moves.old_edges(one) for one in stretches])
    return aligned(state, level, edges, border_m)


def _along(
    close: EditState, level: str, code: str, moves: _Moves, stretch: Chain
) -> EditState | None:
    """Redraw an area along a stretch that it has; None where it has not got it.

    Ground of whole areas that came or went may lie apart from its border.
    """
    area = close.area(level, code)
    both = area.chain + stretch
    is_apart = len(both) == len(area.chain) + len(stretch)
    if is_apart and not moves.is_ground(code, stretch):
        return None
    try:
        made = area.with_outline(outline_from(both))
    except EditError:
        return None
    # It may have had the ground before those who lie there were put into it.
    return close.having([made]) if not is_apart or shapely.is_valid(made.shape) else None
