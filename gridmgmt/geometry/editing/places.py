"""Find what somebody points at: a vertex, an edge, a stretch between two places of a border."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import Path, Ring, degrees, lines_of, rings_of
from gridmgmt.geometry.editing.redrawing import Redrawing, redrawn
from gridmgmt.geometry.editing.rings import Vertex, edges_of, rows_of, vertex
from gridmgmt.sentence import Sentence

# How far the nearest vertex may be to be named in a message.
_NAMED_M = 100.0


@dataclass(frozen=True)
class _Edge:
    """The edge of a border nearest to a place, and its distance."""

    ends: IntArray
    metres: float


def shown(place: IntArray) -> str:
    """Return a place as longitude and latitude in degrees."""
    lon, lat = degrees(place).tolist()
    return f"{lon:.8f} {lat:.8f}"


def refuse_no_vertex(state: EditState, level: str, place: IntArray) -> None:
    """Raise EditError, naming the nearest vertex, where a level has no vertex at a place."""
    nearest = _nearest_vertex(state, level, place, _NAMED_M)
    if nearest is None:
        raise EditError(
            Sentence(
                "level {} has no border within {} m of {}",
                level,
                f"{_NAMED_M:g}",
                shown(place),
            )
        )
    far, found = nearest
    if far > 0:
        raise EditError(
            Sentence(
                "level {} has no vertex at {}; the nearest is {}, {} m away",
                level,
                shown(place),
                shown(found),
                f"{far:.2f}",
            )
        )


def _nearest_vertex(
    state: EditState, level: str, place: IntArray, within_m: float
) -> tuple[float, IntArray] | None:
    """Return how far the nearest vertex is and where, the smallest of equally near ones."""
    plane = LocalMetres(place)
    found = []
    for ring in rings_near(state, level, place, within_m):
        distances = np.hypot(*plane.of(ring).T)
        least = float(distances.min())
        if least <= within_m:
            found.append((least, *min(ring[distances == least].tolist())))
    if not found:
        return None
    far, lon, lat = min(found)
    return far, np.array([lon, lat], dtype=np.int64)


def rings_near(state: EditState, level: str, place: IntArray, metres: float) -> list[Ring]:
    """Return the rings of areas of a level whose box is within a distance of a place."""
    margin = LocalMetres(place).margin(metres)
    box = np.concatenate([place - margin, place + margin])
    return [ring for area in state.near(level, box) for ring in rings_of(area.outline)]


def neighbours(state: EditState, level: str, places: Path) -> dict[Vertex, set[Vertex]]:
    """Return the vertices next to each of some vertices, along any border of a level."""
    found: dict[Vertex, set[Vertex]] = defaultdict(set)
    box = np.concatenate([places.min(axis=0), places.max(axis=0)])
    wanted = {vertex(one) for one in places}
    for area in state.near(level, box):
        for ring in rings_of(area.outline):
            inside = ((ring >= box[:2]) & (ring <= box[2:])).all(axis=1)
            for row in np.flatnonzero(inside):
                here = vertex(ring[row])
                if here in wanted:
                    found[here].add(vertex(ring[row - 1]))
                    found[here].add(vertex(ring[(row + 1) % len(ring)]))
    return found


def nearest_edge(state: EditState, level: str, place: IntArray, within_m: float) -> _Edge:
    """Return the edge of a level nearest to a place; of equally near ones the smallest.

    Raises
    ------
    EditError
        when none is within the distance
    """
    plane = LocalMetres(place)
    best: tuple[float, list[int]] | None = None
    for ring in rings_near(state, level, place, within_m):
        ends = edges_of(ring)
        lines = shapely.linestrings(plane.of(ends.reshape(-1, 2)).reshape(-1, 2, 2))
        distances = np.atleast_1d(shapely.distance(lines, shapely.Point(0.0, 0.0)))
        row = int(distances.argmin())
        pair = sorted([ends[row, :2].tolist(), ends[row, 2:].tolist()])
        found = (float(distances[row]), [*pair[0], *pair[1]])
        best = found if best is None else min(best, found)
    if best is None or best[0] > within_m:
        raise EditError(
            Sentence(
                "level {} has no border within {} m of {}",
                level,
                f"{within_m:g}",
                shown(place),
            )
        )
    return _Edge(np.array(best[1], dtype=np.int64), best[0])


def with_vertex_at(
    state: EditState, level: str, place: IntArray, *, within_m: float, border_m: float
) -> tuple[EditState, IntArray]:
    """Return a vertex of a border at a place, put in where there is none, with the state.

    The nearest vertex within the distance is taken as it is. Where there is none, the border
    gets one at the place itself if that lies within ``border_m`` of it, else at its point
    nearest to the place.

    Parameters
    ----------
    within_m : how far the border may be

    Raises
    ------
    EditError
        when no border is that near
    """
    known = _nearest_vertex(state, level, place, within_m)
    if known is not None:
        return state, known[1]
    edge = nearest_edge(state, level, place, within_m)
    at = place
    if edge.metres > border_m:
        plane = LocalMetres(place)
        line = shapely.LineString(plane.of(edge.ends.reshape(2, 2)))
        near = line.interpolate(line.project(shapely.Point(0.0, 0.0)))
        at = plane.back(np.array([near.x, near.y]))
    return with_vertex_in(state, level, edge.ends, at, border_m=border_m), at


def with_vertex_in(
    state: EditState, level: str, edge: IntArray, place: IntArray, *, border_m: float
) -> EditState:
    """Put a vertex into an edge of a border, for every area and level that has the edge."""
    one, other = edge[:2], edge[2:]
    wanted = Redrawing(stretches=[(np.array([one, other]), np.array([one, place, other]))])
    return redrawn(state, level, wanted, border_m)


def stretch_between(state: EditState, level: str, line: Path) -> Path:
    """Return the stretch of border between the ends of a line; both must be vertices of it.

    Where there are two, as around an island, it is the one nearer to the line.

    Raises
    ------
    EditError
        when no border runs from one to the other without meeting a third
    """
    begin, end = line[0], line[-1]
    box = np.concatenate([np.minimum(begin, end), np.maximum(begin, end)])
    found = {
        path.tobytes(): path
        for area in state.near(level, box)
        for ring in rings_of(area.outline)
        for path in _both_ways(ring, begin, end)
    }
    drawn = lines_of([line])[0]
    nearest = min(
        found.values(),
        key=lambda path: (shapely.hausdorff_distance(lines_of([path])[0], drawn), len(path)),
        default=None,
    )
    if nearest is None or _meets_third(state, level, nearest):
        raise EditError(
            Sentence(
                "no border of level {} runs from {} to {} without meeting a third: redraw one "
                "border at a time",
                level,
                shown(begin),
                shown(end),
            )
        )
    return nearest


def _both_ways(ring: Ring, begin: IntArray, end: IntArray) -> Iterator[Path]:
    first, last = rows_of(ring, begin), rows_of(ring, end)
    if not len(first) or not len(last) or first[0] == last[0]:
        return
    forward = np.roll(ring, -first[0], axis=0)
    yield forward[: (last[0] - first[0]) % len(ring) + 1]
    backward = np.roll(ring[::-1], first[0] + 1, axis=0)
    yield backward[: (first[0] - last[0]) % len(ring) + 1]


def _meets_third(state: EditState, level: str, path: Path) -> bool:
    inside = path[1:-1]
    if not len(inside):
        return False
    return any(len(beside) > 2 for beside in neighbours(state, level, inside).values())
