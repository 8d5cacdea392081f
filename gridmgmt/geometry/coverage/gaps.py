"""Find ground in no area: gaps and missing cells within a parent, holes in a whole level."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.allowed_gaps import gaps_of
from gridmgmt.domain.areas.attributes import Attributes
from gridmgmt.domain.listing import listed
from gridmgmt.geometry.coverage.area_faults import is_sliver, mean_widths_m
from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, union
from gridmgmt.geometry.coverage.overlaps import DUST_M2, severity_of
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import GRID_PER_DEGREE, area_m2, polygon_parts
from gridmgmt.sentence import Sentence


def enclaves(areas: MeasuredAreas, tolerance_m2: float) -> Iterator[Problem]:
    """List what a level without parents encloses as warnings, but for allowed gaps.

    Only a person can say whether a hole in a city is a lake that belongs to somebody else, or a
    mistake; a pinhole, too thin or too small for an area, is a mistake. Ground of another part
    of the level within a hole is not counted.
    """
    holes = enclosed(union(areas.geoms))
    allowed = allowed_ground(areas.attributes)
    for part, amount in _measured_parts(
        holes if allowed.is_empty else shapely.difference(holes, allowed)
    ):
        m2 = np.array([amount])
        tiny = is_sliver(mean_widths_m(objects([part]), m2), m2, tolerance_m2)[0]
        yield Problem(
            ProblemKind.PINHOLE if tiny else ProblemKind.ENCLAVE,
            Severity.WARNING,
            areas.level,
            tuple(_bordering(areas, part)),
            amount,
            "m2",
            part,
            Sentence("enclose ground that belongs to no area"),
        )


def enclosed(ground: BaseGeometry) -> shapely.MultiPolygon:
    """Return what a ground encloses and does not have, such as lakes; islands in it are not.

    Parts of the ground that meet in a point close it as well. None gives no polygons.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2)
    >>> enclosed(ring).equals(shapely.box(1, 1, 2, 2))
    True
    """
    parts = polygon_parts(ground)
    if len(parts) == 1:
        return shapely.MultiPolygon([shapely.Polygon(ring) for ring in parts[0].interiors])
    # Where one part only touches the edge of another, that edge has no vertex there.
    lines = shapely.union_all(shapely.boundary(parts))
    faces = shapely.get_parts(shapely.polygonize([lines]))
    free = ~shapely.contains(ground, shapely.point_on_surface(faces))
    return shapely.MultiPolygon(list(faces[free]))


def allowed_ground(several: Iterable[Attributes]) -> BaseGeometry:
    """Return the ground of the gaps that some areas keep; none gives an empty one.

    It has a step of the grid more all around: where borders cross, between vertices, a gap was
    rounded when it was allowed, and what that left would be pinholes.
    """
    known = [shape(one.geometry) for values in several for one in gaps_of(values)]
    return shapely.buffer(shapely.union_all(known), 1 / GRID_PER_DEGREE, join_style="mitre")


def childless(
    areas: MeasuredAreas,
    parents: MeasuredAreas,
    code: str,
    ground: BaseGeometry,
    tolerance_m2: float,
) -> Problem:
    """Return the ground of a parent without any child as a missing cell."""
    amount = float(area_m2([ground])[0])
    return Problem(
        ProblemKind.MISSING_CELL,
        severity_of(amount, tolerance_m2),
        areas.level,
        (code,),
        amount,
        "m2",
        ground,
        Sentence("this {} has no {} at all", parents.level, areas.level),
    )


def open_ground(
    areas: MeasuredAreas,
    parent: str,
    rows: Sequence[int],
    ground: BaseGeometry,
    filled: BaseGeometry,
    tolerance_m2: float,
) -> Iterator[Problem]:
    """List the ground of a parent that lies in none of its children, part by part.

    ``filled`` has the allowed gaps, too.
    """
    children_m2 = areas.area_m2[list(rows)]
    whole_m2 = float(np.median(children_m2)) / 2
    for part, amount in _measured_parts(shapely.difference(ground, filled)):
        lacking = amount >= whole_m2
        yield Problem(
            ProblemKind.MISSING_CELL if lacking else ProblemKind.GAP,
            severity_of(amount, tolerance_m2),
            areas.level,
            (parent,),
            amount,
            "m2",
            part,
            _open_detail(areas, parent, part, lacking=lacking),
        )


def _open_detail(
    areas: MeasuredAreas, parent: str, part: shapely.Polygon, *, lacking: bool
) -> str:
    """Return which areas border on open ground, or lie on it but name another parent."""
    detail = (
        Sentence("ground as large as an area in no area")
        if lacking
        else Sentence("ground in no area")
    )
    bordering = _bordering(areas, part)
    strangers = [
        areas.codes[row]
        for row in areas.tree.query(part, predicate="intersects")
        if areas.parent_codes[row] != parent
        and shapely.area(shapely.intersection(areas.geoms[row], part)) > part.area / 2
    ]
    if strangers:
        return Sentence(
            "{} of its own; {} lies there, of another parent",
            detail,
            ", ".join(sorted(strangers)),
        )
    if not bordering:
        return detail
    return Sentence("{}, bordering {}", detail, listed(bordering, most=4))


def _measured_parts(geom: BaseGeometry) -> list[tuple[shapely.Polygon, float]]:
    """Return the polygons of a geometry with their square metres, without dust."""
    parts = polygon_parts(geom)
    m2 = area_m2(parts)
    return [(part, float(a)) for part, a in zip(parts, m2, strict=True) if a >= DUST_M2]


def _bordering(areas: MeasuredAreas, part: shapely.Polygon) -> list[str]:
    # Overlay may round a new vertex off the border it lies on, so a tiny distance counts as
    # touching.
    near = areas.tree.query(part, predicate="dwithin", distance=1e-7)
    return sorted({areas.codes[row] for row in near})
