"""Compare the areas of a level with their parents."""

from collections.abc import Iterator, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import BoolArray
from gridmgmt.geometry.coverage.gaps import allowed_ground, childless, open_ground
from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, polygons_only, rows_by, union
from gridmgmt.geometry.coverage.overlaps import DUST_M2, severity_of
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import area_m2
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
    areas: MeasuredAreas, parents: MeasuredAreas, filled_exactly: BoolArray, tolerance_m2: float
) -> Iterator[Problem]:
    """Compare each parent with the union of its children, in both directions.

    Ground of the parent in no child is a gap, or a missing cell if a whole area seems to be
    missing; allowed gaps are neither. Ground of a child beyond its parent lies outside. Amounts
    under `DUST_M2` are not reported.

    Parameters
    ----------
    filled_exactly : (p,) parents whose children are known to have just their ground
    """
    children = rows_by(areas.parent_codes)
    for code, of_code in rows_by(parents.codes).items():
        if filled_exactly[of_code].all():
            continue
        ground = union(parents.geoms[of_code])
        if ground.is_empty:
            continue
        rows = children.get(code, [])
        if not rows:
            yield childless(areas, parents, code, ground, tolerance_m2)
            continue
        filled = union(areas.geoms[rows])
        allowed = allowed_ground(parents.attributes[of_code])
        meant = filled if allowed.is_empty else shapely.union(filled, allowed)
        yield from open_ground(areas, code, rows, ground, meant, tolerance_m2)
        yield from _outside(areas, code, rows, ground, filled, tolerance_m2)


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
