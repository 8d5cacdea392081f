"""Find a run of border: what two areas share, or the way from one place to another."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import Path, rings_of
from gridmgmt.geometry.editing.places import shown
from gridmgmt.geometry.editing.rings import Vertex, edges_of, together, turned_upwards, vertex
from gridmgmt.sentence import Sentence

# An edge away from the wanted line is this much longer than one along it.
_AWAY = 1000.0


def shared_runs(state: EditState, level: str, one: str, other: str) -> list[Path]:
    """Return the runs of border that two areas share; one around an island is closed.

    Raises
    ------
    EditError
        when there is no such area, or they share no border
    """
    mine, theirs = (state.area(level, code).chain.ends for code in (one, other))
    both = {tuple(edge) for edge in mine.tolist()} & {tuple(edge) for edge in theirs.tolist()}
    if not both:
        raise EditError(Sentence("{} {} and {} share no border", level, one, other))
    return _paths(np.array(sorted(both), dtype=np.int64))


def run_between(
    state: EditState,
    level: str,
    ends: Sequence[IntArray],
    lines: Sequence[Path],
    within_m: float,
    box: IntArray,
) -> Path:
    """Return the way along borders of a level from one vertex to another.

    Of several it is the shortest that keeps to the wanted line.

    Parameters
    ----------
    ends : two vertices
    lines : the wanted lines
    within_m : how far from them a border keeps to them
    box : where borders are looked at, whole steps

    Raises
    ------
    EditError
        when no borders lead from one to the other there
    """
    plane = LocalMetres(ends[0])
    edges = _edges_in(state, level, box)
    metres, lengths = _measured(edges, plane)
    far = _farthest(metres, shapely.MultiLineString([plane.of(line) for line in lines]))
    costs = np.where(far <= within_m, lengths, lengths * _AWAY)
    found = _shortest(edges, costs, vertex(ends[0]), vertex(ends[1]))
    if found is None:
        raise EditError(
            Sentence(
                "no borders of level {} lead from {} to {}",
                level,
                shown(ends[0]),
                shown(ends[1]),
            )
        )
    return found


def deepest_run(state: EditState, level: str, run: Path, border_m: float) -> tuple[str, Path]:
    """Return the deepest level with borders along a run of a level, and the run there."""
    plane = LocalMetres(run[0])
    line = shapely.LineString(plane.of(run))
    margin = plane.margin(border_m)
    box = np.concatenate([run.min(axis=0) - margin, run.max(axis=0) + margin])
    for each in reversed(state.levels[state.levels.index(level) + 1 :]):
        edges = _edges_in(state, each, box)
        metres, lengths = _measured(edges, plane)
        near = _farthest(metres, line) <= border_m
        edges, metres, lengths = edges[near], metres[near], lengths[near]
        if not len(edges):
            continue
        ends = [_nearest(edges, metres, line.coords[n]) for n in (0, -1)]
        found = _shortest(edges, lengths, *ends)
        if found is None or len(found) < 2:
            continue
        if shapely.hausdorff_distance(shapely.LineString(plane.of(found)), line) <= border_m:
            return each, found
    return level, run


def borders_from(state: EditState, level: str, node: IntArray, within_m: float) -> list[Path]:
    """Return the borders that begin in a vertex, each up to where it meets others.

    They are followed to the first vertex that is farther away than a distance.
    """
    plane = LocalMetres(node)
    margin = plane.margin(within_m)
    edges = _edges_in(state, level, np.concatenate([node - margin, node + margin]))
    beside = _beside(edges)
    begin = vertex(node)
    found = []
    for second in sorted(beside[begin]):
        way = [begin, second]
        while (
            len(beside[way[-1]]) == 2
            and np.hypot(*plane.of(np.array(way[-1:])).T)[0] <= within_m
        ):
            [there] = [one for one in beside[way[-1]] if one != way[-2]] or [begin]
            if there in way:
                break
            way.append(there)
        found.append(np.array(way, dtype=np.int64))
    return found


def _beside(edges: IntArray) -> dict[Vertex, list[Vertex]]:
    """Return the vertices that edges lead to from each vertex."""
    beside: dict[Vertex, list[Vertex]] = defaultdict(list)
    for x, y, u, v in edges.tolist():
        beside[x, y].append((u, v))
        beside[u, v].append((x, y))
    return beside


def _edges_in(state: EditState, level: str, box: IntArray) -> IntArray:
    """Return the edges of a level that may meet a box, (e, 4), each once."""
    found = []
    for area in state.near(level, box):
        for ring in rings_of(area.outline):
            edges = turned_upwards(edges_of(ring))
            low = np.minimum(edges[:, :2], edges[:, 2:])
            high = np.maximum(edges[:, :2], edges[:, 2:])
            found.append(edges[((low <= box[2:]) & (high >= box[:2])).all(axis=1)])
    return np.unique(together(found), axis=0)


def _measured(edges: IntArray, plane: LocalMetres) -> tuple[FloatArray, FloatArray]:
    """Return edges in metres, (e, 2, 2), and their lengths."""
    metres = plane.of(edges.reshape(-1, 2)).reshape(-1, 2, 2)
    return metres, np.hypot(*(metres[:, 1] - metres[:, 0]).T)


def _farthest(metres: FloatArray, line: shapely.Geometry) -> FloatArray:
    """Return how far an edge goes from a line at its ends and its middle."""
    places = np.stack([metres[:, 0], metres.mean(axis=1), metres[:, 1]], axis=1)
    shapely.prepare(line)
    distances: FloatArray = shapely.distance(shapely.points(places), line).max(
        axis=1, initial=0.0
    )
    return distances


def _nearest(edges: IntArray, metres: FloatArray, place: Iterable[float]) -> Vertex:
    far = np.hypot(*(metres.reshape(-1, 2) - np.array([*place])).T)
    return vertex(edges.reshape(-1, 2)[far.argmin()])


def _shortest(edges: IntArray, costs: FloatArray, begin: Vertex, end: Vertex) -> Path | None:
    """Return the cheapest way over edges, None where there is none."""
    beside: dict[Vertex, list[tuple[float, Vertex]]] = defaultdict(list)
    for (x, y, u, v), cost in zip(edges.tolist(), costs.tolist(), strict=True):
        beside[x, y].append((cost, (u, v)))
        beside[u, v].append((cost, (x, y)))
    came: dict[Vertex, Vertex] = {}
    least = {begin: 0.0}
    queue = [(0.0, begin)]
    while queue:
        so_far, here = heapq.heappop(queue)
        if here == end:
            return _way(came, begin, end)
        if so_far > least[here]:
            continue
        for cost, there in beside[here]:
            if so_far + cost < least.get(there, np.inf):
                least[there], came[there] = so_far + cost, here
                heapq.heappush(queue, (so_far + cost, there))
    return None


def _way(came: dict[Vertex, Vertex], begin: Vertex, end: Vertex) -> Path:
    way = [end]
    while way[-1] != begin:
        way.append(came[way[-1]])
    return np.array(way[::-1], dtype=np.int64)


def _paths(edges: IntArray) -> list[Path]:
    """Return edges as paths between vertices where not two of them meet; loops are closed."""
    beside = _beside(edges)
    paths = []
    # Loops have no end to begin at and are what is left.
    for begin in [*_ends(beside), *sorted(beside)]:
        while beside[begin]:
            paths.append(_walked(beside, begin))
    return paths


def _ends(beside: dict[Vertex, list[Vertex]]) -> Sequence[Vertex]:
    return sorted(one for one, others in beside.items() if len(others) != 2)


def _walked(beside: dict[Vertex, list[Vertex]], begin: Vertex) -> Path:
    stops = set(_ends(beside))
    way = [begin]
    while beside[way[-1]] and (len(way) == 1 or way[-1] not in {*stops, begin}):
        here = way[-1]
        there = min(beside[here])
        beside[here].remove(there)
        beside[there].remove(here)
        way.append(there)
    return np.array(way, dtype=np.int64)


def within_box(line: Path, box: IntArray) -> list[Path]:
    """Return the parts of a line whose edges may meet a box, vertex for vertex.

    Examples
    --------
    >>> line = np.array([[0, 0], [5, 0], [9, 0], [9, 9], [9, 0]])
    >>> [part.tolist() for part in within_box(line, np.array([0, 0, 6, 1]))]
    [[[0, 0], [5, 0], [9, 0]]]
    """
    low, high = np.minimum(line[:-1], line[1:]), np.maximum(line[:-1], line[1:])
    meets = ((low <= box[2:]) & (high >= box[:2])).all(axis=1)
    turns = np.flatnonzero(np.diff(np.r_[False, meets, False].astype(np.int8)))
    return [line[begin : end + 1] for begin, end in turns.reshape(-1, 2)]
