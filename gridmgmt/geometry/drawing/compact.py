"""Encode outlines as short lists of integers for the browser."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, objects
from gridmgmt.geometry.measure import polygon_parts

# A ring: dx, dy, dx, dy … The first pair is relative to the origin, every other pair to the
# vertex before it. The last vertex is the first one again.
Ring = list[int]
Polygon = list[Ring]


@dataclass(frozen=True)
class CompactShapes:
    """Polygons in integer units of degrees from an origin: area -> polygons -> rings."""

    origin: tuple[float, float]
    unit: float
    polygons: list[list[Polygon]]


def encode(
    geoms: Sequence[object] | GeometryArray,
    unit: float,
    *,
    origin: tuple[float, float] | None = None,
) -> CompactShapes:
    """Encode polygons in integer units; a vertex moves by half a unit at most.

    Shared borders stay shared, since equal vertices give equal numbers. Holes and further parts
    that shrink to nothing are left out. An area that would vanish becomes a square of one unit,
    so that no area is lost.

    Parameters
    ----------
    geoms : (n,) polygons and multipolygons in lon/lat; None and geometries without a polygon
        give no polygons
    unit : degrees, for example 1e-5 (about a metre)
    origin : that of other shapes with the same unit; None: the south-western corner

    Examples
    --------
    >>> encode([shapely.box(120.0, 30.0, 120.0002, 30.0001)], 1e-5).polygons
    [[[[20, 0, 0, 10, -20, 0, 0, -10, 20, 0]]]]
    """
    array = np.asarray(geoms, dtype=object)
    origin = origin or _corner(array, unit)
    return CompactShapes(origin, unit, [_encoded(geom, origin, unit) for geom in array])


def _corner(array: GeometryArray, unit: float) -> tuple[float, float]:
    bounds = shapely.bounds(array)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    west, south = bounds[:, :2].min(axis=0) if len(bounds) else (0.0, 0.0)
    # The origin is an integer number of units too, so that its text is short.
    digits = round(-np.log10(unit))
    return round(float(west), digits), round(float(south), digits)


def decode(shapes: CompactShapes) -> GeometryArray:
    """Decode polygons to multipolygons in lon/lat; None for an area without polygons.

    Examples
    --------
    >>> decode(CompactShapes((120.0, 30.0), 1e-5, [[[[0, 0, 20, 0, 0, 10, -20, -10]]]]))[0].wkt
    'MULTIPOLYGON (((120 30, 120.0002 30, 120.0002 30.0001, 120 30)))'
    """
    return objects(
        shapely.MultiPolygon(
            [
                shapely.Polygon(
                    _decoded(rings[0], shapes), [_decoded(ring, shapes) for ring in rings[1:]]
                )
                for rings in polygons
            ]
        )
        if polygons
        else None
        for polygons in shapes.polygons
    )


def _decoded(ring: Ring, shapes: CompactShapes) -> FloatArray:
    steps = np.cumsum(np.array(ring, dtype=np.int64).reshape(-1, 2), axis=0)
    lonlat: FloatArray = np.round(np.array(shapes.origin) + steps * shapes.unit, 9)
    return lonlat


def _encoded(
    geom: BaseGeometry | None, origin: tuple[float, float], unit: float
) -> list[Polygon]:
    parts = polygon_parts(geom)
    polygons = []
    for part in parts:
        outline = _ring(shapely.get_coordinates(part.exterior), origin, unit)
        if outline is not None:
            holes = [
                _ring(shapely.get_coordinates(hole), origin, unit) for hole in part.interiors
            ]
            polygons.append([outline, *(hole for hole in holes if hole is not None)])
    if parts and not polygons:
        largest = max(parts, key=shapely.area)
        polygons.append([_square(shapely.get_coordinates(largest), origin, unit)])
    return polygons


def _ring(lonlat: FloatArray, origin: tuple[float, float], unit: float) -> Ring | None:
    """Encode a closed ring; return None if it has no area in integer units."""
    whole: IntArray = np.rint((lonlat - origin) / unit).astype(np.int64)
    moves = np.concatenate([[True], np.any(np.diff(whole, axis=0) != 0, axis=1)])
    whole = whole[moves]
    x, y = whole.T - whole[:1].T
    if len(whole) < 4 or not np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]):
        return None
    return _steps(whole)


def _square(lonlat: FloatArray, origin: tuple[float, float], unit: float) -> Ring:
    x, y = np.floor((lonlat.mean(axis=0) - origin) / unit).astype(np.int64)
    return _steps(np.array([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]))


def _steps(whole: IntArray) -> Ring:
    steps: Ring = np.diff(whole, axis=0, prepend=0).ravel().tolist()
    return steps
