"""Compare the areas of a level with their parents, and find ground without an area."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.domain.listing import listed
from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, polygons_only, rows_by, union
from gridmgmt.geometry.coverage.overlaps import DUST_M2, severity_of
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import area_m2, polygon_parts
from gridmgmt.sentence import Sentence


def missing_parents(areas: MeasuredAreas, parents: MeasuredAreas) -> Iterator[Problem]:
    """List areas that name no parent, or a parent that does not exist."""
    known = set(parents.codes)
    for row, parent in enumerate(areas.parent_codes):
        if parent in known:
            continue
        if parent is None:
            detail = Sentence("names no parent on the {} level", parents.level)
        else:
            detail = Sentence(
                "names the parent {}, which the {} level does not have", parent, parents.level
            )
        yield Problem(
            ProblemKind.MISSING_PARENT,
            Severity.ERROR,
            areas.level,
            (areas.codes[row],),
            None,
            None,
            areas.geoms[row],
            detail,
        )


def nesting(
    areas: MeasuredAreas, parents: MeasuredAreas, tolerance_m2: float
) -> Iterator[Problem]:
    """Compare each parent with the union of its children, in both directions.

    Ground of the parent in no child is a gap, or a missing cell if a whole area seems to be
    missing. Ground of a child beyond its parent lies outside. Amounts under `DUST_M2` are not
    reported.
    """
    children = rows_by(areas.parent_codes)
    for code, ground in parents.by_code().items():
        if ground.is_empty:
            continue
        rows = children.get(code, [])
        if not rows:
            yield _childless(areas, parents, code, ground, tolerance_m2)
            continue
        filled = union(areas.geoms[rows])
        yield from _open_ground(areas, code, rows, ground, filled, tolerance_m2)
        yield from _outside(areas, code, rows, ground, filled, tolerance_m2)


def enclaves(areas: MeasuredAreas) -> Iterator[Problem]:
    """List the interior holes of a level without parents as warnings, whatever their size.

    Only a person can say whether a hole in a city is a lake that belongs to somebody else, or a
    mistake. Ground of another part of the level within a hole is not counted.
    """
    parts = polygon_parts(union(areas.geoms))
    tree = shapely.STRtree(parts)
    for hole in (shapely.Polygon(ring) for part in parts for ring in part.interiors):
        islands = [parts[i] for i in tree.query(hole, predicate="contains")]
        open_ground = shapely.difference(hole, union(islands)) if islands else hole
        for part, amount in _measured_parts(open_ground):
            yield Problem(
                ProblemKind.ENCLAVE,
                Severity.WARNING,
                areas.level,
                tuple(_bordering(areas, part)),
                amount,
                "m2",
                part,
                Sentence("enclose ground that belongs to no area"),
            )


def _childless(
    areas: MeasuredAreas,
    parents: MeasuredAreas,
    code: str,
    ground: BaseGeometry,
    tolerance_m2: float,
) -> Problem:
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


def _open_ground(
    areas: MeasuredAreas,
    parent: str,
    rows: Sequence[int],
    ground: BaseGeometry,
    filled: BaseGeometry,
    tolerance_m2: float,
) -> Iterator[Problem]:
    """List the ground of a parent that lies in none of its children, part by part."""
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


def _outside(
    areas: MeasuredAreas,
    parent: str,
    rows: Sequence[int],
    ground: BaseGeometry,
    filled: BaseGeometry,
    tolerance_m2: float,
) -> Iterator[Problem]:
    """List the ground of each child beyond its parent, all parts of a child together."""
    beyond = shapely.difference(filled, ground)
    if area_m2([beyond])[0] < DUST_M2:
        return
    reaching = [row for row in rows if shapely.intersects(areas.geoms[row], beyond)]
    outside = shapely.difference(areas.geoms[reaching], ground)
    for row, rest, amount in zip(reaching, outside, area_m2(outside), strict=True):
        if amount < DUST_M2:
            continue
        yield Problem(
            ProblemKind.OUTSIDE_PARENT,
            severity_of(amount, tolerance_m2),
            areas.level,
            (areas.codes[row],),
            float(amount),
            "m2",
            polygons_only(rest),
            Sentence("reaches beyond its parent {}", parent),
        )


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
