"""The panels of the workbench: the log of a draft, its problems, whom it moves, who is there.

Each is a piece of a page with what the map shows of it, as one answer in JSON.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, render_template
from shapely.geometry import mapping

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.areas.draft import Draft, DraftStatus
from gridmgmt.domain.areas.edit_log import stacks
from gridmgmt.domain.areas.presence import Whereabouts
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.geometry.coverage.problem import Problem, Severity, amount_text
from gridmgmt.geometry.coverage.problem_report import place_of
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts import changes
from gridmgmt.services.drafts.drafts import DEFAULT_TOLERANCE_M2
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.workbench import repairs, shown_areas
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.services.workbench.impact_result import Impact
from gridmgmt.services.workbench.operation_files import to_json
from gridmgmt.services.workbench.presence import meet
from gridmgmt.services.workbench.told_edits import named_history
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.areas.draft_edits import newest_number
from gridmgmt.store.situation.map_cases import places_of
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow, case_scope, may
from web.door.sessions import background
from web.pages import draft_pages
from web.pages.area_names import draft_names
from web.pages.kept_answers import compressed_json
from web.pages.workbench.answers import exact_areas, given_object, refusing
from web.words import problem_words
from web.words.level_names import declared
from web.words.operation_words import entry_said, operations_said

bp = Blueprint("workbench_panels", __name__, url_prefix="/drafts/<int:draft_id>/workbench")
refusing(bp)

# So many rows at most stand in a panel.
_LOG_ROWS = 200
_PROBLEM_ROWS = 100
_CASE_ROWS = 200
# Of what somebody selected so much is told to others.
_MOST_SELECTED, _LONGEST = 20, 200


@bp.get("/log.json")
@background
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def log(draft_id: int) -> Response:
    """Return what was done to the draft, newest first, and what undo and redo would do."""
    draft = draft_pages.find(draft_id)
    entries = named_history(connection(), draft.label)
    stand = stacks(entry for entry, _sides in entries)
    page = render_template(
        "workbench/_log.html",
        entries=list(reversed(entries))[:_LOG_ROWS],
        in_all=len(entries),
        stand=set(stand.done),
        people={one.username: one.name for one in list_accounts(connection())},
        entry_said=entry_said,
    )
    by_number = {entry.number: entry for entry, _sides in entries}
    following = {
        "undo": stand.done[-1] if stand.done else None,
        "redo": stand.undone[-1] if stand.undone else None,
    }
    return compressed_json(
        {
            "head": len(entries),
            "html": page,
            **{
                name: None if number is None else entry_said(by_number[number])
                for name, number in following.items()
            },
        }
    )


@bp.get("/problems.json")
@background
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def problems(draft_id: int) -> Response:
    """Return what the check of the draft finds, the errors first."""
    draft = draft_pages.find(draft_id)
    head = newest_number(connection(), draft.id)
    is_large = changes.size(connection(), draft.label) > draft_pages.CHECKED_AT_ONCE
    found = [] if is_large else _problems(draft)
    shown = found[:_PROBLEM_ROWS]
    page = render_template(
        "workbench/_problems.html",
        draft=draft,
        is_large=is_large,
        rows=[*enumerate(shown)],
        in_all=len(found),
        words=problem_words,
        mendable=repairs.is_mendable,
        area_names=draft_names(draft, changes.counts(connection(), draft), problems=shown),
    )
    return compressed_json(
        {
            "head": head,
            "html": page,
            "errors": sum(one.severity is Severity.ERROR for one in found),
            "warnings": sum(one.severity is not Severity.ERROR for one in found),
            "problems": [_place(number, one) for number, one in enumerate(shown)],
        }
    )


@bp.get("/repair/<int:number>.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def repair(draft_id: int, number: int) -> Response:
    """Return an operation that mends a problem, with the areas before and after it."""
    draft = draft_pages.find(draft_id)
    head = newest_number(connection(), draft.id)
    found = _problems(draft)
    if number >= len(found):
        raise NotFoundError(kind="problem", key=str(number + 1))
    proposal = repairs.repair_of(
        connection(), draft, found[number], border_m=current_settings().border_m
    )
    if proposal is None:
        return compressed_json({"head": head, "operation": None})
    areas = proposal.edited.areas
    return compressed_json(
        {
            "head": head,
            "operation": to_json(proposal.operation),
            "said": operations_said([proposal.operation.op]),
            "amount": amount_text(proposal.moved_m2, "m2"),
            "before": exact_areas([one.before for one in areas if one.before]),
            "after": exact_areas([one.after for one in areas if one.after]),
        }
    )


@bp.get("/impact.json")
@background
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def impact(draft_id: int) -> Response:
    """Return whom the draft would take cases from and give them to, and where these lie."""
    draft = draft_pages.find(draft_id)
    conn = connection()
    head = newest_number(conn, draft.id)
    found = _measured(draft)
    told = None if found is None else found.to_json()
    known = directory(conn)
    page = render_template(
        "workbench/_impact.html",
        draft=draft,
        impact=told,
        area_names=draft_names(draft, changes.counts(conn, draft), impact=told),
        people=known.responder_names,
        most=_CASE_ROWS,
    )
    moving = [] if found is None else found.cases
    places = {}
    if any(may(one) for one in SEEING_CASES):
        places = places_of(conn, [one.case_no for one in moving], case_scope())
    return compressed_json(
        {
            "head": head,
            "html": page,
            "moving": None if found is None else found.moving,
            "cases": [
                {
                    "case_no": one.case_no,
                    # Only for who may see the case: others learn its area.
                    "at": places.get(one.case_no),
                    "area": one.to_area or one.from_area,
                    "from": known.responder_names.get(one.from_responder or ""),
                    "to": known.responder_names.get(one.to_responder or ""),
                }
                for one in moving
            ],
        }
    )


@bp.get("/area/<level>/<path:code>.json")
@allow(Permission.EDIT_DRAFTS)
def area(draft_id: int, level: str, code: str) -> Response:
    """Return a form with what an area is called and what is declared for its level."""
    draft = draft_pages.find(draft_id)
    head = newest_number(connection(), draft.id)
    found = shown_areas.area(connection(), draft, level, code)
    page = render_template(
        "workbench/_area.html",
        area=found.area,
        below=found.below,
        attributes=declared(level).values(),
    )
    return compressed_json({"head": head, "html": page})


@bp.post("/presence")
@background
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def presence(draft_id: int) -> Response:
    """Note where the person is in the draft, and return who else is there, and where."""
    draft = draft_pages.find(draft_id)
    others = meet(connection(), draft, _whereabouts(given_object()), actor=actor())
    return jsonify(
        {"others": [{"name": one.name or one.username, **asdict(one.where)} for one in others]}
    )


def _whereabouts(given: Mapping[str, Any]) -> Whereabouts:
    """Read what a page says of itself.

    Raises
    ------
    InputError
        when it is not of that form
    """
    at, level, codes = given.get("at"), given.get("level"), given.get("codes")
    place = at is None or (isinstance(at, list) and len(at) == 2 and all(map(_is_degrees, at)))
    if not place or not isinstance(level, str) or not isinstance(codes, list):
        raise InputError(field="at", message=Sentence("give at, level and codes"))
    # PostgreSQL has no NUL in texts.
    if not all(isinstance(one, str) and "\0" not in one for one in (level, *codes)):
        raise InputError(field="codes", message=Sentence("give at, level and codes"))
    shown = tuple(one[:_LONGEST] for one in codes[:_MOST_SELECTED])
    return Whereabouts(None if at is None else (at[0], at[1]), level[:_LONGEST], shown)


def _is_degrees(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 360


def _measured(draft: Draft) -> Impact | None:
    """Return the impact of a draft, None where a job has to measure it, or it is published."""
    if draft.status is DraftStatus.PUBLISHED:
        return None
    asked = ImpactAsked(current_settings().judging_rules, datetime.now(UTC))
    measuring = DraftImpact(connection(), draft.label, asked)
    return None if measuring.is_large else measuring.measured().page(most=_CASE_ROWS)


def _problems(draft: Draft) -> list[Problem]:
    found = draft_pages.check(draft, DEFAULT_TOLERANCE_M2).problems
    return sorted(found, key=lambda one: one.severity is not Severity.ERROR)


def _place(number: int, problem: Problem) -> dict[str, Any]:
    return {
        "id": number,
        "severity": problem.severity,
        "place": place_of(problem),
        "geometry": None if problem.geom is None else mapping(problem.geom),
    }
