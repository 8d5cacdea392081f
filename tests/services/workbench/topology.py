"""A topology of PostGIS (ISO SQL/MM), in which areas are edited a second time, by others' code.

Coordinates are whole steps of the storage grid from an origin, which PostGIS holds exactly, so
its faces can be compared with the areas of a draft vertex by vertex. It knows no areas: those
of a draft are its faces, found by a place in them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

Place = tuple[int, int]
Path = list[Place]


@dataclass(frozen=True)
class Edge:
    """An edge between two nodes, from the first vertex to the last."""

    number: int
    begin: int
    end: int
    path: Path


class NotComparableError(Exception):
    """What the draft can do and these functions cannot express, or not in the same way."""


class Topology:
    """The faces of a coverage; ``beside`` is how near a vertex is taken for a crossing."""

    def __init__(self, conn: Connection, areas: Iterable[shapely.Geometry], beside: float):
        self._conn = conn
        self._beside = beside
        self._run("SELECT topology.CreateTopology('drawn', 0, 0)")
        borders = shapely.to_wkb(shapely.GeometryCollection(list(areas)))
        self._run(
            "SELECT topology.ST_CreateTopoGeo('drawn', ST_GeomFromWKB(:wkb))", wkb=borders
        )

    def faces(self) -> set[bytes]:
        """Return every face, gaps as well, in a form that depends on its vertices alone."""
        rows = self._run(
            "SELECT ST_AsBinary(topology.ST_GetFaceGeometry('drawn', face_id))"
            " FROM drawn.face WHERE face_id > 0"
        )
        return {comparable(shapely.from_wkb(bytes(row[0]))) for row in rows}

    def move_vertex(self, at: Place, to: Place) -> None:
        """Move a vertex: one within an edge by the edge, a node by the edges that end there."""
        for edge in self._edges_at(at):
            if at in edge.path[1:-1]:
                self._change(edge, [to if one == at else one for one in edge.path])
                return
        self._move_node(at, to)

    def reshape(self, old: Path, new: Path) -> None:
        """Redraw a stretch that lies within one edge."""
        for edge in self._edges_at(old[0]):
            for path, drawn in ((old, new), (old[::-1], new[::-1])):
                for row in range(len(edge.path) - len(path) + 1):
                    if edge.path[row : row + len(path)] == path:
                        rest = edge.path[row + len(path) :]
                        self._change(edge, [*edge.path[:row], *drawn, *rest])
                        return
        raise NotComparableError("the stretch is of several edges")

    def split(self, inside: Place, line: Sequence[Place]) -> None:
        """Split the face around a place by a line that begins and ends outside of it."""
        face = self._face(inside)
        drawn = shapely.to_wkb(shapely.LineString(line))
        stretches = self._run(
            "SELECT ST_AsBinary((ST_Dump(ST_Intersection(ST_GeomFromWKB(:line),"
            " topology.ST_GetFaceGeometry('drawn', :face)))).geom)",
            line=drawn,
            face=face,
        )
        cuts = []
        for (wkb,) in stretches:
            stretch = shapely.from_wkb(bytes(wkb))
            if stretch.geom_type != "LineString":
                raise NotComparableError("the line touches a border")
            places = [_rounded(one) for one in stretch.coords]
            if places[0] == places[-1]:
                raise NotComparableError("the line cuts off less than a step")
            cuts.append(places)
        # All nodes first: an edge may be crossed several times.
        for cut in cuts:
            for place in (cut[0], cut[-1]):
                self._put_node(place)
        for cut in cuts:
            self._add(cut)

    def merge(self, one: Place, other: Place) -> None:
        """Merge the faces around two places by removing every edge between them."""
        faces = {self._face(one), self._face(other)}
        if len(faces) < 2:
            raise NotComparableError("both places lie in one face")
        first, second = faces
        between = self._run(
            "SELECT edge_id FROM drawn.edge_data WHERE (left_face, right_face) IN"
            " ((:first, :second), (:second, :first))",
            first=first,
            second=second,
        )
        for (number,) in between:
            self._run("SELECT topology.ST_RemEdgeModFace('drawn', :edge)", edge=number)
        # A node without an edge is a place of its own to PostGIS, which no edge may sweep over.
        self._run(
            "SELECT topology.ST_RemIsoNode('drawn', node_id) FROM drawn.node"
            " WHERE containing_face IS NOT NULL"
        )

    def _move_node(self, at: Place, to: Place) -> None:
        """Take a node out and put it in elsewhere: there is no function for it."""
        edges = [_from(edge, at) for edge in self._edges_at(at)]
        if len(edges) < 2 or any(edge.begin == edge.end for edge in edges):
            raise NotComparableError("an island hangs on the node")
        kept, others = edges[:2], edges[2:]
        if kept[0].end == kept[1].end:
            kept, others = [edges[0], edges[-1]], edges[1:-1]
        for edge in others:
            self._run("SELECT topology.ST_RemEdgeModFace('drawn', :edge)", edge=edge.number)
        self._run(
            "SELECT topology.ST_ModEdgeHeal('drawn', :one, :other)",
            one=kept[0].number,
            other=kept[1].number,
        )
        [healed] = [edge for edge in self._edges_at(at) if at in edge.path[1:-1]]
        self._change(healed, [to if one == at else one for one in healed.path])
        self._split_edge(healed.number, to)
        for edge in others:
            self._add([to, *edge.path[1:]])

    def _put_node(self, place: Place) -> None:
        if self._node(place) is not None:
            return
        edge, row = self._nearest(place)
        near = [one for one in edge.path if np.hypot(*np.subtract(one, place)) <= self._beside]
        if near:
            raise NotComparableError("a crossing is drawn to a vertex beside it")
        self._change(edge, [*edge.path[:row], place, *edge.path[row:]])
        self._split_edge(edge.number, place)

    def _nearest(self, place: Place) -> tuple[Edge, int]:
        """Return the edge nearest to a place, and the row of its path to insert it before."""
        [row] = self._run(
            "SELECT edge_id, start_node, end_node, ST_AsBinary(geom) FROM drawn.edge_data"
            " ORDER BY ST_Distance(geom, ST_MakePoint(:x, :y)) LIMIT 1",
            x=place[0],
            y=place[1],
        )
        edge = _edge(row)
        point = shapely.Point(place)
        far = [shapely.LineString(pair).distance(point) for pair in pairwise(edge.path)]
        return edge, int(np.argmin(far)) + 1

    def _split_edge(self, number: int, place: Place) -> None:
        self._run(
            "SELECT topology.ST_ModEdgeSplit('drawn', :edge, ST_MakePoint(:x, :y))",
            edge=number,
            x=place[0],
            y=place[1],
        )

    def _change(self, edge: Edge, path: Path) -> None:
        self._run(
            "SELECT topology.ST_ChangeEdgeGeom('drawn', :edge, ST_GeomFromWKB(:path))",
            edge=edge.number,
            path=shapely.to_wkb(shapely.LineString(path)),
        )

    def _add(self, path: Path) -> None:
        self._run(
            "SELECT topology.ST_AddEdgeModFace('drawn', :begin, :end, ST_GeomFromWKB(:path))",
            begin=self._node(path[0]),
            end=self._node(path[-1]),
            path=shapely.to_wkb(shapely.LineString(path)),
        )

    def _node(self, place: Place) -> int | None:
        rows = self._run(
            "SELECT node_id FROM drawn.node WHERE geom && ST_MakePoint(:x, :y)",
            x=place[0],
            y=place[1],
        )
        return rows[0][0] if rows else None

    def _face(self, inside: Place) -> int:
        [[face]] = self._run(
            "SELECT topology.GetFaceByPoint('drawn', ST_MakePoint(:x, :y), 0)",
            x=inside[0],
            y=inside[1],
        )
        return int(face)

    def _edges_at(self, place: Place) -> list[Edge]:
        rows = self._run(
            "SELECT edge_id, start_node, end_node, ST_AsBinary(geom) FROM drawn.edge_data"
            " WHERE ST_Intersects(geom, ST_MakePoint(:x, :y)) ORDER BY edge_id",
            x=place[0],
            y=place[1],
        )
        return [edge for edge in map(_edge, rows) if place in edge.path]

    def _run(self, words: str, **given: object) -> Sequence[Row[Any]]:
        return self._conn.execute(sa.text(words), given).all()


def comparable(polygon: shapely.Polygon) -> bytes:
    """Return a polygon's vertices in a form that does not depend on where rings begin."""
    return bytes(shapely.to_wkb(shapely.normalize(polygon)))


def _edge(row: Row[Any]) -> Edge:
    number, begin, end, wkb = row
    return Edge(
        number, begin, end, [_rounded(one) for one in shapely.from_wkb(bytes(wkb)).coords]
    )


def _from(edge: Edge, place: Place) -> Edge:
    """Return an edge so that it begins at a place that is one of its ends."""
    if edge.path[0] == place:
        return edge
    return Edge(edge.number, edge.end, edge.begin, edge.path[::-1])


def _rounded(place: Iterable[float]) -> Place:
    x, y = place
    return round(x), round(y)
