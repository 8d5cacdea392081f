"""Answers to the scripts of the workbench: areas in whole steps, refusals for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import DraftError, InputError, NotFoundError
from gridmgmt.geometry.editing.edit_error import OneOfSeveralError
from gridmgmt.geometry.editing.edit_state import DraftArea
from gridmgmt.geometry.editing.outline import Outline, flat_steps
from gridmgmt.geometry.measure import GRID_PER_DEGREE, area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.services.workbench.edit_conflicts import EditConflictError
from gridmgmt.services.workbench.shown_areas import DoneSince, corner_of
from web.door.access import actor
from web.pages.errors import answer, status_of
from web.pages.problem_lists import some_of
from web.words.operation_words import entry_told
from web.words.sentences import said


def exact_areas(areas: Iterable[DraftArea]) -> dict[str, Any]:
    """Return areas vertex for vertex, in whole steps from a corner, with their m²."""
    listed = [*areas]
    corner = corner_of(listed)
    m2 = area_m2([one.shape for one in listed])
    return {
        "unit": 1 / GRID_PER_DEGREE,
        "origin": corner,
        "areas": [
            {
                "level": one.level,
                "code": one.code,
                "name": one.name,
                "parent": one.parent_code,
                "m2": round(float(ground), 2),
                "rings": _rings(one.outline, corner),
            }
            for one, ground in zip(listed, m2, strict=True)
        ],
    }


def told_since(done: DoneSince) -> dict[str, Any]:
    """Return what was done: entries in words, and the changed areas as they are now."""
    by_level: dict[str, list[AreaKey]] = {}
    for key in done.areas:
        by_level.setdefault(key[0], []).append(key)
    told = {}
    for level, keys in by_level.items():
        there = exact_areas([area for key in keys if (area := done.areas[key]) is not None])
        gone = [key[1] for key in keys if done.areas[key] is None]
        told[level] = {**there, "gone": gone}
    return {
        "head": done.head,
        "areas": told,
        "entries": [
            {**entry_told(one, sides), "mine": one.made_by == actor()}
            for one, sides in done.entries
        ],
    }


def given_object() -> Mapping[str, Any]:
    """Return the JSON object that a script sent.

    Raises
    ------
    InputError
        when the body is none
    """
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise InputError(field="body", message=Sentence("send a JSON object"))
    return given


def refusing(bp: Blueprint) -> None:
    """Let a blueprint refuse in the language of the reader: scripts ask, a person reads."""
    bp.register_error_handler(EditConflictError, _conflict)
    bp.register_error_handler(OneOfSeveralError, _one_refused)
    for kind in (DraftError, InputError, NotFoundError):
        bp.register_error_handler(kind, _refused)


def _conflict(error: EditConflictError) -> ResponseReturnValue:
    entry, (level, code) = error.entry, error.areas[0]
    more: Mapping[str, Any] = {
        "entry": entry.number,
        "by": entry.made_by,
        "level": level,
        "code": code,
    }
    return answer(status_of(error), said(error), conflict=more)


def _one_refused(error: OneOfSeveralError) -> ResponseReturnValue:
    # A form shows the reason at the field; people know nothing of the operations it makes.
    return answer(status_of(error), said(error.reason), operation=error.nth)


def _refused(error: DraftError | InputError | NotFoundError) -> ResponseReturnValue:
    return answer(status_of(error), said(some_of(error)))


def _rings(outline: Outline, corner: tuple[int, int]) -> list[list[list[int]]]:
    return [[flat_steps(ring, corner) for ring in rings] for rings in outline]
