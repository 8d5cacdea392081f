"""Vertices of neighbours that lie near each other and not on each other, and snapping them.

Editors that know polygons alone move one side of a border. What is drawn goes to what was
there: a vertex that an edit brought goes to the nearest vertex of others that it did not bring;
of two that it brought, the one whose area has the greater code goes to the other; and an edge
gets the vertices of others beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.chain import outline_from
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.edits import changed_codes
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import degrees, rings_of
from gridmgmt.geometry.editing.rings import (
    Vertex,
    edges_of,
    turned_upwards,
    with_moved,
    with_stretch,
)

# Vertices nearer than this are told, in metres: farther ones are mostly meant.
NEAR_M = 1.0

Edge = tuple[int, int, int, int]


@dataclass(frozen=True)
class NearVertex:
    """A vertex near the border of others who have not got it, and how far it is, in metres.

    ``at`` is in whole steps; ``codes`` have it, ``others`` do not.
    """

    level: str
    at: Vertex
    codes: tuple[str, ...]
    others: tuple[str, ...]
    metres: float

    @property
    def lonlat(self) -> tuple[float, float]:
        """Return the place of the vertex in degrees."""
        lon, lat = degrees(np.array(self.at)).tolist()
        return lon, lat


def near_vertices(
    before: EditState, after: EditState, level: str, within_m: float = NEAR_M
) -> list[NearVertex]:
    """Return the vertices near others' borders that an edit brought, nearest first.

    Parameters
    ----------
    before, after : states of one base; only what differs is looked at
    within_m : the greatest distance, metres
    """
    drawn = _Drawn(before, after, level, within_m)
    found: dict[frozenset[Vertex], NearVertex] = {}
    for one, other, metres in drawn.pairs(within_m):
        near = NearVertex(level, one, drawn.names(one), drawn.names(other), metres)
        found.setdefault(frozenset((one, other)), near)
    told = {one for pair in found for one in pair}
    for one, edge, metres in drawn.beside(within_m):
        # Edges that end in a vertex that was told are beside the other, too.
        if one not in told:
            near = NearVertex(level, one, drawn.names(one), drawn.owners(edge), metres)
            found.setdefault(frozenset((one,)), near)
    return sorted(found.values(), key=lambda near: (near.metres, near.at))


def snapped(before: EditState, after: EditState, level: str, within_m: float) -> EditState:
    """Return the state with near vertices of a level on each other."""
    drawn = _Drawn(before, after, level, within_m)
    moves = drawn.moves(within_m)
    after = after.having(
        _moved(after.area(level, code), moves)
        for code in sorted({code for one in moves for code in drawn.names(one)})
    )
    return _with_vertices_in(after, _Drawn(before, after, level, within_m), within_m)


class _Drawn:
    """The vertices of a level around what an edit changed, and who has them."""

    def __init__(
        self, before: EditState, after: EditState, level: str, within_m: float
    ) -> None:
        self.level = level
        self._owners: dict[Vertex, set[str]] = defaultdict(set)
        self._edge_owners: dict[Edge, set[str]] = defaultdict(set)
        self._new: dict[Vertex, set[str]] = defaultdict(set)
        self._new_edges: set[Edge] = set()
        redrawn = [one for one in _redrawn(before, after, level) if one.outline]
        self._plane = LocalMetres(
            rings_of(redrawn[0].outline)[0][0] if redrawn else np.zeros(2, dtype=np.int64)
        )
        margin = self._plane.margin(within_m)
        around: dict[str, DraftArea] = {}
        for one in redrawn:
            box = one.box + np.r_[-margin, margin]
            around |= {near.code: near for near in after.near(level, box)}
        for code, area in sorted(around.items()):
            for vertex in _vertices(area):
                self._owners[vertex].add(code)
            for edge in _edges(area):
                self._edge_owners[edge].add(code)
        for one in redrawn:
            then = before.get(level, one.code)
            known = set() if then is None else _vertices(then)
            for vertex in _vertices(one) - known:
                self._new[vertex].add(one.code)
            self._new_edges |= _edges(one) - (set() if then is None else _edges(then))

    def names(self, vertex: Vertex) -> tuple[str, ...]:
        """Return the areas that have a vertex."""
        return tuple(sorted(self._owners[vertex]))

    def owners(self, edge: Edge) -> tuple[str, ...]:
        """Return the areas that have an edge."""
        return tuple(sorted(self._edge_owners[edge]))

    def pairs(self, within_m: float) -> Iterable[tuple[Vertex, Vertex, float]]:
        """Yield vertices that the edit brought with vertices near them that others have."""
        if not self._new:
            return
        every, new = sorted(self._owners), self._ordered()
        tree = cKDTree(self._plane.of(np.array(every)))
        places = self._plane.of(np.array(new))
        for one, rows in zip(new, tree.query_ball_point(places, within_m), strict=True):
            near = [
                (self._far(one, every[row]), every[row])
                for row in rows
                if not self._owners[one] & self._owners[every[row]]
            ]
            yield from ((one, other, metres) for metres, other in sorted(near))

    def beside(self, within_m: float) -> Iterable[tuple[Vertex, Edge, float]]:
        """Yield vertices with edges beside them of areas that have not got them.

        Either the vertex or the edge was brought by the edit.
        """
        edges = sorted(self._edge_owners)
        if not edges or not (self._new or self._new_edges):
            return
        vertices = sorted(self._owners)
        ends = self._plane.of(np.array(edges).reshape(-1, 2)).reshape(-1, 2, 2)
        lines = np.atleast_1d(np.asarray(shapely.linestrings(ends)))
        points = np.asarray(shapely.points(self._plane.of(np.array(vertices))))
        row, edge = shapely.STRtree(lines).query(points, predicate="dwithin", distance=within_m)
        far = np.asarray(shapely.distance(points[row], lines[edge]))
        for v, e, metres in sorted(zip(row.tolist(), edge.tolist(), far.tolist(), strict=True)):
            one, along = vertices[v], edges[e]
            is_drawn = one in self._new or along in self._new_edges
            if is_drawn and not self._owners[one] & self._edge_owners[along]:
                yield one, along, metres

    def moves(self, within_m: float) -> dict[Vertex, Vertex]:
        """Return where each vertex goes that is snapped."""
        near: dict[Vertex, list[Vertex]] = defaultdict(list)
        for one, other, _ in self.pairs(within_m):
            near[one].append(other)
        moves: dict[Vertex, Vertex] = {}
        done: set[Vertex] = set()
        for one in self._ordered():
            stood = [other for other in near[one] if other not in self._new]
            # Those that come later in this order have no place of their own yet.
            kept = [other for other in near[one] if other in done and other not in moves]
            done.add(one)
            if stood or kept:
                moves[one] = (stood or kept)[0]
        return moves

    def _ordered(self) -> list[Vertex]:
        return sorted(self._new, key=lambda one: (min(self._owners[one]), one))

    def _far(self, one: Vertex, other: Vertex) -> float:
        a, b = self._plane.of(np.array([one, other]))
        return float(np.hypot(*(a - b)))


def _redrawn(before: EditState, after: EditState, level: str) -> list[DraftArea]:
    found = []
    for code in changed_codes(before, after, level):
        then, now = before.get(level, code), after.get(level, code)
        if now is not None and (then is None or now.outline is not then.outline):
            found.append(now)
    return found


def _vertices(area: DraftArea) -> set[Vertex]:
    return {(x, y) for ring in rings_of(area.outline) for x, y in ring.tolist()}


def _edges(area: DraftArea) -> set[Edge]:
    return {
        (a, b, c, d)
        for ring in rings_of(area.outline)
        for a, b, c, d in turned_upwards(edges_of(ring)).tolist()
    }


def _moved(area: DraftArea, moves: Mapping[Vertex, Vertex]) -> DraftArea:
    outline = with_moved(area.outline, moves)
    moved = area.with_outline(outline)
    try:
        # Two vertices of a ring may have become one.
        return moved if shapely.is_valid(moved.shape) else _tidy(moved)
    except EditError:
        return area


def _tidy(area: DraftArea) -> DraftArea:
    return area.with_outline(outline_from(area.chain))


def _with_vertices_in(state: EditState, drawn: _Drawn, within_m: float) -> EditState:
    """Put the vertices beside edges into them, for all areas that have the edge."""
    inside: dict[Edge, list[Vertex]] = defaultdict(list)
    for vertex, edge, _ in drawn.beside(within_m):
        inside[edge].append(vertex)
    for edge, vertices in sorted(inside.items()):
        old = np.array(edge, dtype=np.int64).reshape(2, 2)
        new = _between(old, np.array(vertices, dtype=np.int64))
        areas = [state.area(drawn.level, code) for code in drawn.owners(edge)]
        state = state.having(
            area.with_outline(with_stretch(area.outline, old, new)) for area in areas
        )
    return state


def _between(edge: IntArray, vertices: IntArray) -> IntArray:
    along = ((vertices - edge[0]).astype(np.float64) * (edge[1] - edge[0])).sum(axis=1)
    return np.concatenate([edge[:1], vertices[np.argsort(along, kind="stable")], edge[1:]])
