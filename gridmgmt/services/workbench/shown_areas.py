"""The areas of a draft as an editor shows them: exact ones near by, all of them from far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray, IntArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import LoggedEdit, LoggedSides
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.drawing.compact import CompactShapes, encode
from gridmgmt.geometry.drawing.simplify import simplified, tolerances_m
from gridmgmt.geometry.editing.edit_state import BaseLevel, DraftArea, EditState
from gridmgmt.geometry.editing.outline import rings_of, whole
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.services.workbench.told_edits import changed_by
from gridmgmt.store.areas.draft_edits import newest_number, read_log

# Degrees; about a metre.
_FAR_UNIT = 1e-5
# So many vertices at most are read for one view; their text is about 300 kB.
_MOST_VERTICES = 40_000

# What an edition has of a level never changes, and is simplified once.
_SIMPLIFIED: "WeakKeyDictionary[BaseLevel, GeometryArray]" = WeakKeyDictionary()


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
    """All areas of a level, simplified for a view from far; ``shapes`` are in their order."""

    head: int
    areas: LevelAreas
    shapes: CompactShapes


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
    head, state = _state(conn, draft, level)
    areas = state.near(level, _steps(box))
    if sum(map(_vertices, areas)) > _MOST_VERTICES:
        return ExactAreas(head, None)
    return ExactAreas(head, areas)


def overview(conn: Connection, draft: Draft, level: str) -> DraftOverview:
    """Return all areas of a level; those that were edited since the draft was read are exact.

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    head, state = _state(conn, draft, level)
    known = state.base[level]
    drawn = _SIMPLIFIED.get(known)
    if drawn is None:
        far_m, _ = tolerances_m(area_m2(known.areas.geoms))
        drawn = _SIMPLIFIED[known] = simplified(known.areas.geoms, far_m)
    far = dict(zip(known.areas.codes, drawn, strict=True))
    areas = state.level_areas(level) if _touched(state, level) else known.areas
    edited = {code for where, code in state.changed if where == level}
    geoms = [
        geom if code in edited else far[code]
        for code, geom in zip(areas.codes, areas.geoms, strict=True)
    ]
    return DraftOverview(head, areas, encode(geoms, _FAR_UNIT))


def done_since(conn: Connection, draft: Draft, seen: int) -> DoneSince:
    """Return what was done to a draft since an entry, 0 for since its beginning.

    Raises
    ------
    InputError
        when the log has no such entry
    """
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


def _state(conn: Connection, draft: Draft, level: str) -> tuple[int, EditState]:
    # Asked for first: what is done meanwhile is told again, and nothing is missed.
    head = newest_number(conn, draft.id)
    state = opened(conn, draft).state
    if level not in state.levels:
        raise NotFoundError(kind="level", key=level)
    return head, state


def _steps(box: tuple[float, float, float, float]) -> IntArray:
    west, south, east, north = box
    return whole([[west, south], [east, north]]).ravel()


def _vertices(area: DraftArea) -> int:
    return sum(len(ring) for ring in rings_of(area.outline))


def _touched(state: EditState, level: str) -> bool:
    return any(where == level for where, _ in state.changed)
