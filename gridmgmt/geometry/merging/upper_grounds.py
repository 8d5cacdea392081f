"""Make the ground of areas from the areas in them, where two sides changed these.

An area is the sum of the areas in it and a rest: nothing where both have one border, hairs
where they were drawn apart, ground that is in none of them. An edit along a hair takes it out
of the rest, since the area has the vertices of those in it from then on. So what either side
did to the rest is put together like borders, and added to the areas in it as they are together.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.chain import NOTHING, Chain, outline_from, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState, ground_of
from gridmgmt.geometry.editing.edits import changed_codes
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import Outline, shape_of
from gridmgmt.geometry.editing.rings import connected, is_in, together

# What lies farther apart than this was redrawn, in metres: hairs are much thinner.
_HAIR_M = 1.0
# Distances are compared with those of the same places that were measured another way, metres.
_SAME_M = 1e-6

Edge = tuple[int, ...]
# An edge with the areas of a level that have it more or less often, and how much; with none
# where it changes for all areas of one parent together.
_Change = tuple[Edge, tuple[tuple[str, int], ...]]


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
        one = self._grounds[code]
        known = [
            area for side in reversed(self._sides) if (area := side.get(self._level, code))
        ]
        beside = one.with_rests
        if one.meets:
            if one.base is None:
                return None
            beside += self._along_all.area(self._level, code).chain - one.base.chain
        try:
            outline = as_known(beside + one.inside, known)
        except EditError:
            return None
        is_known = any(outline is area.outline for area in known)
        return outline if is_known or _is_ground(outline) else None

    def _changed_grounds(self) -> dict[str, "_Ground"]:
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
                found[code] = _Ground(was, *rests, *changes)
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
            self._changes_of(state) | {(edge, ()) for edge in _edges(inside)}
            for state, inside in (
                (self._sides[1], (one.in_mine for one in every)),
                (self._sides[2], (one.in_theirs for one in every)),
                (self._state, (one.inside for one in every)),
            )
        )
        kept = (
            _without([one.mine for one in every], mine - now, now - theirs),
            _without([one.theirs for one in every], theirs - now, now - mine),
        )
        for one, mine_kept, theirs_kept in zip(every, *kept, strict=True):
            one.mine, one.theirs = mine_kept, theirs_kept

    def _changes_of(self, state: EditState) -> set[_Change]:
        """Return the edges of all levels below that change, with how they do.

        Ground that one area gives another of the same parent along its border leaves the sum of
        both as it was, but the borders above run along theirs then.
        """
        levels = state.levels
        found: set[_Change] = set()
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
        labels = _connected([chain for one in every for chain in (one.mine, one.theirs)])
        pairs = list(zip(every, labels[::2], labels[1::2], strict=True))
        meeting: set[int] = set()
        for one, *numbers in pairs:
            common = one.common_vertices
            for chain, label in zip((one.mine, one.theirs), numbers, strict=True):
                for edge, n in zip(chain.ends, label.tolist(), strict=True):
                    if common and _vertices(edge) & common:
                        meeting.add(n)
        for one, mine, theirs in pairs:
            one.met = _part(one.mine, mine, meeting), _part(one.theirs, theirs, meeting)

    def _follows(self, one: "_Ground") -> bool:
        if _same_way(one.mine, one.in_theirs) or _same_way(one.theirs, one.in_mine):
            return False
        return not one.meets or (one.base is not None and self._is_aligned(one.base, one))

    def _is_aligned(self, area: DraftArea, one: "_Ground") -> bool:
        """Return whether both sides only let an area run along those in it where they meet."""
        assert self._below is not None
        edges = self._edges_inside(area)
        known = _vertices(area.chain.ends)
        changed = together(each.ends for each in one.met)
        box = np.concatenate([changed[:, :2], changed[:, 2:]])
        for side in self._sides:
            for near in side.near(self._below, np.r_[box.min(axis=0), box.max(axis=0)]):
                known |= _vertices(near.chain.ends)
        return (
            _vertices(changed) <= known
            and all(_runs_along(each, area, edges) for each in one.met)
            and _apart_m(area, one) <= _HAIR_M
        )

    def _edges_inside(self, area: DraftArea) -> IntArray:
        """Return the edges around the ground of the areas in one, in the base."""
        children = self._base.children(self._level, area.code)
        return total(one.chain for one in children).ends

    @cached_property
    def _along_all(self) -> EditState:
        """Return the base with its areas along the borders that both redrew.

        Where both redrew parts of one run, the end of one part lies within the other.
        """
        found = [(self._grounds[code], self._grounds[code].base) for code in self._may_follow]
        grounds = [(one, area) for one, area in found if area is not None]
        edges = []
        for one, area in grounds:
            changed = together(each.ends for each in one.met)
            if len(changed):
                edges.append(changed[is_in(changed, self._edges_inside(area))])
        within_m = max(_apart_m(area, one) for one, area in grounds if one.meets)
        every = np.unique(together(edges), axis=0)
        return aligned(self._base, self._level, every, within_m + _SAME_M)


@dataclass
class _Ground:
    """An area in the base, and by how much either side changes its rest.

    ``in_mine``, ``in_theirs`` and ``inside`` say how the ground of the areas in it changes: on
    either side and together. ``met`` is what of ``mine`` and ``theirs`` is at one place.
    """

    base: DraftArea | None
    mine: Chain
    theirs: Chain
    in_mine: Chain
    in_theirs: Chain
    inside: Chain
    met: tuple[Chain, Chain] = field(init=False, default=(NOTHING, NOTHING))

    @property
    def with_rests(self) -> Chain:
        """Return the area with what either side did to its rest where they do not meet."""
        mine, theirs = self.mine - self.met[0], self.theirs - self.met[1]
        return total([ground_of(self.base), mine, theirs, -_same(mine, theirs)])

    @property
    def meets(self) -> bool:
        """Return whether both sides changed the rest, or one beside it, at one place."""
        return any(len(one) for one in self.met)

    @property
    def common_vertices(self) -> set[Edge]:
        """Return the vertices where the sides changed the rest differently."""
        same = _same(self.mine, self.theirs)
        return _vertices((self.mine - same).ends) & _vertices((self.theirs - same).ends)


def _same(one: Chain, other: Chain) -> Chain:
    """Return what two changes have in common."""
    rows, others = (np.column_stack([each.ends, each.times]) for each in (one, other))
    same = is_in(rows, others)
    return Chain(one.ends[same], one.times[same])


def _connected(changes: list[Chain]) -> list[IntArray]:
    """Return the number of the connected change of each edge, whichever areas it is of."""
    label = connected(together(one.ends for one in changes))
    return [
        label[end - len(one) : end]
        for one, end in zip(changes, np.cumsum([len(one) for one in changes]), strict=True)
    ]


def _part(change: Chain, label: IntArray, numbers: Iterable[int]) -> Chain:
    rows = np.isin(label, [*numbers])
    return Chain(change.ends[rows], change.times[rows])


def _runs_along(changed: Chain, area: DraftArea, edges: IntArray) -> bool:
    """Return whether all that changes of a rest comes with edges of the areas in it."""
    if not len(changed):
        return True
    label = connected(changed.ends)
    is_new = ~is_in(changed.ends, area.chain.ends) & is_in(changed.ends, edges)
    return bool(np.isin(label, label[is_new]).all())


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


def _edges(chains: Iterable[Chain]) -> set[Edge]:
    return {tuple(edge) for one in chains for edge in one.ends.tolist()}


def _vertices(ends: IntArray) -> set[Edge]:
    return {tuple(one) for one in ends.reshape(-1, 2).tolist()}


def _without(changes: list[Chain], gone: set[_Change], stays: set[_Change]) -> list[Chain]:
    """Return changes of rests but those along edges that stay as they were.

    What is connected stays together, whichever areas it is of: it is left out if a change along
    it is gone, unless another stays that this side alone made.
    """
    if not gone:
        return changes
    gone_edges, staying_edges = ({edge for edge, _ in some} for some in (gone, stays))
    labels = _connected(changes)
    along: dict[int, set[Edge]] = defaultdict(set)
    for one, numbers in zip(changes, labels, strict=True):
        for n, edge in zip(numbers.tolist(), one.ends.tolist(), strict=True):
            along[n].add(tuple(edge))
    left = [n for n, edges in along.items() if not edges & gone_edges or edges & staying_edges]
    return [_part(one, numbers, left) for one, numbers in zip(changes, labels, strict=True)]


def _same_way(one: Chain, other: Chain) -> bool:
    """Return whether two changes add an edge both, or take it away both."""
    signed = (np.column_stack([each.ends, np.sign(each.times)]) for each in (one, other))
    return bool(is_in(*signed).any())


def _apart_m(area: DraftArea, one: _Ground) -> float:
    """Return how far the border of an area lies from where either has it where both meet."""
    plane = LocalMetres(area.chain.ends[0, :2])
    was = _line(plane, area.chain.ends)
    far = 0.0
    for changed in one.met:
        now = _line(plane, (area.chain + changed).ends)
        places = shapely.points(plane.of(changed.ends.reshape(-1, 2)))
        for line in (was, now):
            far = max(far, float(shapely.distance(places, line).max(initial=0.0)))
    return far


def _line(plane: LocalMetres, ends: IntArray) -> shapely.Geometry:
    metres = plane.of(ends.reshape(-1, 2)).reshape(-1, 2, 2)
    line = shapely.MultiLineString(list(metres))
    shapely.prepare(line)
    return line
