"""Edit ground that several areas have, or none: draw, add a part, trim, fill."""

import numpy as np
import shapely

from gridmgmt.geometry.coverage.gaps import enclosed
from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.chain import Chain, chain_of, outline_from
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.ground_edits import transferred
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.noding import noded
from gridmgmt.geometry.editing.outline import (
    Outline,
    Path,
    degrees,
    edge_lines,
    outline_of,
    shape_of,
    whole,
)
from gridmgmt.geometry.editing.places import shown
from gridmgmt.geometry.editing.rings import is_in
from gridmgmt.geometry.measure import GRID_PER_DEGREE, area_m2, length_m, polygon_parts
from gridmgmt.sentence import Sentence

# The code of ground that is none's yet, while an edit is made; no area can have it.
_NOBODY = ""
# What is drawn farther than this from all areas of a draft was drawn at a wrong place.
_FAR_KM = 10.0
# Where the areas around a gap are looked for first.
_FIRST_LOOK_M = 500.0
# A gap narrower than a step of the grid has no place on the grid in it, only beside it.
_STEP = 1 / GRID_PER_DEGREE


def draw(state: EditState, level: str, drawn: DraftArea, *, border_m: float) -> EditState:
    """Draw a new area into a gap: it gets what no other area has of its outline.

    The area above gets that ground, too, where it has not got it.

    Raises
    ------
    EditError
        when the code is taken, the outline crosses itself or is far from every area, or
        nothing of it is free
    """
    if state.get(level, drawn.code) is not None:
        raise EditError(Sentence("there is a {} {} already", level, drawn.code))
    _refuse_invalid(drawn)
    _refuse_far(state, drawn)
    state = state.having([drawn])
    for other in _overlapping(state, level, drawn.code):
        state = noded(state, level, drawn.code, other, border_m)
        if _is_all_of(state.area(level, drawn.code), state.area(level, other)):
            raise EditError(
                Sentence("nothing of the outline of {} is free: {} has it", drawn.code, other)
            )
        state = _yielding(state, level, drawn.code, other)
    for other in _beside(state, level, drawn.code):
        state = noded(state, level, drawn.code, other, border_m)
    made = state.area(level, drawn.code)
    return _gained_above(state, level, made.outline, made.parent_code, border_m)


def add_part(
    state: EditState, level: str, code: str, ring: Path, *, border_m: float
) -> EditState:
    """Add ground to an area, taken from the areas that have it; it may lie apart (飞地).

    Raises
    ------
    EditError
        when the outline crosses itself, the area has all of it, or nobody has some of it
    """
    area = state.area(level, code)
    part = DraftArea(level, _NOBODY, None, area.parent_code, ((ring,),))
    _refuse_invalid(part)
    state = state.having([part])
    givers = [one for one in _overlapping(state, level, _NOBODY) if one != code]
    if not givers:
        raise EditError(Sentence("no other area has the ground to add to {}", code))
    for other in [*givers, *([code] if code in _overlapping(state, level, _NOBODY) else [])]:
        state = noded(state, level, _NOBODY, other, border_m)
    wanted = state.area(level, _NOBODY).shape
    for other in givers:
        ground = _outline(_common(state.area(level, other).shape, wanted))
        state = transferred(state, level, ground, other, code, border_m=border_m, is_noded=True)
    return state.having([], without=[state.area(level, _NOBODY)])


def trim(
    state: EditState, level: str, keep: str, give_up: str, *, border_m: float
) -> EditState:
    """Take the ground that two areas have from one of them.

    Raises
    ------
    EditError
        when they do not overlap, or nothing of the one would be left
    """
    if give_up not in _overlapping(state, level, keep):
        raise EditError(Sentence("{} {} and {} do not overlap", level, keep, give_up))
    state = noded(state, level, keep, give_up, border_m)
    loses = state.area(level, give_up)
    if _is_all_of(loses, state.area(level, keep)):
        raise EditError(Sentence("{} {} would have no ground left", level, give_up))
    return _yielding(state, level, give_up, keep)


def fill(
    state: EditState, level: str, at: Path, to: str | None, *, border_m: float
) -> EditState:
    """Give the gap around a place to an area beside it, without ``to`` to the longest border.

    Raises
    ------
    EditError
        when the place lies in no gap between areas of the level
    """
    gap = gap_at(state, level, at)
    state = state.having([DraftArea(level, _NOBODY, None, None, gap)])
    for other in _beside(state, level, _NOBODY):
        if state.area(level, _NOBODY).outline:
            state = noded(state, level, _NOBODY, other, border_m)
    ground = state.area(level, _NOBODY)
    state = state.having([], without=[ground])
    if not ground.outline:
        # It was narrower than the grid: bending the borders around it has closed it.
        return state
    shared = {one.code: _shared_m(ground.chain, one) for one in state.near(level, ground.box)}
    taker = to or max(sorted(shared), key=lambda code: shared[code])
    if not shared.get(taker):
        raise EditError(Sentence("{} {} has no border with the gap", level, taker))
    gains = state.area(level, taker)
    more = outline_from(gains.chain + ground.chain)
    state = state.having([gains.with_outline(more)])
    return _gained_above(state, level, ground.outline, gains.parent_code, border_m)


def _refuse_invalid(area: DraftArea) -> None:
    if not shapely.is_valid(area.shape):
        raise EditError(Sentence("the outline crosses itself"))


def _refuse_far(state: EditState, drawn: DraftArea) -> None:
    """Raise EditError for an outline that is far from all areas; the first area is near."""
    margin = LocalMetres(drawn.box[:2]).margin(_FAR_KM * 1000)
    around = drawn.box + np.concatenate([-margin, margin])
    if any(state.near(one, around) for one in state.levels):
        return
    if any(True for one in state.levels for _ in state.codes(one)):
        raise EditError(
            Sentence(
                "the outline of {} is more than {} km from every area: check its coordinates, "
                "or bring an area as far away in by a file",
                drawn.code,
                f"{_FAR_KM:g}",
            )
        )


def _overlapping(state: EditState, level: str, code: str) -> list[str]:
    """Return the areas that have ground of an area."""
    area = state.area(level, code)
    return [
        one.code
        for one in state.near(level, area.box)
        if one.code != code and _overlap(one, area)
    ]


def _overlap(one: DraftArea, other: DraftArea) -> bool:
    return bool(shapely.relate_pattern(one.shape, other.shape, "T********"))


def _beside(state: EditState, level: str, code: str) -> list[str]:
    area = state.area(level, code)
    return [one.code for one in state.near(level, area.box) if one.code != code]


def _is_all_of(area: DraftArea, other: DraftArea) -> bool:
    """Return whether another area has all the ground of an area."""
    return not _outline(_without(area.shape, other.shape))


def _yielding(state: EditState, level: str, loser: str, winner: str) -> EditState:
    """Take from an area what another has; their borders have a vertex wherever they meet."""
    loses = state.area(level, loser)
    rest = _outline(_without(loses.shape, state.area(level, winner).shape))
    return state.having([loses.with_outline(rest)])


def _without(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    # On the grid of storage: without it an overlay fails where borders nearly coincide.
    return shapely.difference(one, other, grid_size=1 / GRID_PER_DEGREE)


def _common(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    return shapely.intersection(one, other, grid_size=1 / GRID_PER_DEGREE)


def _outline(shape: shapely.Geometry) -> Outline:
    parts = polygon_parts(shape)
    return outline_from(chain_of(outline_of(shapely.MultiPolygon(parts)))) if parts else ()


def gap_at(state: EditState, level: str, at: Path) -> Outline:
    """Return the gap around a place, between the areas of a level.

    Raises
    ------
    EditError
        when the place lies in none
    """
    place = shapely.Point(degrees(at))
    box = np.concatenate([at, at])
    above = state.level_above(level)
    if above is not None:
        for parent in state.near(above, box):
            if parent.shape.distance(place) <= _STEP:
                taken = shapely.union_all([one.shape for one in state.near(level, parent.box)])
                return _part_at(shapely.difference(parent.shape, taken), at, level)
    return _enclosed_at(state, level, at)


def _enclosed_at(state: EditState, level: str, at: Path) -> Outline:
    """Return the ground around a place that areas of a level enclose, whatever lies in it.

    Areas farther and farther away are asked until they enclose the place: a city has thousands
    of areas, and a gap a few around it.
    """
    place = shapely.Point(degrees(at))
    plane, metres = LocalMetres(at), _FIRST_LOOK_M
    every = sum(1 for _ in state.codes(level))
    while True:
        margin = plane.margin(metres)
        near = state.near(level, np.concatenate([at - margin, at + margin]))
        for hole in polygon_parts(enclosed(shapely.union_all([one.shape for one in near]))):
            if hole.distance(place) <= _STEP:
                box = whole(shapely.bounds(hole).reshape(2, 2)).ravel()
                inside = shapely.union_all([one.shape for one in state.near(level, box)])
                return _part_at(shapely.difference(hole, inside), at, level)
        if len(near) == every:
            raise _no_gap(at, level)
        metres *= 4


def _part_at(free: shapely.Geometry, at: Path, level: str) -> Outline:
    place = shapely.Point(degrees(at))
    parts = polygon_parts(free)
    nearest = min(parts, key=lambda part: part.distance(place), default=None)
    if nearest is None or nearest.distance(place) > _STEP:
        raise _no_gap(at, level)
    return outline_of(nearest)


def _no_gap(at: Path, level: str) -> EditError:
    return EditError(Sentence("{} lies in no gap of level {}", shown(at), level))


def _shared_m(ground: Chain, area: DraftArea) -> float:
    """Return how many metres of border a ground and an area share."""
    shared = ground.ends[~is_in(ground.ends, (ground + area.chain).ends)]
    return float(length_m(edge_lines(shared)).sum())


def _gained_above(
    state: EditState, level: str, ground: Outline, parent: str | None, border_m: float
) -> EditState:
    """Give ground to the areas above that have not got it."""
    above = state.level_above(level)
    if above is None or parent is None:
        return state
    area = state.area(above, parent)
    free = shape_of(ground)
    lacks = area_m2([shapely.difference(free, area.shape)])[0]
    if lacks < area_m2([free])[0] / 2:
        return state
    state = aligned(state, above, chain_of(ground).ends, border_m)
    area = state.area(above, parent)
    more = outline_from(area.chain + chain_of(ground))
    state = state.having([area.with_outline(more)])
    return _gained_above(state, above, ground, area.parent_code, border_m)
