"""Make the ground of areas from the areas in them, where two sides changed these.

An area is the sum of the areas in it and a rest: nothing where both have one border, hairs
where they were drawn apart, ground that is in none of them. An edit along a hair takes it out
of the rest, since the area has the vertices of those in it from then on. So what either side
did to the rest is put together like borders, and added to the areas in it as they are together.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.chain import NOTHING, Chain, outline_from, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState, ground_of
from gridmgmt.geometry.editing.edits import changed_codes
from gridmgmt.geometry.editing.outline import Outline, shape_of
from gridmgmt.geometry.editing.rings import is_in, together
from gridmgmt.geometry.merging.upper_rests import (
    Edge,
    EdgeChange,
    UpperGround,
    apart_m,
    connected_changes,
    edges_of_chains,
    part_of,
    runs_along,
    same_way,
    vertices_of,
    without,
)

# What lies farther apart than this was redrawn, in metres: hairs are much thinner.
_HAIR_M = 1.0
# Distances are compared with those of the same places that were measured another way, metres.
_SAME_M = 1e-6


class UpperGrounds:
    """The areas of a level that follow those in them.

    ``outlines`` has the ground of each. An area follows unless a side redrew it without those
    in it, at a border where the other side changed these or redrew it otherwise. What a side
    did to a rest goes with what it did to the areas below there: where that is not taken, the
    rest is as the other side has it. What it redrew of a border without any area below stays,
    whichever side is taken, since the other side did not change that.

    Parameters
    ----------
    base, mine, theirs : the state that both sides had, and what either made of it
    state : has the levels below put together
    """

    def __init__(
        self, level: str, base: EditState, mine: EditState, theirs: EditState, state: EditState
    ) -> None:
        self._level, self._base, self._state = level, base, state
        self._sides = base, mine, theirs
        self._below = state.level_below(level)
        self._grounds = self._changed_grounds()
        self._drop_what_is_not_taken()
        self._part_what_meets()
        self._may_follow = [code for code, one in self._grounds.items() if self._follows(one)]
        made = {code: self._outline(code) for code in self._may_follow}
        self.outlines = {code: one for code, one in made.items() if one is not None}

    def _outline(self, code: str) -> Outline | None:
        """Return the ground of an area, to the byte as one has it that has just this.

        None if the borders of both sides do not enclose a ground.
        """
        known = [
            area for side in reversed(self._sides) if (area := side.get(self._level, code))
        ]
        for beside in self._besides(self._grounds[code], code):
            try:
                outline = as_known(beside + self._grounds[code].inside, known)
            except EditError:
                continue
            is_known = any(outline is area.outline for area in known)
            return outline if is_known or _is_ground(outline) else None
        return None

    def _besides(self, one: UpperGround, code: str) -> Iterator[Chain]:
        """Yield an area with its rest as both sides made it, the likelier first."""
        if one.base is None:
            if not one.meets:
                yield one.with_rests
            return
        beside = one.with_rests
        if one.meets:
            beside += self._along_met.area(self._level, code).chain - one.base.chain
        yield beside
        # Both together may give up a border that neither let the area run along.
        if self._is_aligned(one.base, (one.mine, one.theirs)):
            yield self._along_every.area(self._level, code).chain

    def _changed_grounds(self) -> dict[str, UpperGround]:
        """Return the areas that a side changed, or areas in them, by code."""
        if self._below is None:
            return {}
        base, *sides = self._sides
        inside = [self._changes_inside(self._below, one) for one in (*sides, self._state)]
        codes = {code for one in sides for code in changed_codes(base, one, self._level)}
        found = {}
        for code in codes.union(*inside):
            was, mine, theirs = (one.get(self._level, code) for one in self._sides)
            if was or mine or theirs:
                changes = [one.get(code, NOTHING) for one in inside]
                rests = [
                    NOTHING if area is None else area.chain - ground_of(was) - changed
                    for area, changed in zip((mine, theirs), changes[:2], strict=True)
                ]
                found[code] = UpperGround(was, *rests, *changes)
        return found

    def _changes_inside(self, below: str, state: EditState) -> dict[str, Chain]:
        """Return by how much the ground of all areas in one changes, by its code."""
        found: dict[str, list[Chain]] = defaultdict(list)
        for code in changed_codes(self._base, state, below):
            then, now = self._base.get(below, code), state.get(below, code)
            if then is not None and then.parent_code is not None:
                found[then.parent_code].append(-then.chain)
            if now is not None and now.parent_code is not None:
                found[now.parent_code].append(now.chain)
        return {code: total(chains) for code, chains in found.items()}

    def _drop_what_is_not_taken(self) -> None:
        """Leave hairs where they were along borders of which the other side's were taken."""
        every = list(self._grounds.values())
        mine, theirs, now = (
            self._changes_of(state) | {(edge, ()) for edge in edges_of_chains(inside)}
            for state, inside in (
                (self._sides[1], (one.in_mine for one in every)),
                (self._sides[2], (one.in_theirs for one in every)),
                (self._state, (one.inside for one in every)),
            )
        )
        kept = (
            without([one.mine for one in every], mine - now, now - theirs),
            without([one.theirs for one in every], theirs - now, now - mine),
        )
        for one, mine_kept, theirs_kept in zip(every, *kept, strict=True):
            one.mine, one.theirs = mine_kept, theirs_kept

    def _changes_of(self, state: EditState) -> set[EdgeChange]:
        """Return the edges of all levels below that change, with how they do.

        Ground that one area gives another of the same parent along its border leaves the sum of
        both as it was, but the borders above run along theirs then.
        """
        levels = state.levels
        found: set[EdgeChange] = set()
        for level in levels[levels.index(self._level) + 1 :]:
            drawn: dict[Edge, tuple[tuple[str, int], ...]] = defaultdict(tuple)
            for code in changed_codes(self._base, state, level):
                then, now = self._base.get(level, code), state.get(level, code)
                changed = ground_of(now) - ground_of(then)
                edges = map(tuple, changed.ends.tolist())
                for edge, times in zip(edges, changed.times.tolist(), strict=True):
                    drawn[edge] += ((code, times),)
            found.update(drawn.items())
        return found

    def _part_what_meets(self) -> None:
        """Part what both sides did to rests at one place from what either did elsewhere."""
        every = list(self._grounds.values())
        labels = connected_changes([chain for one in every for chain in (one.mine, one.theirs)])
        pairs = list(zip(every, labels[::2], labels[1::2], strict=True))
        meeting: set[int] = set()
        for one, *numbers in pairs:
            common = one.common_vertices
            for chain, label in zip((one.mine, one.theirs), numbers, strict=True):
                for edge, n in zip(chain.ends, label.tolist(), strict=True):
                    if common and vertices_of(edge) & common:
                        meeting.add(n)
        for one, mine, theirs in pairs:
            one.met = part_of(one.mine, mine, meeting), part_of(one.theirs, theirs, meeting)

    def _follows(self, one: UpperGround) -> bool:
        if same_way(one.mine, one.in_theirs) or same_way(one.theirs, one.in_mine):
            return False
        return not one.meets or (one.base is not None and self._is_aligned(one.base, one.met))

    def _is_aligned(self, area: DraftArea, changes: tuple[Chain, Chain]) -> bool:
        """Return whether all that both sides did was to let an area run along those in it."""
        assert self._below is not None
        edges = self._edges_inside(area)
        known = vertices_of(area.chain.ends)
        changed = together(each.ends for each in changes)
        if not len(changed):
            return False
        box = np.concatenate([changed[:, :2], changed[:, 2:]])
        for side in self._sides:
            for near in side.near(self._below, np.r_[box.min(axis=0), box.max(axis=0)]):
                known |= vertices_of(near.chain.ends)
        return (
            vertices_of(changed) <= known
            and all(runs_along(each, area, edges) for each in changes)
            and apart_m(area, changes) <= _HAIR_M
        )

    def _edges_inside(self, area: DraftArea) -> IntArray:
        """Return the edges around the ground of the areas in one, in the base."""
        children = self._base.children(self._level, area.code)
        return total(one.chain for one in children).ends

    @cached_property
    def _along_met(self) -> EditState:
        """Return the base with its areas along the borders that both redrew.

        Where both redrew parts of one run, the end of one part lies within the other.
        """
        return self._along({code: self._grounds[code].met for code in self._may_follow})

    @cached_property
    def _along_every(self) -> EditState:
        """Return the base with its areas along all that changes of those in them."""
        grounds = {code: self._grounds[code] for code in self._may_follow}
        return self._along({c: (one.mine, one.theirs) for c, one in grounds.items()}, True)

    def _along(
        self, changes: Mapping[str, tuple[Chain, Chain]], with_inside: bool = False
    ) -> EditState:
        """Return the base with its areas along those borders in it that changes of rests name.

        Also along those that the areas in them give up together, if these are wanted.
        """
        edges, within_m = [], 0.0
        for code, both in changes.items():
            one = self._grounds[code]
            also = [one.inside.ends] if with_inside else []
            ends = together([*also, *(each.ends for each in both)])
            if one.base is None or not len(ends):
                continue
            edges.append(ends[is_in(ends, self._edges_inside(one.base))])
            within_m = max(within_m, apart_m(one.base, both))
        every = np.unique(together(edges), axis=0)
        return aligned(self._base, self._level, every, within_m + _SAME_M)


def _is_ground(outline: Outline) -> bool:
    return not outline or bool(shapely.is_valid(shape_of(outline)))


def as_known(chain: Chain, known: list[DraftArea]) -> Outline:
    """Return the ground that edges enclose, to the byte as an area has it that has just this.

    Raises
    ------
    EditError
        as `outline_from`
    """
    for one in known:
        if not len(one.chain - chain):
            return one.outline
    return outline_from(chain)
