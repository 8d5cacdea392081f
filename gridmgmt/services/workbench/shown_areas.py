"""The areas of a draft as an editor shows them: exact ones near by, all of them from far."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import IntArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import LoggedEdit, LoggedSides
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.geometry.drawing.compact import CompactShapes, encode
from gridmgmt.geometry.drawing.simplify import simplified, tolerances_m
from gridmgmt.geometry.editing.edit_state import BaseLevel, DraftArea, EditState
from gridmgmt.geometry.editing.outline import rings_of, whole
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.services.workbench.told_edits import changed_by
from gridmgmt.store.areas.draft_edits import newest_number, read_log

# So many vertices at most are read for one view; their text is about 300 kB.
_MOST_VERTICES = 40_000

# Degrees; about a metre.
_FAR_UNIT = 1e-5

# The areas of a level as they were read never change, and are simplified once.
_SIMPLIFIED: "WeakKeyDictionary[BaseLevel, CompactShapes]" = WeakKeyDictionary()

# Returns the areas of a level of an edition, simplified for a view from far, by code.
FarShapes = Callable[[int, str], CompactShapes]


@dataclass(frozen=True)
class ExactAreas:
    """The areas of a level that a view meets, vertex for vertex, by code.

    ``head`` is the number of the newest entry of the log that they surely have, 0 for none;
    ``areas`` is None where they have too many vertices for one view.
    """

    head: int
    areas: Sequence[DraftArea] | None


@dataclass(frozen=True)
class DraftOverview:
    """All areas of a level, simplified for a view from far; all in the order of codes."""

    head: int
    codes: Sequence[str]
    names: Sequence[str | None]
    parents: Sequence[str | None]
    shapes: CompactShapes


@dataclass(frozen=True)
class ShownArea:
    """An area of a draft, and how many areas have it as their parent."""

    area: DraftArea
    below: int


@dataclass(frozen=True)
class DoneSince:
    """What was done to a draft since an entry of its log.

    ``areas`` has all areas that were changed as they are now, None for one that is gone.
    """

    head: int
    entries: Sequence[tuple[LoggedEdit, LoggedSides]]
    areas: Mapping[AreaKey, DraftArea | None]


def exact(
    conn: Connection, draft: Draft, level: str, box: tuple[float, float, float, float]
) -> ExactAreas:
    """Return the areas of a level whose box meets a view.

    Parameters
    ----------
    box : west, south, east and north in degrees

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    # Asked for first: what is done meanwhile is told again, and nothing is missed.
    head = newest_number(conn, draft.id)
    state = opened(conn, draft).state
    _refuse_no_level(state, level)
    areas = state.near(level, _steps(box))
    if sum(map(_vertices, areas)) > _MOST_VERTICES:
        return ExactAreas(head, None)
    return ExactAreas(head, areas)


def area(conn: Connection, draft: Draft, level: str, code: str) -> ShownArea:
    """Return an area as the draft has it.

    Raises
    ------
    NotFoundError
        when there is no such level, or no such area
    """
    state = opened(conn, draft).state
    _refuse_no_level(state, level)
    found = state.get(level, code)
    if found is None:
        raise NotFoundError(kind=level, key=code)
    return ShownArea(found, len(state.children(level, code)))


def overview(conn: Connection, draft: Draft, level: str, far: FarShapes) -> DraftOverview:
    """Return all areas of a level; those that were edited since the draft was read are exact.

    Parameters
    ----------
    far : is asked for a level of which the draft has what its edition has

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    head = newest_number(conn, draft.id)
    found = opened(conn, draft)
    state = found.state
    _refuse_no_level(state, level)
    known = state.base[level]
    if known not in _SIMPLIFIED:
        edition = draft.base_edition
        if edition is not None and found.base.get(level) is known:
            _SIMPLIFIED[known] = far(edition, level)
        else:
            _SIMPLIFIED[known] = _simplified(known)
    shapes = _SIMPLIFIED[known]
    areas = known.areas
    drawn = dict(zip(areas.codes, shapes.polygons, strict=True))
    names, parents = (
        dict(zip(areas.codes, some, strict=True)) for some in (areas.names, areas.parent_codes)
    )
    edited = {code: area for (where, code), area in state.changed.items() if where == level}
    for code, area in edited.items():
        if area is None:
            drawn.pop(code, None)
        else:
            [drawn[code]] = encode([area.shape], shapes.unit, origin=shapes.origin).polygons
            names[code], parents[code] = area.name, area.parent_code
    codes = sorted(drawn)
    return DraftOverview(
        head,
        codes,
        [names[code] for code in codes],
        [parents[code] for code in codes],
        replace(shapes, polygons=[drawn[code] for code in codes]),
    )


def _simplified(level: BaseLevel) -> CompactShapes:
    far_m, _ = tolerances_m(area_m2(level.areas.geoms))
    return encode(simplified(level.areas.geoms, far_m), _FAR_UNIT)


def done_since(conn: Connection, draft: Draft, seen: int) -> DoneSince:
    """Return what was done to a draft since an entry, 0 for since its beginning.

    Raises
    ------
    InputError
        when the log has no such entry
    """
    # Pages ask every few seconds, and mostly nothing was done.
    if seen == newest_number(conn, draft.id):
        return DoneSince(seen, (), {})
    log = read_log(conn, draft.id)
    if not 0 <= seen <= len(log):
        raise InputError(field="head", message=Sentence("the draft has {} edit(s)", len(log)))
    tail = log[seen:]
    sides = changed_by(conn, draft.label, (one.of or one.number for one in tail))
    entries = [(one, sides.get(one.of or one.number, LoggedSides())) for one in tail]
    state = opened(conn, draft).state
    keys = dict.fromkeys((area.level, area.code) for _, one in entries for area in one.areas)
    return DoneSince(len(log), entries, {key: state.get(*key) for key in keys})


def corner_of(areas: Iterable[DraftArea | None]) -> tuple[int, int]:
    """Return the smallest coordinates of areas in whole steps, 0 where there are none."""
    corners = [one.box[:2] for one in areas if one is not None and one.outline]
    if not corners:
        return 0, 0
    x, y = np.min(corners, axis=0).tolist()
    return x, y


def _refuse_no_level(state: EditState, level: str) -> None:
    if level not in state.levels:
        raise NotFoundError(kind="level", key=level)


def _steps(box: tuple[float, float, float, float]) -> IntArray:
    west, south, east, north = box
    return whole([[west, south], [east, north]]).ravel()


def _vertices(area: DraftArea) -> int:
    return sum(len(ring) for ring in rings_of(area.outline))
