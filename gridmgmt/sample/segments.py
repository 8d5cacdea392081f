"""Road segments: main and riverside roads between two crossings, exactly on cell borders."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, ObjectArray
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.cells import Faces
from gridmgmt.sample.names import place_names
from gridmgmt.sample.plan import SYNTHETIC, CityPlan
from gridmgmt.sample.plane import ground_geometries, place_on_globe
from gridmgmt.sample.roads import Network, RoadClass

_TOLERANCE_M = {RoadClass.MAIN: 22.0, RoadClass.RING: 20.0, RoadClass.RIVERSIDE: 15.0}
_STUB_M = 60.0
_SUFFIX = {
    RoadClass.MAIN: "大道",
    RoadClass.RING: "环路",
    RoadClass.RIVERSIDE: "滨河路",
    RoadClass.SECONDARY: "路",
    RoadClass.LANE: "巷",
}


@dataclass(frozen=True)
class RoadSegments:
    """Stretches of road somebody answers for; ``geoms`` in degrees, ``ground`` in metres."""

    codes: ObjectArray
    names: ObjectArray
    tolerance_m: FloatArray
    geoms: GeometryArray
    ground: GeometryArray


@dataclass(frozen=True)
class Roadside:
    """Every border of cells that a road or a wall runs along.

    ``edge`` holds positions in the faces' edges, ``source`` the line of the plan each belongs
    to; ``geoms`` are in degrees, ``ground`` in metres.
    """

    edge: IntArray
    source: IntArray
    classes: IntArray
    names: ObjectArray
    geoms: GeometryArray
    ground: GeometryArray


def build_roadside(plan: CityPlan, faces: Faces, areas: Areas) -> Roadside:
    """Return the borders that are left after blocks were joined, each with its road's name."""
    geoms = place_on_globe(faces.edges)
    ground = ground_geometries(geoms)
    borders = shapely.STRtree(shapely.boundary(areas.cells.ground))
    middle = shapely.line_interpolate_point(ground, 0.5, normalized=True)
    _, distance = borders.query_nearest(middle, all_matches=False, return_distance=True)
    # A line inside a park is no border any more.
    kept = np.flatnonzero((distance < 0.5) & (faces.edge_class != RoadClass.RIVER))
    source = faces.edge_source[kept]
    names = _road_names(plan, faces)[source]
    return Roadside(kept, source, faces.edge_class[kept], names, geoms[kept], ground[kept])


def _road_names(plan: CityPlan, faces: Faces) -> ObjectArray:
    """Return the road name of each source line; borders of parcels have none."""
    kinds = np.full(len(faces.sources), int(RoadClass.PARCEL))
    kinds[faces.edge_source] = faces.edge_class
    pool = place_names(plan.rng("road names"), 500)
    names = np.full(len(kinds), "", dtype=object)
    for i, kind in enumerate(kinds):
        if kind in _SUFFIX:
            names[i] = pool[i % len(pool)] + _SUFFIX[RoadClass(kind)]
    return names


def build_segments(network: Network, faces: Faces, roadside: Roadside) -> RoadSegments:
    """Cut the wide roads at their crossings with main roads; leave out stubs in junctions."""
    codes, names, tolerances, stretches = [], [], [], []
    for line, kind in enumerate(network.classes):
        mine = np.flatnonzero(roadside.source == line)
        if kind not in _TOLERANCE_M or not len(mine):
            continue
        parts = _stretches(network, line, faces, roadside, mine)
        for seq, part in enumerate(parts, start=1):
            codes.append(f"R{line + 1:02d}{seq:02d}")
            names.append(f"{roadside.names[mine[0]]}第{seq}段{SYNTHETIC}")
            tolerances.append(_TOLERANCE_M[kind])
            stretches.append(part)
    geoms = np.array(stretches, dtype=object)
    return RoadSegments(
        np.array(codes, dtype=object),
        np.array(names, dtype=object),
        np.array(tolerances, dtype=np.float64),
        geoms,
        ground_geometries(geoms),
    )


def _stretches(
    network: Network,
    line: int,
    faces: Faces,
    roadside: Roadside,
    mine: IntArray,
) -> list[shapely.LineString]:
    """Return a road's stretches in order, in degrees."""
    piece = _piece_numbers(network, line, faces.edges[roadside.edge[mine]])
    found: list[shapely.LineString] = []
    for number in np.unique(piece):
        merged = shapely.line_merge(shapely.union_all(roadside.geoms[mine[piece == number]]))
        parts = shapely.get_parts(merged)
        long = shapely.length(ground_geometries(parts)) > _STUB_M
        found += list(parts[long])
    return found


def _piece_numbers(network: Network, line: int, edges: GeometryArray) -> IntArray:
    """Return for each edge of a road the number of its stretch between crossings."""
    source = np.array(network.lines[line], dtype=object)
    others = [
        other
        for i, other in enumerate(network.lines)
        if i != line and network.classes[i] == RoadClass.MAIN
    ]
    crossings = shapely.get_parts(shapely.intersection(source, np.array(others, dtype=object)))
    points = crossings[shapely.get_type_id(crossings) == 0]
    cuts = np.sort(shapely.line_locate_point(source, points))
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    return np.asarray(np.searchsorted(cuts, shapely.line_locate_point(source, middle)))
