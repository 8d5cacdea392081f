"""Outlines as rings of whole numbers on the storage grid; nothing is lost on the way."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, IntArray
from gridmgmt.geometry.measure import GRID_PER_DEGREE, polygon_parts

# (n, 2) whole numbers, lon and lat in steps of the storage grid; the first is not repeated.
Ring: TypeAlias = NDArray[np.int64]
# Any vertices in their order.
Path: TypeAlias = NDArray[np.int64]
# The rings of each part, the outer one first.
Outline: TypeAlias = tuple[tuple[Ring, ...], ...]


def whole(lonlat: Iterable[object] | NDArray[np.float64]) -> IntArray:
    """Return degrees as whole steps of the storage grid.

    Examples
    --------
    >>> whole([[120.123456789, 30.0]]).tolist()
    [[12012345679, 3000000000]]
    """
    given = np.asarray(lonlat, dtype=np.float64)
    return np.rint(given * GRID_PER_DEGREE).astype(np.int64)


def degrees(steps: IntArray) -> NDArray[np.float64]:
    """Return whole steps as degrees, the very numbers that are stored.

    Examples
    --------
    >>> degrees(whole([[120.12345679, -0.0]])).tolist()
    [[120.12345679, 0.0]]
    """
    lonlat: NDArray[np.float64] = steps / GRID_PER_DEGREE
    return lonlat


def outline_of(geom: BaseGeometry | None) -> Outline:
    """Return the rings of a polygon or multipolygon on the storage grid; () for None.

    Examples
    --------
    >>> [[len(ring) for ring in part] for part in outline_of(shapely.box(0, 0, 1, 1))]
    [[4]]
    """
    return tuple(
        tuple(_ring(one) for one in (part.exterior, *part.interiors))
        for part in polygon_parts(geom)
    )


def shape_of(outline: Outline) -> shapely.MultiPolygon:
    """Return the multipolygon of an outline, vertex for vertex.

    Examples
    --------
    >>> square = shapely.multipolygons([shapely.box(0, 0, 1, 1)])
    >>> shapely.to_wkb(shape_of(outline_of(square))) == shapely.to_wkb(square)
    True
    """
    parts = [
        shapely.Polygon(_closed(rings[0]), [_closed(one) for one in rings[1:]])
        for rings in outline
    ]
    return shapely.MultiPolygon(parts)


def same_outline(one: Outline, other: Outline) -> bool:
    """Return whether two outlines have the same vertices in the same order."""
    rings, others = rings_of(one), rings_of(other)
    return [len(part) for part in one] == [len(part) for part in other] and all(
        np.array_equal(ring, another) for ring, another in zip(rings, others, strict=True)
    )


def rings_of(outline: Outline) -> list[Ring]:
    """Return all rings, part by part."""
    return [ring for rings in outline for ring in rings]


def flat_steps(ring: Ring, corner: tuple[int, int]) -> list[int]:
    """Return a ring as x, y, dx, dy, dx, dy …: the first from a corner, others from before it.

    Examples
    --------
    >>> flat_steps(np.array([[5, 7], [9, 7], [9, 8]]), (5, 5))
    [0, 2, 4, 0, 0, 1]
    """
    steps: list[int] = np.diff(ring, axis=0, prepend=[corner]).ravel().tolist()
    return steps


def lines_of(paths: Iterable[Path]) -> GeometryArray:
    """Return paths of two vertices and more as lines in degrees."""
    return np.array([shapely.LineString(degrees(one)) for one in paths], dtype=object)


def edge_lines(edges: IntArray) -> GeometryArray:
    """Return edges (k, 4) as lines in degrees."""
    ends = degrees(edges).reshape(-1, 2, 2)
    return np.atleast_1d(np.asarray(shapely.linestrings(ends), dtype=object))


def _ring(ring: shapely.LinearRing) -> Ring:
    return whole(shapely.get_coordinates(ring)[:-1])


def _closed(ring: Ring) -> NDArray[np.float64]:
    return degrees(np.concatenate([ring, ring[:1]]))
