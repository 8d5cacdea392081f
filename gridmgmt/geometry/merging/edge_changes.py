"""The edges of a level that two sides changed, and where they meet.

Each side is a sum of edges that it adds to the ground of each area or takes from it. Where no
edge is changed by both and none of the new ones cross, both sums can be added.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, IntArray, objects
from gridmgmt.geometry.editing.chain import NOTHING, Chain, total
from gridmgmt.geometry.editing.edit_state import DraftArea, ground_of
from gridmgmt.geometry.editing.outline import edge_lines
from gridmgmt.geometry.editing.rings import connected, is_in, linked, together
from gridmgmt.geometry.measure import area_m2, polygon_parts
from gridmgmt.geometry.merging.divergence import BorderVersions

# An area before and after, None where there is none.
Pair = tuple[DraftArea | None, DraftArea | None]


@dataclass(frozen=True)
class MeetingStretches:
    """Stretches that meet: numbers of the connected changes of either side."""

    mine: frozenset[int]
    theirs: frozenset[int]


@dataclass(frozen=True, eq=False)
class SameEdge:
    """An edge of an area that both sides changed in the same way, and in which stretches."""

    code: str
    edge: Chain
    mine: int
    theirs: int


class SideEdges:
    """What one side changes at a level: edges with the code of their area.

    ``ends`` (k, 4), ``times`` (k,) and ``codes`` (k,) say by how much an edge counts more or
    less for an area, ``stretch`` (k,) which of them are one change, ``is_new`` (k,) which edges
    the area did not have.
    """

    def __init__(self, pairs: Mapping[str, Pair]) -> None:
        found = {
            code: ground_of(after) - ground_of(before)
            for code, (before, after) in pairs.items()
        }
        self.ends = together(one.ends for one in found.values())
        self.times = np.concatenate([NOTHING.times, *(one.times for one in found.values())])
        sizes = [len(one) for one in found.values()]
        self.known = frozenset(pairs)
        self._whole = [code for code, pair in pairs.items() if None in pair]
        self.codes = np.repeat(np.array([*found], dtype=object), sizes)
        had = [is_in(one.ends, ground_of(pairs[code][0]).ends) for code, one in found.items()]
        self.is_new: BoolArray = ~np.concatenate([np.empty(0, dtype=np.bool_), *had])

    @cached_property
    def stretch(self) -> IntArray:
        """Return the number of the change that each edge belongs to.

        Edges of one change are connected, lie around ground within that of another, or are of
        an area that is new or gone, in all its parts.
        """
        label = connected(self.ends)
        size = int(label.max(initial=-1)) + 1
        links = [_nested(self.ends, label)]
        for code in self._whole:
            mine = np.unique(label[self.codes == code])
            links.append(np.column_stack([mine[:-1], mine[1:]]))
        return linked(size, np.concatenate(links))[label]

    def of(self, code: str, without: Iterable[int] = ()) -> Chain:
        """Return by how much the edges of an area change, without some stretches."""
        rows = (self.codes == code) & ~np.isin(self.stretch, [*without])
        return total([Chain(self.ends[rows], self.times[rows])])

    def stretches_of(self, code: str) -> set[int]:
        """Return the numbers of the stretches that an area changes with."""
        return set(self.stretch[self.codes == code].tolist())

    def stretches_with(self, ends: IntArray) -> set[int]:
        """Return the numbers of the stretches that have some edges."""
        found: set[int] = set(self.stretch[is_in(self.ends, ends)].tolist())
        return found

    def lines(self, stretches: Iterable[int], *, new: bool) -> shapely.MultiLineString:
        """Return the edges that some stretches bring, or those they take away."""
        rows = np.isin(self.stretch, [*stretches]) & (self.is_new == new)
        return _lines(np.unique(self.ends[rows], axis=0))

    def codes_of(self, stretches: Iterable[int]) -> set[str]:
        """Return the areas that some stretches change."""
        return set(self.codes[np.isin(self.stretch, [*stretches])].tolist())


class Meetings:
    """Where the changes of two sides meet at a level.

    Parameters
    ----------
    follow : codes of areas whose ground is made from the areas in them; where only such areas
        meet, nothing does
    """

    def __init__(self, mine: SideEdges, theirs: SideEdges, follow: frozenset[str]) -> None:
        self.mine, self.theirs = mine, theirs
        self._links: set[tuple[int, int]] = set()
        self.same: list[SameEdge] = []
        self._compare(follow)
        self._find_crossings(follow)

    def link(self, mine: Iterable[int], theirs: Iterable[int]) -> None:
        """Let stretches meet."""
        others = [*theirs]
        self._links.update((one, other) for one in mine for other in others)

    @property
    def groups(self) -> list[MeetingStretches]:
        """Return the stretches that meet, those that meet any of a group in one."""
        left = {("mine", one) for one, _ in self._links}
        found = []
        while left:
            seen, at = set(), [min(left)]
            while at:
                one = at.pop()
                if one in seen:
                    continue
                seen.add(one)
                at += [("theirs", b) for a, b in self._links if ("mine", a) == one]
                at += [("mine", a) for a, b in self._links if ("theirs", b) == one]
            left -= seen
            found.append(
                MeetingStretches(
                    frozenset(n for side, n in seen if side == "mine"),
                    frozenset(n for side, n in seen if side == "theirs"),
                )
            )
        return found

    def codes_of(self, group: MeetingStretches) -> tuple[str, ...]:
        """Return the areas that meet."""
        mine, theirs = self.mine.codes_of(group.mine), self.theirs.codes_of(group.theirs)
        return tuple(sorted(mine & theirs or mine | theirs))

    def versions(self, group: MeetingStretches) -> BorderVersions:
        """Return the border that both sides changed, as it was and as either has it."""
        mine, theirs = (
            (side.lines(stretches, new=False), side.lines(stretches, new=True))
            for side, stretches in ((self.mine, group.mine), (self.theirs, group.theirs))
        )
        base = shapely.line_merge(shapely.union(mine[0], theirs[0]))
        return BorderVersions(
            _lines_of([base]), mine[1], theirs[1], _between_m2(*mine), _between_m2(*theirs)
        )

    def _compare(self, follow: frozenset[str]) -> None:
        """Compare the edges that both sides change, area by area."""
        both = np.concatenate([self.mine.ends, self.theirs.ends])
        _, number = np.unique(both, axis=0, return_inverse=True)
        number = number.ravel()
        split = len(self.mine.ends)
        common = np.intersect1d(number[:split], number[split:])
        for edge in common.tolist():
            rows = np.flatnonzero(number[:split] == edge)
            others = np.flatnonzero(number[split:] == edge)
            one, other = self._changes(self.mine, rows), self._changes(self.theirs, others)
            if one == other:
                self.same += [
                    SameEdge(
                        code,
                        Chain(self.mine.ends[rows[:1]], np.array([times])),
                        int(self.mine.stretch[rows[0]]),
                        int(self.theirs.stretch[others[0]]),
                    )
                    for code, times in one.items()
                ]
            elif not follow.issuperset({*one, *other}):
                self.link(
                    self.mine.stretch[rows].tolist(), self.theirs.stretch[others].tolist()
                )

    def _changes(self, side: SideEdges, rows: IntArray) -> dict[str, int]:
        return dict(zip(side.codes[rows].tolist(), side.times[rows].tolist(), strict=True))

    def _find_crossings(self, follow: frozenset[str]) -> None:
        """Let stretches meet whose new edges cross or touch other than in a vertex of both."""
        mine, theirs = (self._new(side, follow) for side in (self.mine, self.theirs))
        if not len(mine) or not len(theirs):
            return
        lines = edge_lines(self.mine.ends[mine])
        others = edge_lines(self.theirs.ends[theirs])
        row, other = shapely.STRtree(others).query(lines, predicate="intersects")
        for a, b in zip(mine[row].tolist(), theirs[other].tolist(), strict=True):
            if _meet_in_vertex(self.mine.ends[a], self.theirs.ends[b]):
                continue
            self.link([int(self.mine.stretch[a])], [int(self.theirs.stretch[b])])

    def _new(self, side: SideEdges, follow: frozenset[str]) -> IntArray:
        return np.flatnonzero(side.is_new & ~np.isin(side.codes, [*follow]))


def _nested(ends: IntArray, label: IntArray) -> IntArray:
    """Return pairs of connected changes of which one lies within the ground of the other."""
    count = int(label.max(initial=-1)) + 1
    if count < 2:
        return np.empty((0, 2), dtype=np.int64)
    order = np.argsort(label, kind="stable")
    several = np.split(edge_lines(ends[order]), np.flatnonzero(np.diff(label[order])) + 1)
    lines = np.array([shapely.MultiLineString([*one]) for one in several])
    boxes = objects(shapely.box(*shapely.bounds(line)) for line in lines)
    outer, inner = shapely.STRtree(boxes).query(boxes, predicate="contains_properly")
    grounds = {
        n: shapely.MultiPolygon(
            [*polygon_parts(shapely.polygonize(shapely.get_parts(lines[n])))]
        )
        for n in set(outer.tolist())
    }
    places = [shapely.Point(shapely.get_coordinates(lines[n])[0]) for n in inner]
    around = [grounds[n] for n in outer.tolist()]
    is_in_it = np.array(shapely.intersects(around, places), dtype=np.bool_)
    return np.column_stack([inner, outer])[is_in_it]


def _meet_in_vertex(one: IntArray, other: IntArray) -> bool:
    """Return whether two edges are the same, or meet in a vertex of both and nowhere else."""
    ends, others = one.reshape(2, 2).tolist(), other.reshape(2, 2).tolist()
    shared = [end for end in ends if end in others]
    if len(shared) != 1:
        return len(shared) == 2
    [a] = [end for end in ends if end not in shared]
    [b] = [end for end in others if end not in shared]
    x, y = shared[0]
    # Python's whole numbers: products of two differences may leave 64 bits.
    cross = (a[0] - x) * (b[1] - y) - (a[1] - y) * (b[0] - x)
    dot = (a[0] - x) * (b[0] - x) + (a[1] - y) * (b[1] - y)
    return cross != 0 or dot < 0


def _lines(ends: IntArray) -> shapely.MultiLineString:
    if not len(ends):
        return shapely.MultiLineString()
    merged = shapely.line_merge(shapely.MultiLineString(list(edge_lines(ends))))
    return _lines_of([merged])


def _lines_of(several: Iterable[shapely.Geometry]) -> shapely.MultiLineString:
    return shapely.MultiLineString([one for each in several for one in shapely.get_parts(each)])


def _between_m2(one: shapely.MultiLineString, other: shapely.MultiLineString) -> float:
    """Return the m² of the ground that lies between two borders."""
    drawn = shapely.node(_lines_of([one, other]))
    ground = shapely.polygonize([*shapely.get_parts(drawn)])
    return float(area_m2(shapely.get_parts(ground)).sum())
