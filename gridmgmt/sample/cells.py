"""Cells: blocks between main roads, cut again and again until they are about 10,000 m²."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from gridmgmt.arrays import BoolArray, GeometryArray, IntArray, ObjectArray
from gridmgmt.sample.plan import CityPlan
from gridmgmt.sample.roads import OLD_TOWN, Network, RoadClass

NODE_GRID_M = 0.01
# A block is cut by a secondary road while it is larger than the first, by a lane while larger
# than the second; smaller pieces are divided along walls and hedges.
SECONDARY_OVER_M2, LANE_OVER_M2 = 110_000.0, 42_000.0
LONGEST_EDGE_M = 28.0


@dataclass(frozen=True)
class Faces:
    """Cells on the drawing board and the borders between them.

    ``block`` numbers the block a cell lies in, ``wet`` says that it is half of the river;
    ``edge_source`` numbers the line an edge comes from: first the network's lines, then cuts.
    """

    polygons: GeometryArray
    block: IntArray
    blocks: ObjectArray
    wet: BoolArray
    edges: ObjectArray
    edge_class: IntArray
    edge_source: IntArray
    sources: tuple[BaseGeometry, ...]


def cut_cells(plan: CityPlan, network: Network) -> Faces:
    """Cut a network's blocks into cells that share every vertex with their neighbours."""
    rng = plan.rng("cells")
    blocks = _blocks(network)
    sources = list(network.lines)
    classes = [int(kind) for kind in network.classes]
    for block in blocks:
        for line, kind in _cuts(block, _target_m2(plan, block), rng):
            sources.append(line)
            classes.append(int(kind))
    borders = [*(block.boundary for block in blocks), *sources[len(network.lines) :]]
    noded = shapely.union_all(np.array(borders, dtype=object), grid_size=NODE_GRID_M)
    edges = shapely.segmentize(shapely.get_parts(shapely.line_merge(noded)), LONGEST_EDGE_M)
    polygons = shapely.get_parts(shapely.polygonize(edges))
    block_of = _covering(blocks, polygons)
    wet = shapely.contains(network.water.buffer(1.0), shapely.point_on_surface(polygons))
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    source = shapely.STRtree(sources).query_nearest(middle, all_matches=False)[1]
    return Faces(
        polygons=polygons,
        block=block_of,
        blocks=np.array(blocks, dtype=object),
        wet=wet,
        edges=edges,
        edge_class=np.array(classes, dtype=np.int64)[source],
        edge_source=source.astype(np.int64),
        sources=tuple(sources),
    )


def _target_m2(plan: CityPlan, block: Polygon) -> float:
    """Return the size of cells in a block: small in the old town, large towards the edge."""
    middle = block.centroid
    x, y = middle.x / plan.width_m - OLD_TOWN[0], middle.y / plan.height_m - OLD_TOWN[1]
    return plan.cell_m2 * (0.66 + 0.56 * min(1.0, float(np.hypot(x, y)) / 0.6))


def _blocks(network: Network) -> list[Polygon]:
    """Return the faces between main roads; crumbs at the outline join a neighbour."""
    noded = shapely.union_all(np.array(network.lines, dtype=object), grid_size=NODE_GRID_M)
    faces = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    kinds = [_kind(face, network) for face in faces]
    while True:
        order = sorted(range(len(faces)), key=lambda i: float(faces[i].area))
        crumb = next((i for i in order if _is_crumb(faces[i], kinds[i][0], network)), None)
        home = None if crumb is None else _longest_neighbour(faces, crumb, kinds)
        if crumb is None or home is None:
            return faces
        faces[home] = shapely.union_all([faces[home], faces[crumb]], grid_size=NODE_GRID_M)
        del faces[crumb], kinds[crumb]


def _kind(face: Polygon, network: Network) -> tuple[bool, bool]:
    """Return whether a face is dry land, and whether it is south of the river's middle."""
    inside = face.point_on_surface()
    course = shapely.get_coordinates(network.river)
    south = inside.y < float(np.interp(inside.x, course[:, 0], course[:, 1]))
    return not network.water.buffer(1.0).contains(inside), south


def _is_crumb(face: Polygon, dry: bool, network: Network) -> bool:
    at_edge = face.distance(network.outline.exterior) < 1.0
    return bool(face.area < (60_000.0 if at_edge and dry else 5_000.0))


def _longest_neighbour(
    faces: list[Polygon], crumb: int, kinds: list[tuple[bool, bool]]
) -> int | None:
    """Return the face of the same kind that shares the longest border with a crumb."""
    best, longest = None, 1.0
    for i, face in enumerate(faces):
        if i != crumb and kinds[i] == kinds[crumb]:
            shared = float(face.boundary.intersection(faces[crumb].boundary).length)
            if shared > longest:
                best, longest = i, shared
    return best


def _cuts(
    block: Polygon, target_m2: float, rng: np.random.Generator
) -> list[tuple[BaseGeometry, RoadClass]]:
    """Cut a block across its longer side until every piece is near the target."""
    found: list[tuple[BaseGeometry, RoadClass]] = []
    waiting = [block]
    while waiting:
        piece = waiting.pop()
        if piece.area < target_m2 * rng.uniform(1.22, 1.72):
            continue
        line = _cut_line(piece, rng)
        parts = [part for part in split(piece, line).geoms if part.area > 1.0]
        if len(parts) < 2:
            continue
        kind = RoadClass.PARCEL
        if piece.area > SECONDARY_OVER_M2:
            kind = RoadClass.SECONDARY
        elif piece.area > LANE_OVER_M2:
            kind = RoadClass.LANE
        within = shapely.intersection(line, piece)
        found += [(part, kind) for part in shapely.get_parts(within) if part.length > 1.0]
        waiting += [part for part in parts if isinstance(part, Polygon)]
    return found


def _cut_line(piece: Polygon, rng: np.random.Generator) -> LineString:
    """Draw a line with a slight knee across the longer side of a piece."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(piece))[:4]
    if np.hypot(*(corners[1] - corners[0])) < np.hypot(*(corners[2] - corners[1])):
        corners = np.roll(corners, -1, axis=0)
    share = rng.uniform(0.42, 0.58) + rng.uniform(-0.045, 0.045, 2)
    start = corners[0] + (corners[1] - corners[0]) * share[0]
    end = corners[3] + (corners[2] - corners[3]) * share[1]
    along = end - start
    knee = start + along * rng.uniform(0.35, 0.65)
    knee = knee + np.array([-along[1], along[0]]) * rng.uniform(-0.035, 0.035)
    return LineString([start - along * 0.2, knee, end + along * 0.2])


def _covering(blocks: list[Polygon], polygons: GeometryArray) -> IntArray:
    points = shapely.point_on_surface(polygons)
    point, block = shapely.STRtree(blocks).query(points, predicate="intersects")
    answer = np.full(len(polygons), -1, dtype=np.int64)
    answer[point] = block
    return answer
