"""Refuse an edit that would leave borders worse than it found them."""

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.geometry.coverage.area_faults import outline_fault
from gridmgmt.geometry.coverage.gaps import allowed_ground, enclosed
from gridmgmt.geometry.editing.chain import Chain, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.outline import degrees, edge_lines
from gridmgmt.geometry.editing.rings import linked
from gridmgmt.geometry.measure import area_m2, length_m, polygon_parts
from gridmgmt.sentence import Sentence

# More ground than this, in square metres, is more than before.
SAME_M2 = 0.01
# A vertex put into an edge is rounded to the grid and bends the edge by half a step at most, in
# metres. Along a border that other areas run beside with vertices of their own that is ground
# of two or none: so much for each metre of redrawn border, and never more than the most.
_BENT_M, _MOST_BENT_M2 = 0.0006, 1.0


def refuse_worse(before: EditState, after: EditState, touched: Iterable[DraftArea]) -> None:
    """Check the areas that an edit touched, with their neighbours and their parents.

    An edit may leave faults that were there, never add to them.

    Raises
    ------
    EditError
        naming the area and the place
    """
    areas = list(touched)
    for area in areas:
        _refuse_invalid(before, after, area)
    for level in before.levels:
        for together in _beside_each_other([one for one in areas if one.level == level]):
            _refuse_new_cracks(before, after, level, together)
    for level, parents in _parents(before, after, areas).items():
        for together in _beside_each_other(parents):
            _refuse_overhang(before, after, level, sorted({one.code for one in together}))


def _bent_m2(before: EditState, after: EditState, touched: list[DraftArea]) -> float:
    """Return how much ground bent edges may have made that of two areas or of none."""
    redrawn = [
        then.chain - now.chain
        for then, now in (
            (before.get(one.level, one.code), after.get(one.level, one.code)) for one in touched
        )
        if then is not None and now is not None
    ]
    metres = sum(float(length_m(edge_lines(one.ends)).sum()) for one in redrawn)
    return min(SAME_M2 + _BENT_M * metres, _MOST_BENT_M2)


def _refuse_invalid(before: EditState, after: EditState, area: DraftArea) -> None:
    now, then = after.get(area.level, area.code), before.get(area.level, area.code)
    if now is None:
        return
    if not now.outline:
        raise EditError(Sentence("{} {} would have no ground", now.level, now.code))
    if shapely.is_valid(now.shape) or (then is not None and not shapely.is_valid(then.shape)):
        return
    what, _ = outline_fault(now.shape)
    raise EditError(
        Sentence("the outline of {} {} would cross itself: {}", now.level, now.code, what)
    )


def _refuse_new_cracks(
    before: EditState, after: EditState, level: str, touched: list[DraftArea]
) -> None:
    boxes = np.array([one.box for one in touched])
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    then = _shapes(before.near(level, box))
    now = _shapes(after.near(level, box))
    # A coverage is valid with a gap in it, too; it has other edges around it then.
    fits = _fits(now)
    if fits and not len(_around(after, touched) - _around(before, touched)):
        return
    more_m2 = _bent_m2(before, after, touched)
    overlap_m2 = 0.0 if fits else _overlap_m2(now) - _overlap_m2(then)
    if overlap_m2 > more_m2:
        raise EditError(
            Sentence(
                "areas of level {} would overlap by {} m² more", level, f"{overlap_m2:,.2f}"
            )
        )
    # Ground that was given up on purpose is no gap.
    gone = _shapes([one for one in touched if after.get(level, one.code) is None])
    keepers = after.near(after.level_above(level) or level, box)
    allowed = allowed_ground(one.attributes for one in keepers)
    gap_m2 = _new_gaps_m2(then, np.concatenate([now, gone]), allowed)
    if gap_m2 > more_m2:
        raise EditError(
            Sentence(
                "{} m² between areas of level {} would belong to none", f"{gap_m2:,.2f}", level
            )
        )
    if not fits and _fits(then):
        raise EditError(Sentence("the borders of level {} would not fit each other", level))


def _beside_each_other(touched: list[DraftArea]) -> list[list[DraftArea]]:
    """Part areas into groups whose boxes do not meet, those without ground left out.

    What both a draft and others changed may lie at all ends of a city; what an area lost or
    gained lies in its box.
    """
    areas = [one for one in touched if one.outline]
    if not areas:
        return []
    boxes = objects(shapely.box(*degrees(one.box).tolist()) for one in areas)
    pairs = shapely.STRtree(boxes).query(boxes, predicate="intersects").T
    group = linked(len(areas), pairs)
    return [[areas[n] for n in np.flatnonzero(group == one)] for one in np.unique(group)]


def _shapes(areas: list[DraftArea]) -> GeometryArray:
    return objects(one.shape for one in areas)


def _fits(shapes: GeometryArray) -> bool:
    sound = bool(shapely.is_valid(shapes).all())
    return sound and bool(shapely.coverage_is_valid(shapes))


def _around(state: EditState, touched: list[DraftArea]) -> Chain:
    """Return the edges around the ground that the touched areas have together."""
    codes = {(one.level, one.code) for one in touched}
    areas = [state.get(*key) for key in sorted(codes)]
    return total(one.chain for one in areas if one is not None)


def _overlap_m2(shapes: GeometryArray) -> float:
    """Return how much ground two areas have, summed over all pairs of areas.

    What all have less what they cover would be less to compute, and wrong: the edge of one area
    is a geodesic, and a little beside those of its neighbours if they have vertices along it.
    """
    sound = _sound(shapes)
    one, other = shapely.STRtree(sound).query(sound, predicate="intersects")
    once = one < other
    shared = shapely.intersection(sound[one[once]], sound[other[once]])
    return float(area_m2(shared[shapely.area(shared) > 0]).sum())


def _new_gaps_m2(then: GeometryArray, now: GeometryArray, allowed: BaseGeometry) -> float:
    """Return how much ground of an area is now enclosed by areas and of none, in new gaps.

    The border of a gap that was there, a lake or another city, is an outer border and may be
    moved. Ground that was nobody's is no loss when it comes to be enclosed, as by a slit that
    closes where borders cross. Whether areas still fill their parent is another question.
    """
    known = shapely.MultiPolygon(_gaps(then))
    gaps = [one for one in _gaps(now) if not one.intersects(known)]
    if not gaps:
        return 0.0
    had = shapely.difference(shapely.union_all(_sound(then)), allowed)
    # All at once: areas with thousands of gaps have thousands of vertices around each.
    return float(area_m2([shapely.intersection(shapely.MultiPolygon(gaps), had)])[0])


def _gaps(shapes: GeometryArray) -> list[shapely.Polygon]:
    return polygon_parts(enclosed(shapely.union_all(_sound(shapes))))


def _sound(shapes: GeometryArray) -> GeometryArray:
    return objects(shapely.make_valid(one) for one in shapes)


def _parents(
    before: EditState, after: EditState, touched: list[DraftArea]
) -> dict[str, list[DraftArea]]:
    """Return the areas whose children must still fill them, as they were and as they are.

    They are those touched, and their parents; by level.
    """
    found = {(one.level, one.code) for one in touched}
    for one in touched:
        above = before.level_above(one.level)
        for state in (before, after):
            area = state.get(one.level, one.code)
            if above is not None and area is not None and area.parent_code is not None:
                found.add((above, area.parent_code))
    by_level: dict[str, list[DraftArea]] = {}
    for level, code in sorted(found):
        both = before.get(level, code), after.get(level, code)
        by_level.setdefault(level, []).extend(one for one in both if one is not None)
    return by_level


def _refuse_overhang(before: EditState, after: EditState, level: str, codes: list[str]) -> None:
    """Raise EditError where areas side by side and those in them differ more than before.

    They are taken together: what was amiss in an area is amiss in what it became by a merge, a
    split or another code.
    """
    parents = [one for one in (after.get(level, code) for code in codes) if one is not None]
    inside = {code: before.children(level, code) for code in codes}
    # What is allowed now counts for both: forbidding a gap is no fault of the borders.
    allowed = allowed_ground(one.attributes for one in parents)
    gone = [
        one for code in codes for one in inside[code] if after.get(one.level, one.code) is None
    ]
    now = {
        one.code: _apart_m2(one, after.children(level, one.code), allowed, gone)
        for one in parents
    }
    if sum(now.values()) <= SAME_M2:
        return
    was = {
        code: _apart_m2(then, inside[code], allowed)
        for code in codes
        if (then := before.get(level, code)) is not None
    }
    more_m2 = sum(now.values()) - sum(was.values())
    if more_m2 > SAME_M2:
        worst = max(now, key=lambda code: now[code] - was.get(code, 0.0))
        raise EditError(
            Sentence(
                "{} {} and the areas in it would differ by {} m² more: its border does not "
                "follow here",
                level,
                worst,
                f"{more_m2:,.2f}",
            )
        )


def _leftover(parent: DraftArea, children: list[DraftArea]) -> Chain:
    return total([parent.chain, *(-child.chain for child in children)])


def _apart_m2(
    parent: DraftArea,
    children: list[DraftArea],
    allowed: BaseGeometry,
    gone: Iterable[DraftArea] = (),
) -> float:
    """Return the m² that an area and those in it do not share.

    It is 0 without any in it. Ground that ``gone`` areas had may be missing in it.
    """
    if not children or not len(_leftover(parent, children)):
        return 0.0
    whole, inside = shapely.make_valid(parent.shape), _union(children)
    missing = shapely.difference(shapely.difference(whole, inside), _union(gone))
    apart = shapely.union(missing, shapely.difference(inside, whole))
    return float(area_m2([shapely.difference(apart, allowed)])[0])


def _union(areas: Iterable[DraftArea]) -> BaseGeometry:
    return shapely.union_all([shapely.make_valid(one.shape) for one in areas])
