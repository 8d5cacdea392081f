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
from gridmgmt.geometry.editing.outline import degrees, shape_of
from gridmgmt.geometry.editing.overlap_edits import gap_at
from gridmgmt.geometry.editing.places import shown
from gridmgmt.geometry.measure import GRID_PER_DEGREE, area_m2
from gridmgmt.sentence import Sentence

_STEP = 1 / GRID_PER_DEGREE


def allow_gap(state: EditState, level: str, at: IntArray, name: str, reason: str) -> EditState:
    """Allow the gap around a place between the areas of a level.

    It is allowed as far as it reaches now: what the gap grows by later is not.

    Raises
    ------
    EditError
        when the level has no areas above it, or no gap is there, or it is allowed already
    """
    ground = shape_of(gap_at(state, level, at))
    parent = _parent(state, level, at)
    open_m2 = area_m2([shapely.difference(ground, allowed_ground([parent.attributes]))])[0]
    if open_m2 < DUST_M2:
        raise EditError(Sentence("the gap at {} is allowed already", shown(at)))
    [part] = ground.geoms
    gap = AllowedGap(name, reason, mapping(part))
    # A gap that has grown since it was allowed is one gap, not two.
    known = gaps_of(parent.attributes)
    others = [one for one in known if not _is_mostly_in(shape(one.geometry), ground)]
    values = with_gaps(parent.attributes, [*others, gap])
    return state.having([replace(parent, attributes=values)])


def forbid_gap(state: EditState, level: str, at: IntArray) -> EditState:
    """Take back that gaps at a place between the areas of a level are allowed.

    Raises
    ------
    EditError
        when none is allowed there
    """
    place = shapely.Point(degrees(at))
    changed = []
    for area in _above(state, level, at):
        known = gaps_of(area.attributes)
        left = [one for one in known if shape(one.geometry).distance(place) > _STEP]
        if len(left) < len(known):
            values = with_gaps(area.attributes, left)
            changed.append(replace(area, attributes=values))
    if not changed:
        raise EditError(Sentence("no gap of level {} is allowed at {}", level, shown(at)))
    return state.having(changed)


def refuse_allowed(state: EditState, level: str, at: IntArray) -> None:
    """Raise EditError where a gap that is to be filled is allowed by more than half."""
    ground = shape_of(gap_at(state, level, at))
    known = allowed_ground(one.attributes for one in _above(state, level, at))
    allowed_m2 = area_m2([shapely.intersection(ground, known)])[0]
    if allowed_m2 > area_m2([ground])[0] / 2:
        raise EditError(
            Sentence("the gap at {} is allowed: forbid it before filling it", shown(at))
        )


def _is_mostly_in(one: shapely.Geometry, ground: shapely.Geometry) -> bool:
    whole_m2, shared_m2 = area_m2([one, shapely.intersection(one, ground)])
    return bool(shared_m2 > whole_m2 / 2)


def _parent(state: EditState, level: str, at: IntArray) -> DraftArea:
    place = shapely.Point(degrees(at))
    for area in _above(state, level, at):
        if area.shape.distance(place) <= _STEP:
            return area
    raise EditError(
        Sentence(
            "{} lies in no area above level {}: only gaps within one are allowed or forbidden",
            shown(at),
            level,
        )
    )


def _above(state: EditState, level: str, at: IntArray) -> list[DraftArea]:
    above = state.level_above(level)
    return [] if above is None else state.near(above, np.concatenate([at, at]))
