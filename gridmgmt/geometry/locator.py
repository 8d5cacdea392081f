"""The index that answers where points lie: prepared polygons and a tree of border edges."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.geometry.arrays import FloatArray, GeometryArray, IntArray, ObjectArray, objects
from gridmgmt.geometry.measure import metres_per_degree


@dataclass(frozen=True, eq=False)
class Edges:
    """Every piece of border between two vertices; a shared border is there once per side.

    ``start`` and ``end`` are (e, 2) lon/lat, ``cell`` the position of the owner. ``tree``
    indexes them with longitudes times ``lon_scale``, so that its nearest is about the nearest
    in metres too.
    """

    start: FloatArray
    end: FloatArray
    cell: IntArray
    lon_scale: float
    tree: shapely.STRtree


@dataclass(frozen=True, eq=False)
class Locator:
    """Cells ready to be asked which of them covers a point.

    ``codes`` are ascending by code point, so that the smallest position has the smallest code.
    """

    codes: ObjectArray
    geoms: GeometryArray
    tree: shapely.STRtree
    edges: Edges


def build_locator(codes: Sequence[str] | ObjectArray, geoms: Sequence[object]) -> Locator:
    """Index cells for `locate`.

    Parameters
    ----------
    codes : (k,) text
    geoms : (k,) polygons or multipolygons in lon/lat, on the storage grid if answers are to
        equal those of the database; None and empty ones are never an answer. They may overlap.

    Examples
    --------
    >>> build_locator(["B", "A"], [shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)]).codes
    array(['A', 'B'], dtype=object)
    """
    if len(codes) != len(geoms):
        message = f"{len(codes)} codes for {len(geoms)} geometries"
        raise ValueError(message)
    order = sorted(range(len(codes)), key=lambda row: str(codes[row]))
    ordered_codes = objects(str(codes[row]) for row in order)
    ordered = objects(geoms[row] for row in order)
    shapely.prepare(ordered)
    return Locator(ordered_codes, ordered, shapely.STRtree(ordered), _edges(ordered))


def _edges(geoms: GeometryArray) -> Edges:
    parts, cell = shapely.get_parts(geoms, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    # Consecutive vertices of one ring make an edge; the last one of a ring starts none.
    within = np.flatnonzero(ring[:-1] == ring[1:])
    start, end = coords[within], coords[within + 1]
    owner = cell[part[ring[within]]].astype(np.int64)
    m_lon, m_lat = metres_per_degree(np.mean(coords[:, 1]) if len(coords) else 0.0)
    lon_scale = float(m_lon / m_lat)
    pieces = np.stack([start, end], axis=1) * [lon_scale, 1.0]
    lines: GeometryArray = np.asarray(shapely.linestrings(pieces), dtype=object)
    return Edges(start, end, owner, lon_scale, shapely.STRtree(lines))
