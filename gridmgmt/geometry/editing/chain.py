"""Ground as the sum of the directed edges around it: what two areas share cancels.

Adding the ground of an area, or taking it away, is then exact: no vertex is computed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cmp_to_key

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.outline import Outline, Path, Ring, degrees, shape_of
from gridmgmt.geometry.editing.rings import edges_of, together, turned_upwards, upwards, vertex
from gridmgmt.sentence import Sentence


@dataclass(frozen=True, eq=False)
class Chain:
    """Edges between vertices with the ground on their left, each edge once.

    ``ends`` (e, 4) are whole steps of the storage grid, from and to, the smaller end first;
    ``times`` (e,) say how often ground lies on the left (more than 0) or on the right, never 0.
    """

    ends: IntArray
    times: IntArray

    def __add__(self, other: "Chain") -> "Chain":
        return total([self, other])

    def __sub__(self, other: "Chain") -> "Chain":
        return total([self, -other])

    def __neg__(self) -> "Chain":
        return Chain(self.ends, -self.times)

    def __len__(self) -> int:
        return len(self.times)


def chain_of(outline: Outline) -> Chain:
    """Return the edges around the ground of an outline, whichever way its rings turn.

    Examples
    --------
    >>> from gridmgmt.geometry.editing.outline import outline_of
    >>> west, east = outline_of(shapely.box(0, 0, 1, 1)), outline_of(shapely.box(1, 0, 2, 1))
    >>> len(chain_of(west)), len(chain_of(west) + chain_of(east))
    (4, 6)
    """
    found = []
    for rings in outline:
        for n, ring in enumerate(rings):
            # Ground is on the left of an outer ring that turns left, and of a hole that turns
            # right.
            turned = ring if (signed_area(ring) > 0) == (n == 0) else ring[::-1]
            found.append(edges_of(turned))
    directed = together(found)
    directed = directed[(directed[:, :2] != directed[:, 2:]).any(axis=1)]
    return total([Chain(turned_upwards(directed), np.where(upwards(directed), 1, -1))])


def outline_from(chain: Chain) -> Outline:
    """Return the ground that edges enclose, outer rings turning left.

    Rings begin at their smallest vertex and parts are ordered by it, so that equal grounds have
    equal outlines. Grounds that meet in a vertex only are parts of their own.

    Raises
    ------
    EditError
        when the edges enclose some ground more than once, or ground outside of all
    """
    return _parts(_directed(chain))


def cut(chain: Chain, paths: Iterable[Path]) -> Outline:
    """Return the parts of a ground that paths through it, from border to border, leave.

    Raises
    ------
    EditError
        as `outline_from`
    """
    both_ways = [np.hstack([one[:-1], one[1:]]) for path in paths for one in (path, path[::-1])]
    return _parts(np.concatenate([_directed(chain), *both_ways]))


def _directed(chain: Chain) -> IntArray:
    """Return edges with the ground on their left, (e, 4)."""
    if (np.abs(chain.times) != 1).any():
        raise _refused(chain.ends[np.flatnonzero(np.abs(chain.times) != 1)[0]])
    forward = (chain.times == 1)[:, None]
    return np.where(forward, chain.ends, chain.ends[:, [2, 3, 0, 1]])


def _parts(directed: IntArray) -> Outline:
    if not len(directed):
        return ()
    loops = [loop for cycle in _cycles(directed) for loop in _simple_loops(cycle)]
    loops.sort(key=lambda ring: vertex(ring[0]))
    areas = [signed_area(one) for one in loops]
    for loop, steps in zip(loops, areas, strict=True):
        if steps == 0:
            raise _refused(loop.ravel())
    shells = [one for one, steps in zip(loops, areas, strict=True) if steps > 0]
    holes = [one for one, steps in zip(loops, areas, strict=True) if steps < 0]
    return _with_holes(shells, holes)


def total(chains: Iterable[Chain]) -> Chain:
    """Return the sum of chains; none sum up to no edges."""
    several = [*chains]
    ends = together(one.ends for one in several)
    times = np.concatenate([np.empty(0, dtype=np.int64), *(one.times for one in several)])
    if not len(ends):
        return Chain(ends, times)
    order = np.lexsort(ends.T[::-1])
    ends, times = ends[order], times[order]
    first = np.flatnonzero(np.r_[True, (ends[1:] != ends[:-1]).any(axis=1)])
    sums = np.add.reduceat(times, first)
    stays = sums != 0
    return Chain(ends[first][stays], sums[stays])


# No ground.
NOTHING = total([])


def signed_area(ring: Ring) -> float:
    """Return the area of a ring in steps squared, more than 0 if it turns left."""
    # Relative to a vertex: products of whole coordinates would leave 64 bits.
    x, y = (ring - ring[0]).astype(np.float64).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0


def _cycles(directed: IntArray) -> Iterable[Ring]:
    """Follow the edges around; ``directed`` (e, 4)."""
    following = _following(directed)
    seen = bytearray(len(directed))
    for edge in range(len(directed)):
        if seen[edge]:
            continue
        cycle = []
        at = edge
        while not seen[at]:
            seen[at] = 1
            cycle.append(at)
            at = following[at]
        yield directed[cycle, :2]


def _following(directed: IntArray) -> list[int]:
    """Return for each edge the one that goes on around the same ground."""
    _, vertex = np.unique(
        np.concatenate([directed[:, :2], directed[:, 2:]]), axis=0, return_inverse=True
    )
    vertex = vertex.ravel()
    begins, ends = vertex[: len(directed)], vertex[len(directed) :]
    order = np.argsort(begins, kind="stable")
    counts = np.bincount(begins, minlength=vertex.max() + 1)
    starts = np.r_[0, np.cumsum(counts)]
    if (counts != np.bincount(ends, minlength=len(counts))).any():
        odd = np.flatnonzero(counts != np.bincount(ends, minlength=len(counts)))[0]
        raise _refused(directed[np.flatnonzero((begins == odd) | (ends == odd))[0]])
    first = order[starts[ends]]
    # Along a path that is drawn both ways, the only other way than back is on.
    two = np.flatnonzero(counts[ends] == 2)
    second = order[starts[ends[two]] + 1]
    is_back, other_is_back = (ends[one] == begins[two] for one in (first[two], second))
    plain = two[is_back != other_is_back]
    first[two] = np.where(is_back & ~other_is_back, second, first[two])
    following: list[int] = first.tolist()
    for edge in np.setdiff1d(np.flatnonzero(counts[ends] > 1), plain):
        leaving = order[starts[ends[edge]] : starts[ends[edge] + 1]]
        following[edge] = int(leaving[_next_clockwise(directed, int(edge), leaving)])
    return following


def _next_clockwise(directed: IntArray, edge: int, leaving: IntArray) -> int:
    """Return which leaving edge comes first, clockwise from where an edge came from.

    Between the two lies the ground on the left of both.
    """
    back = _vector(directed[edge])
    back = (-back[0], -back[1])
    vectors = [_vector(directed[one]) for one in leaving]

    def turn(one: tuple[int, int]) -> tuple[int, tuple[int, int]]:
        # Clockwise from back: first its right half, then its left half.
        cross = back[0] * one[1] - back[1] * one[0]
        dot = back[0] * one[0] + back[1] * one[1]
        if cross == 0:
            return (1 if dot < 0 else 3), one
        return (0 if cross < 0 else 2), one

    def compare(one: int, other: int) -> int:
        half, mine = turn(vectors[one])
        other_half, theirs = turn(vectors[other])
        if half != other_half:
            return half - other_half
        return mine[0] * theirs[1] - mine[1] * theirs[0]

    return min(range(len(vectors)), key=cmp_to_key(compare))


def _vector(edge: IntArray) -> tuple[int, int]:
    # Python's whole numbers: products of two differences may leave 64 bits.
    x1, y1, x2, y2 = edge.tolist()
    return x2 - x1, y2 - y1


def _simple_loops(cycle: Ring) -> Iterable[Ring]:
    """Part a ring that comes by a vertex twice into rings that do not."""
    vertices = [tuple(one) for one in cycle.tolist()]
    if len(set(vertices)) == len(vertices):
        yield _from_smallest(cycle)
        return
    place: dict[tuple[int, ...], int] = {}
    still: list[tuple[int, ...]] = []
    for one in vertices:
        if one in place:
            loop = still[place[one] :]
            yield _from_smallest(np.array(loop, dtype=np.int64))
            del still[place[one] :]
            for other in loop:
                del place[other]
        place[one] = len(still)
        still.append(one)
    yield _from_smallest(np.array(still, dtype=np.int64))


def _from_smallest(ring: Ring) -> Ring:
    smallest = np.lexsort(ring.T[::-1])[0]
    return np.roll(ring, -smallest, axis=0)


def _with_holes(shells: list[Ring], holes: list[Ring]) -> Outline:
    parts = [[one] for one in shells]
    if holes:
        grounds = np.array([shape_of(((one,),)) for one in shells], dtype=object)
        sizes = [signed_area(one) for one in shells]
        for hole in holes:
            # All of it: an island in a lake has a point of the lake's outline in it, too.
            around = np.flatnonzero(shapely.covers(grounds, shape_of(((hole,),)))).tolist()
            if not around:
                raise _refused(np.r_[hole[0], hole[1]])
            parts[min(around, key=lambda n: sizes[n])].append(hole)
    return tuple(tuple(one) for one in parts)


def _refused(edge: IntArray) -> EditError:
    lon, lat = degrees(edge[:2]).tolist()
    return EditError(
        Sentence("the borders do not enclose one ground at {} {}", f"{lon:.8f}", f"{lat:.8f}")
    )
