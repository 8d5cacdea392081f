"""Lines of equal value of a grid, and the polygons between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import scipy
import shapely
from contourpy import FillType, LineType, contour_generator
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import FloatArray, objects
from gridmgmt.geometry.measure import polygon_parts


class Bounds(NamedTuple):
    """The outer edges of a grid, degrees."""

    west: float
    south: float
    east: float
    north: float


class Band(NamedTuple):
    """Where values are above ``lower`` and at most ``upper``; None: without such an end."""

    lower: float | None
    upper: float | None
    shape: shapely.MultiPolygon


class Contour(NamedTuple):
    """Where values are ``value``."""

    value: float
    shape: shapely.MultiLineString


def contour_lines(
    values: FloatArray, bounds: Bounds, breaks: Sequence[float], outline: BaseGeometry
) -> list[Contour]:
    """Return the contours of a grid inside an outline, in the order of ``breaks``.

    Between the middles of pixels values are interpolated; towards the outline they stay those
    of the nearest pixel.

    Parameters
    ----------
    values : (rows, columns), the first row in the north; NaN where there is none
    breaks : ascending
    outline : polygon or multipolygon, in the coordinates of the bounds

    Returns
    -------
    empty for a grid of NaN only; a break that no value crosses has no contour

    Examples
    --------
    >>> grid = np.tile(np.arange(10.0), (4, 1))
    >>> [line] = contour_lines(grid, Bounds(0, 0, 10, 4), [4.0, 20.0], shapely.box(0, 0, 10, 4))
    >>> line.value, line.shape.bounds
    (4.0, (4.5, 0.0, 4.5, 4.0))
    """
    surface = _surface(values, bounds)
    if surface is None:
        return []
    found = []
    for value in breaks:
        lines = shapely.MultiLineString(list(surface.lines(value)))
        inside = shapely.line_merge(shapely.intersection(lines, outline))
        parts = shapely.get_parts(inside)
        parts = parts[shapely.get_dimensions(parts) == 1]
        if len(parts):
            found.append(Contour(value, shapely.multilinestrings(parts)))
    return found


def contour_bands(
    values: FloatArray, bounds: Bounds, breaks: Sequence[float], outline: BaseGeometry
) -> list[Band]:
    """Return the polygons between contours inside an outline; together they cover it.

    Parameters are those of ``contour_lines``; without breaks there is one band.

    Examples
    --------
    >>> grid = np.tile(np.arange(10.0), (4, 1))
    >>> bands = contour_bands(grid, Bounds(0, 0, 10, 4), [4.0], shapely.box(0, 0, 10, 4))
    >>> [(one.lower, one.upper, one.shape.area) for one in bands]
    [(None, 4.0, 18.0), (4.0, None, 22.0)]
    """
    surface = _surface(values, bounds)
    if surface is None:
        return []
    limits = [-np.inf, *breaks, np.inf]
    found = []
    for lower, upper in pairwise(limits):
        points, offsets = surface.filled(lower, upper)[:2]
        shapes = [_polygon(*one) for one in zip(points, offsets, strict=True)]
        # A peak that just reaches a limit is a polygon without a size, which is left out.
        valid = shapely.make_valid(objects(shapes), method="structure", keep_collapsed=False)
        parts = polygon_parts(shapely.intersection(shapely.union_all(valid), outline))
        if parts:
            shape = shapely.multipolygons(parts)
            found.append(Band(_end(lower), _end(upper), shape))
    return found


def _end(limit: float) -> float | None:
    return None if np.isinf(limit) else float(limit)


def _polygon(points: FloatArray, offsets: np.ndarray) -> shapely.Polygon:
    shell, *holes = (points[a:b] for a, b in pairwise(offsets))
    return shapely.Polygon(shell, holes)


def _surface(values: FloatArray, bounds: Bounds) -> Any:
    missing = np.isnan(values)
    if missing.all():
        return None
    nearest = scipy.ndimage.distance_transform_edt(
        missing, return_distances=False, return_indices=True
    )
    # One more row and column on each side: the outline reaches beyond the middles of pixels.
    filled = np.pad(values[tuple(nearest)], 1, mode="edge")
    rows, columns = values.shape
    width = (bounds.east - bounds.west) / columns
    height = (bounds.north - bounds.south) / rows
    return contour_generator(
        x=bounds.west + (np.arange(-1, columns + 1) + 0.5) * width,
        y=bounds.north - (np.arange(-1, rows + 1) + 0.5) * height,
        z=filled,
        line_type=LineType.Separate,
        fill_type=FillType.OuterOffset,
    )
