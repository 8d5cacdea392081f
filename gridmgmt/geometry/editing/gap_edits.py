"""Allow gaps that are meant, and take that back."""

from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from gridmgmt.arrays import IntArray
from gridmgmt.domain.areas.allowed_gaps import AllowedGap, gaps_of, with_gaps
from gridmgmt.geometry.coverage.gaps import allowed_ground
from gridmgmt.geometry.coverage.overlaps import DUST_M2
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.gap_keepers import keeper_beside
from gridmgmt.geometry.editing.outline import degrees, shape_of
from gridmgmt.geometry.editing.overlap_edits import gap_at
from gridmgmt.geometry.editing.places import shown
from gridmgmt.geometry.measure import GRID_PER_DEGREE, area_m2
from gridmgmt.sentence import Sentence

_STEP = 1 / GRID_PER_DEGREE


def allow_gap(state: EditState, level: str, at: IntArray, name: str, reason: str) -> EditState:
    """Allow the gap around a place between the areas of a level.

    It is kept with the area of the level above whose ground it is. What the topmost level
    encloses is nobody's: it is kept with the area of that level that has the longest border
    with it. It is allowed as far as it reaches now: what the gap grows by later is not.

    Raises
    ------
    EditError
        when no gap is there, or it lies in no area of the level above, or is allowed already
    """
    ground = shape_of(gap_at(state, level, at))
    keeper = _keeper(state, level, at, ground)
    keepers = {one.code: one for one in (*_keepers(state, level, at), keeper)}
    allowed = allowed_ground(one.attributes for one in keepers.values())
    if area_m2([shapely.difference(ground, allowed)])[0] < DUST_M2:
        raise EditError(Sentence("the gap at {} is allowed already", shown(at)))
    [part] = ground.geoms
    gap = AllowedGap(name, reason, mapping(part))
    changed = []
    for code, area in keepers.items():
        # A gap that has grown since it was allowed is one gap, not two.
        known = gaps_of(area.attributes)
        left = [one for one in known if not _is_mostly_in(one, ground)]
        more = [gap] if code == keeper.code else []
        if more or len(left) < len(known):
            changed.append(replace(area, attributes=with_gaps(area.attributes, left + more)))
    return state.having(changed)


def forbid_gap(state: EditState, level: str, at: IntArray) -> EditState:
    """Take back that gaps at a place between the areas of a level are allowed.

    Raises
    ------
    EditError
        when none is allowed there
    """
    place = shapely.Point(degrees(at))
    is_topmost = state.level_above(level) is None
    changed = []
    for area in _keepers(state, level, at):
        known = gaps_of(area.attributes)
        left = [
            one
            for one in known
            # An area keeps gaps in it, and those beside it if it is of the topmost level.
            if shape(one.geometry).distance(place) > _STEP
            or _is_mostly_in(one, area.shape) == is_topmost
        ]
        if len(left) < len(known):
            values = with_gaps(area.attributes, left)
            changed.append(replace(area, attributes=values))
    if not changed:
        raise EditError(Sentence("no gap of level {} is allowed at {}", level, shown(at)))
    return state.having(changed)


def refuse_allowed(state: EditState, level: str, at: IntArray) -> None:
    """Raise EditError where a gap that is to be filled is allowed by more than half."""
    ground = shape_of(gap_at(state, level, at))
    known = allowed_ground(one.attributes for one in _keepers(state, level, at))
    allowed_m2 = area_m2([shapely.intersection(ground, known)])[0]
    if allowed_m2 > area_m2([ground])[0] / 2:
        raise EditError(
            Sentence("the gap at {} is allowed: forbid it before filling it", shown(at))
        )


def _is_mostly_in(gap: AllowedGap, ground: shapely.Geometry) -> bool:
    allowed = shape(gap.geometry)
    whole_m2, shared_m2 = area_m2([allowed, shapely.intersection(allowed, ground)])
    return bool(shared_m2 > whole_m2 / 2)


def _keeper(
    state: EditState, level: str, at: IntArray, ground: shapely.MultiPolygon
) -> DraftArea:
    """Return the area whose attributes a gap that is allowed now stands in."""
    place, keepers = shapely.Point(degrees(at)), _keepers(state, level, at)
    if state.level_above(level) is None:
        # Where borders cross, all edges of a small gap may have been rounded off them.
        return keeper_beside(state, level, ground) or min(
            keepers, key=lambda area: float(area.shape.distance(place))
        )
    for area in keepers:
        if area.shape.distance(place) <= _STEP:
            return area
    raise EditError(
        Sentence(
            "{} lies in no area above level {}: only gaps within one are allowed or forbidden",
            shown(at),
            level,
        )
    )


def _keepers(state: EditState, level: str, at: IntArray) -> list[DraftArea]:
    """Return the areas in whose attributes gaps at a place may stand."""
    above = state.level_above(level)
    if above is None:
        # A gap may lie far from the area that keeps it: others enclose it, too.
        return [state.area(level, code) for code in sorted(state.codes(level))]
    return state.near(above, np.concatenate([at, at]))
