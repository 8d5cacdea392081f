"""Give the borders of a level the vertices of those below it where both run together.

Streets and communities were often drawn apart from their cells: the same border, other
vertices, a hair of ground between. Only along the borders that an edit touches does the upper
border take the lower's vertices; everything else of it stays as it is.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import Ring
from gridmgmt.geometry.editing.rings import (
    Vertex,
    edges_of,
    is_in,
    linked,
    mapped,
    turned_upwards,
    vertex,
    with_moved,
)

# Places on a ring are the same up to this, metres: much less than a step of the grid.
_SAME_M = 1e-6
# A line that comes to a border at a small angle is near it over several times the distance.
_CROSSING = 4.0


def aligned(state: EditState, level: str, edges: IntArray, border_m: float) -> EditState:
    """Return the state with the areas of a level taking the vertices of edges they run along.

    A border runs along an edge if between its two points nearest to the ends of the edge it
    stays within a distance of it. Its vertices there, and those within the distance of the
    ends, become those of the edge, for every area of the level. An edge that a border has
    already changes nothing, and one that only crosses it does not run along.

    Parameters
    ----------
    edges : (e, 4) whole steps, from and to
    border_m : the largest distance between lines that are one border, metres
    """
    if not len(edges):
        return state
    plane = LocalMetres(edges[0, :2])
    margin = plane.margin(border_m)
    corners = edges.reshape(-1, 2)
    box = np.concatenate([corners.min(axis=0) - margin, corners.max(axis=0) + margin])
    areas = state.near(level, box)
    follower = _Follower(plane, edges, border_m)
    found = [mapped(area.outline, follower.aligned_ring) for area in areas]
    # Where borders of others end in a vertex that was replaced, they end in the new one.
    made = [with_moved(outline, follower.replaced) for outline in found]
    return state.having(
        area.with_outline(outline)
        for area, outline in zip(areas, made, strict=True)
        if outline is not area.outline
    )


@dataclass(frozen=True)
class _Along:
    """Edges that a ring runs along, turned to its direction: where each begins and how far."""

    edges: IntArray
    starts: FloatArray
    lengths: FloatArray


class _Follower:
    """Rings that follow edges; ``replaced`` are vertices they gave up for one of an edge."""

    def __init__(self, plane: LocalMetres, edges: IntArray, border_m: float) -> None:
        self._plane = plane
        self._edges = edges
        self._border_m = border_m
        self.replaced: dict[Vertex, Vertex] = {}

    def aligned_ring(self, ring: Ring) -> Ring:
        """Return a ring with the vertices of the edges it runs along, or the ring itself."""
        metres = self._plane.of(ring)
        line = shapely.LinearRing(metres)
        measures = np.r_[0.0, np.cumsum(np.hypot(*(np.roll(metres, -1, 0) - metres).T))]
        along = self._along(ring, metres, line, measures)
        if not len(along.edges):
            return ring
        given, places = self._vertices(along, measures[-1])
        stays = self._stays(metres, measures, along, given)
        self._note_replaced(ring[~stays], given)
        vertices = np.concatenate([ring[stays], given])
        at = np.concatenate([measures[:-1][stays], places])
        made = vertices[np.argsort(at, kind="stable")]
        return ring if np.array_equal(made, ring) else made

    def _along(
        self, ring: Ring, metres: FloatArray, line: shapely.LinearRing, measures: FloatArray
    ) -> _Along:
        ends = self._plane.of(self._edges.reshape(-1, 2))
        points = shapely.points(ends)
        near = (shapely.distance(points, line) <= self._border_m).reshape(-1, 2).all(axis=1)
        has = is_in(turned_upwards(self._edges), turned_upwards(edges_of(ring)))
        other = near & ~has
        rows = np.flatnonzero(other & ~self._crossing(other, np.logical_not(near)))
        at = shapely.line_locate_point(line, points).reshape(-1, 2)[rows]
        whole = measures[-1]
        forward = (at[:, 1] - at[:, 0]) % whole
        turned = forward > whole / 2
        start = np.where(turned, at[:, 1], at[:, 0]) % whole
        length = np.where(turned, whole - forward, forward)
        edges = self._edges[rows]
        edges = np.where(turned[:, None], edges[:, [2, 3, 0, 1]], edges)
        keep = np.array(
            [
                self._stays_by(metres, measures, begin, far, edge)
                for begin, far, edge in zip(start, length, edges, strict=True)
            ],
            dtype=np.bool_,
        )
        return _Along(edges[keep], start[keep], length[keep])

    def _crossing(self, near: BoolArray, leading_on: BoolArray) -> BoolArray:
        """Return which of the edges near a ring are of a line that leads to it and ends there.

        Its last edges may be shorter than the distance, and are near then from end to end.
        """
        if not (near.any() and leading_on.any()):
            return np.zeros(len(near), dtype=np.bool_)
        places, ends = np.unique(self._edges.reshape(-1, 2), axis=0, return_inverse=True)
        ends = ends.reshape(-1, 2)
        run_of = linked(len(places), ends[near])
        run = run_of[ends[:, 0]]
        metres = self._plane.of(self._edges[:, 2:]) - self._plane.of(self._edges[:, :2])
        far_m = np.bincount(run[near], np.hypot(*metres[near].T), minlength=run_of.max() + 1)
        leads_on = np.zeros(len(far_m), dtype=np.bool_)
        leads_on[run_of[ends[leading_on]]] = True
        crossing: BoolArray = near & leads_on[run] & (far_m[run] <= _CROSSING * self._border_m)
        return crossing

    def _stays_by(
        self,
        metres: FloatArray,
        measures: FloatArray,
        begin: float,
        far: float,
        edge: IntArray,
    ) -> bool:
        """Return whether a ring stays by an edge between the points nearest to its ends."""
        segment = self._plane.of(edge.reshape(2, 2))
        between = (measures[:-1] - begin) % measures[-1] <= far
        if not between.any():
            return True
        distances = shapely.distance(
            shapely.points(metres[between]), shapely.LineString(segment)
        )
        return bool((distances <= self._border_m).all())

    def _vertices(self, along: _Along, around: float) -> tuple[IntArray, FloatArray]:
        """Return the vertices of edges, each once, with their places on the ring."""
        vertices = along.edges.reshape(-1, 2)
        places = np.column_stack([along.starts, along.starts + along.lengths]).ravel()
        # Where the ring closes it begins: it keeps its first vertex.
        places = np.where(places > around - _SAME_M, places - around, places)
        given, first = np.unique(vertices, axis=0, return_index=True)
        return given, places[first]

    def _stays(
        self, metres: FloatArray, measures: FloatArray, along: _Along, given: IntArray
    ) -> BoolArray:
        stays = np.ones(len(metres), dtype=np.bool_)
        for begin, far in zip(along.starts, along.lengths, strict=True):
            stays &= (measures[:-1] - begin) % measures[-1] > far
        points = shapely.points(metres)
        ends = shapely.MultiPoint(self._plane.of(given))
        stays &= shapely.distance(points, ends) > self._border_m
        return stays

    def _note_replaced(self, gone: IntArray, given: IntArray) -> None:
        if not len(gone):
            return
        far = self._plane.of(gone)[:, None, :] - self._plane.of(given)[None, :, :]
        distances = np.hypot(far[..., 0], far[..., 1])
        nearest = distances.argmin(axis=1)
        for row, to in enumerate(nearest):
            if 0 < distances[row, to] <= self._border_m:
                self.replaced[vertex(gone[row])] = vertex(given[to])
