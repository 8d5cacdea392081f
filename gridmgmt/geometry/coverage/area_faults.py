"""Find faults of single areas: of their code, outline or size."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray
from gridmgmt.geometry.coverage.level_areas import (
    MeasuredAreas,
    has_finite_coordinates,
    rows_by,
)
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import area_m2, length_m, metres_per_degree
from gridmgmt.sentence import Sentence

# A part of an area with a smaller mean width, in metres, is probably a mistake.
SLIVER_WIDTH_M = 0.5

# Areas this many times smaller or larger than the level's usual size are listed.
UNUSUAL_FACTOR = 4.0

# No degree of the earth has more metres; measures in degrees are this far off at most.
_MOST_M_PER_DEGREE, _DOUBT = 111_700.0, 0.02


def duplicate_codes(areas: MeasuredAreas) -> Iterator[Problem]:
    """List every code of more than one feature."""
    for code, rows in rows_by(areas.codes).items():
        if len(rows) > 1:
            yield Problem(
                ProblemKind.DUPLICATE_CODE,
                Severity.ERROR,
                areas.level,
                (code,),
                None,
                None,
                _places(areas, rows),
                Sentence("stands {} times", len(rows)),
            )


def empty_geometries(areas: MeasuredAreas) -> Iterator[Problem]:
    """List areas without a polygon: no geometry, an empty one, or only points and lines."""
    empty = shapely.is_missing(areas.geoms) | shapely.is_empty(areas.geoms)
    finite = has_finite_coordinates(areas.given)
    for row in np.flatnonzero(empty):
        given = areas.given[row]
        if given is None or given.is_empty:
            detail, place = Sentence("has no geometry"), None
        elif not finite[row]:
            detail, place = Sentence("has coordinates that are no numbers"), None
        else:
            detail, place = Sentence("encloses no ground, it is a {}", given.geom_type), given
        yield Problem(
            ProblemKind.EMPTY_GEOMETRY,
            Severity.ERROR,
            areas.level,
            (areas.codes[row],),
            None,
            None,
            place,
            detail,
        )


def invalid_rings(areas: MeasuredAreas) -> Iterator[Problem]:
    """List areas whose outline crosses or touches itself, with the place of the fault."""
    for row in np.flatnonzero(~areas.is_valid):
        what, place = outline_fault(areas.given[row])
        yield Problem(
            ProblemKind.INVALID_RING,
            Severity.ERROR,
            areas.level,
            (areas.codes[row],),
            None,
            None,
            place,
            what,
        )


def malformed_codes(areas: MeasuredAreas, pattern: str | None) -> Iterator[Problem]:
    """List codes that the deployment's pattern does not match in full.

    Without a pattern nothing is listed.
    """
    if not pattern:
        return
    rule = re.compile(pattern)
    for code, rows in rows_by(areas.codes).items():
        if not rule.fullmatch(code):
            yield Problem(
                ProblemKind.MALFORMED_CODE,
                Severity.WARNING,
                areas.level,
                (code,),
                None,
                None,
                _places(areas, rows),
                Sentence("the code does not match {}", pattern),
            )


def slivers(areas: MeasuredAreas, tolerance_m2: float) -> Iterator[Problem]:
    """List parts of areas that are very thin or tiny.

    A part is a sliver if its mean width, 2 area / perimeter, is below `SLIVER_WIDTH_M`, or its
    area below the tolerance.
    """
    parts, owner = shapely.get_parts(areas.geoms, return_index=True)
    small = _may_be_slivers(parts, tolerance_m2)
    parts, owner = parts[small], owner[small]
    m2 = area_m2(parts)
    width_m = mean_widths_m(parts, m2)
    for i in np.flatnonzero(is_sliver(width_m, m2, tolerance_m2) & ~shapely.is_empty(parts)):
        yield Problem(
            ProblemKind.SLIVER,
            Severity.WARNING,
            areas.level,
            (areas.codes[owner[i]],),
            float(m2[i]),
            "m2",
            parts[i],
            Sentence("has a part only {} m wide on average", f"{width_m[i]:.2g}"),
        )


def mean_widths_m(parts: GeometryArray, m2: FloatArray) -> FloatArray:
    """Return the mean widths of polygons of known m², in metres; 0 without a perimeter."""
    perimeter_m = length_m(parts)
    return np.divide(2 * m2, perimeter_m, out=np.zeros_like(m2), where=perimeter_m > 0)


def is_sliver(width_m: FloatArray, m2: FloatArray, tolerance_m2: float) -> BoolArray:
    """Return which ground is too thin or too small to be meant by anybody."""
    thin: BoolArray = (width_m < SLIVER_WIDTH_M) | (m2 < tolerance_m2)
    return thin


def _may_be_slivers(parts: GeometryArray, tolerance_m2: float) -> BoolArray:
    """Return which parts may be slivers; all others are neither thin nor tiny for certain."""
    least_m2, _ = _bounds_m2(parts)
    most_m = shapely.length(parts) * _MOST_M_PER_DEGREE * (1 + _DOUBT)
    sound = (least_m2 > tolerance_m2) & (2 * least_m2 > SLIVER_WIDTH_M * most_m)
    return ~sound


def _bounds_m2(geoms: GeometryArray) -> tuple[FloatArray, FloatArray]:
    """Return how many square metres polygons have at least and at most; NaN for None and empty.

    Geodesic measures of a whole city take a second. In degrees they are known at once, and a
    degree has at least and at most so many metres.
    """
    south, north = shapely.bounds(geoms)[:, [1, 3]].T
    far = np.maximum(np.abs(south), np.abs(north))
    near = np.where(south * north < 0, 0.0, np.minimum(np.abs(south), np.abs(north)))
    plane = shapely.area(geoms)
    (least_lon, least_lat), (most_lon, _) = metres_per_degree(far), metres_per_degree(near)
    least: FloatArray = plane * least_lon * least_lat * (1 - _DOUBT)
    most: FloatArray = plane * most_lon * _MOST_M_PER_DEGREE * (1 + _DOUBT)
    return least, most


def unusual_sizes(areas: MeasuredAreas, size_m2: float | None) -> Iterator[Problem]:
    """List in one warning all areas far from the level's usual size.

    Without a usual size nothing is listed.
    """
    if not size_m2:
        return
    least_m2, most_m2 = _bounds_m2(areas.geoms)
    usual = (least_m2 >= size_m2 / UNUSUAL_FACTOR) & (most_m2 <= size_m2 * UNUSUAL_FACTOR)
    if usual.all():
        return
    m2 = areas.area_m2
    odd = (m2 > 0) & ((m2 < size_m2 / UNUSUAL_FACTOR) | (m2 > size_m2 * UNUSUAL_FACTOR))
    rows = [int(row) for row in np.flatnonzero(odd)]
    if not rows:
        return
    detail = Sentence(
        "{} of {} areas are more than {} times smaller or larger than the level's "
        "usual {} m² (the median is {} m²)",
        len(rows),
        len(areas),
        f"{UNUSUAL_FACTOR:g}",
        f"{size_m2:,.0f}",
        f"{np.median(m2[m2 > 0]):,.0f}",
    )
    yield Problem(
        ProblemKind.UNUSUAL_SIZE,
        Severity.WARNING,
        areas.level,
        tuple(sorted(areas.codes[row] for row in rows)),
        None,
        None,
        _places(areas, rows),
        detail,
    )


def outline_fault(geom: BaseGeometry) -> tuple[str, BaseGeometry | None]:
    """Return what is wrong with an invalid outline, and where."""
    # GEOS states the fault and its place: "Self-intersection[120.17 30.31]".
    what, _, where = shapely.is_valid_reason(geom).partition("[")
    place = [float(number) for number in where.rstrip("]").split()[:2]]
    if len(place) < 2 or not np.isfinite(place).all():
        return what.strip(), None
    return f"{what.strip()} at {place[0]:.8f} {place[1]:.8f}", shapely.Point(place)


def _places(areas: MeasuredAreas, rows: Sequence[int]) -> BaseGeometry | None:
    """Return one point in each of some areas, as small marks on a map."""
    points = shapely.point_on_surface(areas.geoms[list(rows)])
    there = points[~shapely.is_missing(points) & ~shapely.is_empty(points)]
    return shapely.MultiPoint(list(there)) if len(there) else None
