"""Make the ground of areas from the areas in them, where two sides changed these.

An area is the sum of the areas in it and a rest: nothing where both have one border, hairs
where they were drawn apart, ground that is in none of them. An edit along a hair takes it out
of the rest, since the area has the vertices of those in it from then on. So what either side
did to the rest is put together like borders, and added to the areas in it as they are together.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.chain import Chain, outline_from, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.edits import changed_codes
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import Outline, shape_of
from gridmgmt.geometry.editing.rings import is_in
from gridmgmt.geometry.merging.edge_changes import connected

# Distances are compared with those of the same places that were measured another way, metres.
_SAME_M = 1e-6

Edge = tuple[int, ...]


class UpperGrounds:
    """The areas of a level that follow those in them.

    ``outlines`` has the ground of each. An area follows unless a side redrew it without those
    in it, at a border where the other side changed these or redrew it otherwise.

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
        self._grounds = {code: self._ground(code) for code in self._touched()}
        self._drop_what_is_not_taken()
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
        rests = [] if one.meets else [one.rest]
        if one.base is not None:
            rests.append(self._along_all.area(self._level, code).chain - one.before)
        for rest in rests:
            try:
                outline = as_known(rest + one.after, known)
            except EditError:
                continue
            if any(outline is area.outline for area in known) or _is_ground(outline):
                return outline
        return None

    def _touched(self) -> set[str]:
        """Return the codes of areas that a side changed, or areas in them."""
        below, (base, *sides) = self._below, self._sides
        if below is None:
            return set()
        touched = [
            self._parents(below, base, side) | {*changed_codes(base, side, self._level)}
            for side in sides
        ]
        together = self._parents(below, base, self._state)
        return {
            code
            for code in together.union(*touched)
            if any(one.children(self._level, code) for one in self._sides)
        }

    def _parents(self, below: str, one: EditState, other: EditState) -> set[str]:
        areas = (
            side.get(below, code)
            for code in changed_codes(one, other, below)
            for side in (one, other)
        )
        return {area.parent_code for area in areas if area and area.parent_code is not None}

    def _ground(self, code: str) -> "_Ground":
        areas = [one.get(self._level, code) for one in self._sides]
        before, in_mine, in_theirs = inside = [
            total(child.chain for child in one.children(self._level, code))
            for one in self._sides
        ]
        rests = [
            None if area is None else area.chain - chain
            for area, chain in zip(areas, inside, strict=True)
        ]
        rest = rests[0] or _NONE
        mine, theirs = (_NONE if one is None else one - rest for one in rests[1:])
        after = total(child.chain for child in self._children_together(code))
        return _Ground(areas[0], rest, mine, theirs, before, in_mine, in_theirs, after)

    def _children_together(self, code: str) -> list[DraftArea]:
        # By code: what one side put into an area may lie outside the box that the other knows.
        below = self._below
        assert below is not None
        codes = {c.code for one in self._sides for c in one.children(self._level, code)}
        codes |= {one for level, one in self._state.changed if level == below}
        found = (self._state.get(below, one) for one in sorted(codes))
        return [one for one in found if one is not None and one.parent_code == code]

    def _drop_what_is_not_taken(self) -> None:
        """Leave hairs where they were along borders of which the other side's were taken."""
        every = list(self._grounds.values())
        stays = _edges(one.after - one.before for one in every)
        mine = _edges(one.in_mine - one.before for one in every) - stays
        theirs = _edges(one.in_theirs - one.before for one in every) - stays
        kept = (
            _without([one.mine for one in every], mine, stays),
            _without([one.theirs for one in every], theirs, stays),
        )
        for one, mine_kept, theirs_kept in zip(every, *kept, strict=True):
            one.mine, one.theirs = mine_kept, theirs_kept

    def _follows(self, one: "_Ground") -> bool:
        if _same_way(one.mine, one.in_theirs - one.before) or _same_way(
            one.theirs, one.in_mine - one.before
        ):
            return False
        return not one.meets or (one.base is not None and self._is_aligned(one))

    def _is_aligned(self, one: "_Ground") -> bool:
        """Return whether both sides only gave an area vertices of the areas in it."""
        assert self._below is not None
        assert one.base is not None
        known = _vertices(one.base.chain.ends)
        changed = np.concatenate([one.mine.ends, one.theirs.ends]).reshape(-1, 2)
        box = np.concatenate([changed.min(axis=0), changed.max(axis=0)])
        for side in self._sides:
            for near in side.near(self._below, box):
                known |= _vertices(near.chain.ends)
        return _vertices(changed) <= known

    @cached_property
    def _along_all(self) -> EditState:
        """Return the base with its areas along the borders that any side redrew.

        Where both redrew parts of one run, the end of one part lies within the other.
        """
        grounds = [one for code in self._may_follow if (one := self._grounds[code]).base]
        edges = [_NONE.ends]
        for one in grounds:
            changed = np.concatenate([one.mine.ends, one.theirs.ends])
            edges.append(changed[is_in(changed, one.before.ends)])
        within_m = max((_apart_m(one) for one in grounds if one.meets), default=0.0)
        every = np.unique(np.concatenate(edges), axis=0)
        return aligned(self._base, self._level, every, within_m + _SAME_M)


@dataclass
class _Ground:
    """An area in the base, its rest there, and by how much either side changes the rest.

    ``before``, ``in_mine``, ``in_theirs`` and ``after`` are the areas in it: in the base, on
    either side and together.
    """

    base: DraftArea | None
    _rest: Chain
    mine: Chain
    theirs: Chain
    before: Chain
    in_mine: Chain
    in_theirs: Chain
    after: Chain

    @property
    def rest(self) -> Chain:
        """Return the rest with what both sides did to it."""
        return total([self._rest, self.mine, self.theirs, -self._same])

    @property
    def meets(self) -> bool:
        """Return whether the sides changed the rest differently at one place."""
        one, other = self.mine - self._same, self.theirs - self._same
        return bool(_vertices(one.ends) & _vertices(other.ends))

    @property
    def _same(self) -> Chain:
        mine, theirs = (np.column_stack([c.ends, c.times]) for c in (self.mine, self.theirs))
        same = is_in(mine, theirs)
        return Chain(self.mine.ends[same], self.mine.times[same])


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


_NONE = total([])


def _edges(chains: Iterable[Chain]) -> set[Edge]:
    return {tuple(edge) for one in chains for edge in one.ends.tolist()}


def _vertices(ends: IntArray) -> set[Edge]:
    return {tuple(one) for one in ends.reshape(-1, 2).tolist()}


def _without(changes: list[Chain], gone: set[Edge], stays: set[Edge]) -> list[Chain]:
    """Return changes of rests but those along edges that stay as they were.

    What is connected stays together, whichever areas it is of.
    """
    if not gone:
        return changes
    label = connected(np.concatenate([_NONE.ends, *(one.ends for one in changes)]))
    labels = np.split(label, np.cumsum([len(one) for one in changes])[:-1])
    along: dict[int, set[Edge]] = defaultdict(set)
    for one, numbers in zip(changes, labels, strict=True):
        for n, edge in zip(numbers.tolist(), one.ends.tolist(), strict=True):
            along[n].add(tuple(edge))
    left = [n for n, edges in along.items() if not edges & gone or edges & stays]
    kept = [np.isin(numbers, left) for numbers in labels]
    return [
        Chain(one.ends[rows], one.times[rows]) for one, rows in zip(changes, kept, strict=True)
    ]


def _same_way(one: Chain, other: Chain) -> bool:
    """Return whether two changes add an edge both, or take it away both."""
    signed = (np.column_stack([each.ends, np.sign(each.times)]) for each in (one, other))
    return bool(is_in(*signed).any())


def _apart_m(one: _Ground) -> float:
    """Return how far the border of an area lies from where either side has it, in metres."""
    assert one.base is not None
    plane = LocalMetres(one.base.chain.ends[0, :2])
    was = _line(plane, one.base.chain.ends)
    far = 0.0
    for changed in (one.mine, one.theirs):
        now = _line(plane, (one.base.chain + changed).ends)
        for line, places in ((was, changed.ends), (now, changed.ends)):
            metres = shapely.distance(shapely.points(plane.of(places.reshape(-1, 2))), line)
            far = max(far, float(metres.max(initial=0.0)))
    return far


def _line(plane: LocalMetres, ends: IntArray) -> shapely.Geometry:
    metres = plane.of(ends.reshape(-1, 2)).reshape(-1, 2, 2)
    line = shapely.MultiLineString(list(metres))
    shapely.prepare(line)
    return line
