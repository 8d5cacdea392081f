"""What two sides did to the rest of an area: what it is more or less than the areas in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.chain import NOTHING, Chain, total
from gridmgmt.geometry.editing.edit_state import DraftArea, ground_of
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.rings import connected, is_in, together

Edge = tuple[int, ...]
# An edge with the areas of a level that have it more or less often, and how much; with none
# where it changes for all areas of one parent together.
EdgeChange = tuple[Edge, tuple[tuple[str, int], ...]]


@dataclass
class UpperGround:
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
        return vertices_of((self.mine - same).ends) & vertices_of((self.theirs - same).ends)


def _same(one: Chain, other: Chain) -> Chain:
    """Return what two changes have in common."""
    rows, others = (np.column_stack([each.ends, each.times]) for each in (one, other))
    same = is_in(rows, others)
    return Chain(one.ends[same], one.times[same])


def connected_changes(changes: list[Chain]) -> list[IntArray]:
    """Return the number of the connected change of each edge, whichever areas it is of."""
    label = connected(together(one.ends for one in changes))
    return [
        label[end - len(one) : end]
        for one, end in zip(changes, np.cumsum([len(one) for one in changes]), strict=True)
    ]


def part_of(change: Chain, label: IntArray, numbers: Iterable[int]) -> Chain:
    """Return the edges of a change whose label is one of some numbers."""
    rows = np.isin(label, [*numbers])
    return Chain(change.ends[rows], change.times[rows])


def runs_along(changed: Chain, area: DraftArea, edges: IntArray) -> bool:
    """Return whether all that changes of a rest comes with edges of the areas in it."""
    if not len(changed):
        return True
    label = connected(changed.ends)
    is_new = ~is_in(changed.ends, area.chain.ends) & is_in(changed.ends, edges)
    return bool(np.isin(label, label[is_new]).all())


def edges_of_chains(chains: Iterable[Chain]) -> set[Edge]:
    """Return the edges of all chains; none where there are none."""
    return {tuple(edge) for one in chains for edge in one.ends.tolist()}


def vertices_of(ends: IntArray) -> set[Edge]:
    """Return the ends of edges, (k, 4) or one of four."""
    return {tuple(one) for one in ends.reshape(-1, 2).tolist()}


def without(changes: list[Chain], gone: set[EdgeChange], stays: set[EdgeChange]) -> list[Chain]:
    """Return changes of rests but those along edges that stay as they were.

    What is connected stays together, whichever areas it is of: it is left out if a change along
    it is gone, unless another stays that this side alone made.
    """
    if not gone:
        return changes
    gone_edges, staying_edges = ({edge for edge, _ in some} for some in (gone, stays))
    labels = connected_changes(changes)
    along: dict[int, set[Edge]] = defaultdict(set)
    for one, numbers in zip(changes, labels, strict=True):
        for n, edge in zip(numbers.tolist(), one.ends.tolist(), strict=True):
            along[n].add(tuple(edge))
    left = [n for n, edges in along.items() if not edges & gone_edges or edges & staying_edges]
    return [part_of(one, numbers, left) for one, numbers in zip(changes, labels, strict=True)]


def same_way(one: Chain, other: Chain) -> bool:
    """Return whether two changes add an edge both, or take it away both."""
    signed = (np.column_stack([each.ends, np.sign(each.times)]) for each in (one, other))
    return bool(is_in(*signed).any())


def apart_m(area: DraftArea, changes: tuple[Chain, Chain]) -> float:
    """Return how far the border of an area lies from where changes have it, in metres."""
    plane = LocalMetres(area.chain.ends[0, :2])
    was = _line(plane, area.chain.ends)
    far = 0.0
    for changed in changes:
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
