"""Change the vertices of rings: one vertex, or a stretch of them."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.geometry.editing.outline import Outline, Path, Ring

Vertex = tuple[int, int]

_NO_EDGES: IntArray = np.empty((0, 4), dtype=np.int64)


def vertex(steps: IntArray) -> Vertex:
    """Return a vertex as a pair that can be looked up."""
    x, y = steps.tolist()
    return x, y


def with_moved(outline: Outline, moves: Mapping[Vertex, Vertex]) -> Outline:
    """Return an outline with some vertices elsewhere; the same object if it has none."""
    if not moves:
        return outline
    return mapped(outline, lambda ring: _moved(ring, moves))


def with_stretch(outline: Outline, old: Path, new: Path) -> Outline:
    """Return an outline with a stretch of its border redrawn, whichever way its ring runs.

    The same object is returned where no ring has all the vertices of ``old`` one after the
    other. A ring keeps its first vertex unless that is gone.
    """
    return mapped(outline, lambda ring: _redrawn(ring, old, new))


def has_stretch(ring: Ring, old: Path) -> bool:
    """Return whether a ring has these vertices one after the other, in either direction."""
    return _place(ring, old) is not None or _place(ring, old[::-1]) is not None


def rows_of(ring: Ring, place: IntArray) -> IntArray:
    """Return where a ring has a vertex."""
    return np.flatnonzero((ring == place).all(axis=1))


def mapped(outline: Outline, change: Callable[[Ring], Ring]) -> Outline:
    """Return an outline with each ring changed; the same object if no ring is another."""
    made = tuple(tuple(change(ring) for ring in rings) for rings in outline)
    same = all(
        one is other
        for rings, others in zip(made, outline, strict=True)
        for one, other in zip(rings, others, strict=True)
    )
    return outline if same else made


def edges_of(ring: Ring) -> IntArray:
    """Return the edges around a ring, each from its vertex to the next, (n, 4)."""
    return np.hstack([ring, np.roll(ring, -1, axis=0)])


def upwards(edges: IntArray) -> BoolArray:
    """Return which edges go from their smaller end to the greater."""
    x, y = (edges[:, 2:] - edges[:, :2]).T
    upward: BoolArray = (x > 0) | ((x == 0) & (y > 0))
    return upward


def turned_upwards(edges: IntArray) -> IntArray:
    """Return edges from their smaller end to the greater: equal edges are equal rows."""
    return np.where(upwards(edges)[:, None], edges, edges[:, [2, 3, 0, 1]])


def is_in(edges: IntArray, others: IntArray) -> BoolArray:
    """Return which edges (k, 4) are among others, (n, 4)."""
    both = np.concatenate([edges, others])
    if not len(both):
        return np.empty(0, dtype=np.bool_)
    number = np.unique(both, axis=0, return_inverse=True)[1].ravel()
    found: BoolArray = np.isin(number[: len(edges)], number[len(edges) :])
    return found


def together(several: Iterable[IntArray]) -> IntArray:
    """Return edges of several arrays, each (k, 4), as one; none give (0, 4)."""
    return np.concatenate([_NO_EDGES, *several])


def connected(edges: IntArray) -> IntArray:
    """Return for each edge (k, 4) a number that those it is connected with have, too."""
    if not len(edges):
        return np.empty(0, dtype=np.int64)
    places, ends = np.unique(edges.reshape(-1, 2), axis=0, return_inverse=True)
    pairs = ends.reshape(-1, 2)
    return linked(len(places), pairs)[pairs[:, 0]]


def linked(count: int, pairs: IntArray) -> IntArray:
    """Return the number of the group of each of so many things, which pairs (k, 2) link.

    What no pair links is a group of its own.
    """
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def once(path: Path) -> Path:
    """Return a path without vertices repeated one after the other."""
    return path[np.r_[True, (path[1:] != path[:-1]).any(axis=1)]]


def once_around(ring: Ring) -> Ring:
    """Return a ring without vertices repeated one after the other, also its last and first."""
    made: Ring = ring[(ring != np.roll(ring, 1, axis=0)).any(axis=1)]
    return made


def _moved(ring: Ring, moves: Mapping[Vertex, Vertex]) -> Ring:
    moved = ring
    for old, new in moves.items():
        rows = rows_of(ring, np.array(old, dtype=np.int64))
        if len(rows):
            moved = moved.copy() if moved is ring else moved
            moved[rows] = new
    # Vertices that go to one place are one.
    return moved if moved is ring else once_around(moved)


def _redrawn(ring: Ring, old: Path, new: Path) -> Ring:
    at = _place(ring, old)
    if at is None:
        old, new = old[::-1], new[::-1]
        at = _place(ring, old)
        if at is None:
            return ring
    made = np.concatenate([new, np.roll(ring, -at, axis=0)[len(old) :]])
    first = rows_of(made, ring[0])
    return np.roll(made, -first[0], axis=0) if len(first) else made


def _place(ring: Ring, path: Path) -> int | None:
    if len(path) > len(ring):
        return None
    for at in rows_of(ring, path[0]):
        rows = (at + np.arange(len(path))) % len(ring)
        if (ring[rows] == path).all():
            return int(at)
    return None
