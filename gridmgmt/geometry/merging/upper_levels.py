"""Let the levels above follow areas that were redrawn elsewhere, without them.

An editor that knows one layer at a time moves the border of a cell and leaves those of its
community and street. They follow where they ran along the border that was redrawn; ground that
was given up or newly drawn changes no area above.
"""

from collections import defaultdict

import numpy as np

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.chain import Chain, outline_from, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.rings import is_in
from gridmgmt.geometry.merging.edge_changes import connected
from gridmgmt.geometry.merging.merging import changed_codes


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
            if _chain(before, above, code) is not _chain(after, above, code)
        }
        moves = _Moves(before, after, level)
        for parent in sorted(set(moves.by_parent) - redrawn):
            if after.get(above, parent) is not None:
                after = _following(after, above, parent, moves, border_m)
    return after


class _Moves:
    """What a level's areas gained and lost: by parent, and ground nobody gained or lost."""

    def __init__(self, before: EditState, after: EditState, level: str) -> None:
        found: dict[str, list[Chain]] = defaultdict(list)
        every: list[Chain] = []
        old = [np.empty((0, 4), dtype=np.int64)]
        self.alone: list[Chain] = []
        for code in changed_codes(before, after, level):
            then, now = before.get(level, code), after.get(level, code)
            for area, sign in ((then, -1), (now, 1)):
                if area is None:
                    continue
                chain = area.chain if sign > 0 else -area.chain
                every.append(chain)
                if area.parent_code is not None:
                    found[area.parent_code].append(chain)
                if sign < 0:
                    old.append(area.chain.ends)
                if then is None or now is None:
                    self.alone.append(chain)
        self.by_parent = {parent: total(chains) for parent, chains in found.items()}
        self._all = total(every)
        self._old = np.concatenate(old)

    def old_edges(self, stretch: Chain) -> IntArray:
        """Return the edges of a stretch that areas had before."""
        return stretch.ends[is_in(stretch.ends, self._old)]

    def is_alone(self, stretch: Chain) -> bool:
        """Return whether a stretch is around a new or retired area that nobody gave or got."""
        return bool(is_in(stretch.ends, self._all.ends).all()) and any(
            is_in(stretch.ends, one.ends).all() for one in self.alone
        )


def _chain(state: EditState, level: str, code: str) -> object:
    area = state.get(level, code)
    return None if area is None else area.outline


def _following(
    state: EditState, level: str, code: str, moves: _Moves, border_m: float
) -> EditState:
    moved = moves.by_parent[code]
    label = connected(moved.ends)
    for n in np.unique(label):
        stretch = Chain(moved.ends[label == n], moved.times[label == n])
        if moves.is_alone(stretch):
            continue
        # With the vertices of the old border first, the area has just the edges to give up.
        close = aligned(state, level, moves.old_edges(stretch), border_m)
        state = _along(close, level, code, stretch) or state
    return state


def _along(close: EditState, level: str, code: str, stretch: Chain) -> EditState | None:
    """Redraw an area along a stretch that it has; None where it has not got it."""
    area = close.area(level, code)
    both = area.chain + stretch
    if len(both) == len(area.chain) + len(stretch):
        return None
    try:
        return close.having([area.with_outline(outline_from(both))])
    except EditError:
        return None
