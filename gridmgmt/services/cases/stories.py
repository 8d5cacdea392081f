"""Cases with their history, explained and judged again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.auditing.replay import Difference, Replay
from gridmgmt.domain.cases.case import (
    PERSONAL_FIELDS,
    Case,
    CaseEvent,
    CaseLocation,
    CaseMark,
    Share,
    UnroutedReason,
)
from gridmgmt.domain.cases.default_position import DefaultPosition
from gridmgmt.domain.judging.decision import Considered, Decision
from gridmgmt.domain.judging.explained_names import Names
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import REROUTED, by_hand, judged_last
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.traces import to_judge
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import account_names
from gridmgmt.store.areas.areas import PointLocation, area_names, locate_point
from gridmgmt.store.cases import cases
from gridmgmt.store.cases.default_positions import list_default_positions
from gridmgmt.store.responsibility.components import component_names
from gridmgmt.store.responsibility.responders import list_responders

# What replaces personal data in the history, for readers who may not see them.
WITHHELD = "withheld"

# The places of texts that people wrote, in events.
WRITTEN = "text"


@dataclass(frozen=True)
class CaseStory:
    """A case with its history and, on request, how it was judged."""

    case: Case
    events: list[CaseEvent]


@dataclass(frozen=True)
class Explanation:
    """Why a case went to its responder, as data: its trace, names of codes, a new judgement.

    ``default`` is the default position at which it lies, None if it lies at none.
    ``phones`` of the responders, and ``reasons`` people wrote (by the number of their event),
    are only there for people who may see personal data.
    """

    case: Case
    trace: Mapping[str, Any]
    names: Names
    replay: Replay
    phones: Mapping[str, str]
    reasons: Mapping[int, str]
    default: DefaultPosition | None = None


def show(
    conn: Connection,
    case_no: str,
    *,
    personal: bool,
    actor: str,
    case_scope: CaseScope = ALL_CASES,
) -> CaseStory:
    """Return a case with its events; description and address only with ``personal``.

    Raises
    ------
    NotFoundError
        when no case has this number, or the person may not see it
    """
    case = cases.get_case(conn, case_no, case_scope=case_scope)
    if personal:
        note_reading(conn, case_no, command="show", actor=actor)
    return story_of(conn, case, personal=personal)


def note_reading(conn: Connection, case_no: str, *, command: str, actor: str) -> None:
    """Write to the audit log who read personal data of a case, and in which way."""
    audit.record(conn, actor, "read_personal", f"case {case_no}", {"command": command})


def story_of(conn: Connection, case: Case, *, personal: bool) -> CaseStory:
    """Return the history of a case; the caller audits the reading of personal data."""
    events = cases.list_events(conn, case.given.case_no)
    if personal:
        return CaseStory(case, events)
    return CaseStory(without_personal(case), [_withheld(event) for event in events])


def without_personal(case: Case) -> Case:
    """Return a case without what only the dispatching roles may see."""
    return replace(case, given=replace(case.given, description=None, address=None))


def _withheld(event: CaseEvent) -> CaseEvent:
    detail = dict(event.detail)
    # That a text changed is history for everybody; what it said is not.
    if "changed" in detail:
        detail["changed"] = {
            name: [WITHHELD] * 2 if name in PERSONAL_FIELDS else pair
            for name, pair in detail["changed"].items()
        }
    if WRITTEN in detail:
        detail[WRITTEN] = WITHHELD
    return replace(event, detail=detail)


def explain(
    conn: Connection,
    case_no: str,
    *,
    rules: JudgingRules,
    personal: bool,
    actor: str,
    case_scope: CaseScope = ALL_CASES,
) -> Explanation:
    """Return why a case went to its responder, and judge it again.

    It is judged by the limits in its trace; time zone and home are those of ``rules``.

    Raises
    ------
    NotFoundError
        when no case has this number, or the person may not see it
    """
    case = cases.get_case(conn, case_no, case_scope=case_scope)
    if personal:
        note_reading(conn, case_no, command="explain", actor=actor)
    return explanation_of(conn, case, rules=rules, personal=personal)


def explanation_of(
    conn: Connection, case: Case, *, rules: JudgingRules, personal: bool
) -> Explanation:
    """Return why a case went to its responder; the caller audits personal data."""
    case_no = case.given.case_no
    trace = cases.get_trace(conn, case_no)
    then = Decision.from_json(judged_last(trace)["decision"])
    replay, now = _replay(conn, case, judged_last(trace), then, rules)
    default = _default_of(conn, case, rules.tz)
    known = directory(conn)
    phones, reasons = {}, {}
    if personal:
        involved = {case.responder_code, then.responder, now.responder}
        involved |= {*then.overseers, *then.assistants}
        reasons = _reasons(conn, case_no, trace)
        phones = {one.code: one.phone for one in list_responders(conn) if one.code in involved}
    else:
        case = without_personal(case)
    names = Names(
        levels={level.name: (level.name_zh, level.name_en) for level in known.levels},
        areas=_area_names(conn, trace),
        places=known.place_names,
        responders=known.responder_names,
        categories=known.category_names,
        components=_component_names(conn, trace),
        people=_people(conn, trace, default),
    )
    known_phones = {code: phone for code, phone in phones.items() if phone is not None}
    return Explanation(case, trace, names, replay, known_phones, reasons, default)


def _default_of(conn: Connection, case: Case, tz: tzinfo) -> DefaultPosition | None:
    """Return the default position at which a case lies, accepted at a time on a clock."""
    if CaseMark.DEFAULT_POSITION not in case.marks:
        return None
    here = case.location.lon, case.location.lat
    accepted = list_default_positions(conn)
    found = (one for one in accepted if (one.lon, one.lat) == here)
    return next(
        (replace(one, accepted_at=one.accepted_at.astimezone(tz)) for one in found), None
    )


def _people(
    conn: Connection, trace: Mapping[str, Any], default: DefaultPosition | None
) -> dict[str, str]:
    """Return the names of those who decided about a case, by user name."""
    marks = [*by_hand(trace).values(), trace.get(REROUTED, {})]
    usernames = {mark["by"] for mark in marks if "by" in mark}
    if default is not None:
        usernames.add(default.accepted_by)
    return account_names(conn, usernames) if usernames else {}


def _reasons(conn: Connection, case_no: str, trace: Mapping[str, Any]) -> dict[int, str]:
    """Return what people wrote when they decided about a case."""
    decided = {mark["seq"] for mark in by_hand(trace).values()}
    return {
        event.seq: event.detail[WRITTEN]
        for event in (cases.list_events(conn, case_no) if decided else [])
        if event.seq in decided and WRITTEN in event.detail
    }


def _area_names(conn: Connection, trace: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    names: dict[tuple[str, str], str] = {}
    # An area that had another name when it was judged again keeps its first name.
    for judged in (judged_last(trace), trace):
        chain = (judged["place"] or {}).get("areas", ())
        areas = [(level, code) for level, code in chain]
        areas += [(judged["level"], code) for code, _ in judged.get("shares", ())]
        if areas:
            names |= area_names(conn, judged["edition"], areas)
    return names


def _component_names(conn: Connection, trace: Mapping[str, Any]) -> dict[str, str]:
    places = [judged["place"] or {} for judged in (judged_last(trace), trace)]
    codes = {code for place in places for code, _ in place.get("components", ())}
    return component_names(conn, sorted(codes)) if codes else {}


def _replay(
    conn: Connection,
    case: Case,
    trace: Mapping[str, Any],
    then: Decision,
    rules: JudgingRules,
) -> tuple[Replay, Decision]:
    """Judge a case again: located by the database this time, routed by today's duties."""
    # By SQL this time: the import used Python, so a difference between the twins would show
    # here.
    where = _locate_again(conn, trace)
    now = Decision(None, UnroutedReason.UNLOCATED)
    shares: tuple[Share, ...] = ()
    if where is not None:
        given = to_judge(case.given, trace)
        # With the limits stored in the trace, so that changed settings do not look like changed
        # duties.
        judge = Judge(conn, rules.as_in(trace))
        if trace.get("shares"):
            shares = _shares_again(judge, trace)
        there = CaseLocation(
            trace["lon"],
            trace["lat"],
            trace["edition"],
            trace["level"],
            where.code,
            shares=shares,
        )
        valid_on = date.fromisoformat(trace["valid_on"]) if "valid_on" in trace else None
        (judged,) = judge.route([given], [there], valid_on=valid_on)
        now = judged.decision
    differences = _place_differences(trace, where, shares) + _decision_differences(then, now)
    changes = _duty_changes(then.considered, now.considered)
    return Replay(trace["edition"], tuple(differences), tuple(changes)), now


def _locate_again(conn: Connection, trace: Mapping[str, Any]) -> PointLocation | None:
    if trace["edition"] is None or trace["lon"] is None or trace["level"] is None:
        return None
    return locate_point(
        conn,
        trace["lon"],
        trace["lat"],
        edition=trace["edition"],
        level=trace["level"],
        candidate_m=trace["settings"]["candidate_m"],
        snap_m=trace["settings"]["snap_m"],
    )


def _shares_again(judge: Judge, trace: Mapping[str, Any]) -> tuple[Share, ...]:
    """Compute again in which areas a case may lie; SQL has no equivalent."""
    (location,) = judge.locator.locate(
        np.array([trace["edition"]]),
        np.array([trace["lon"]]),
        np.array([trace["lat"]]),
        border=False,
        accuracy_m=np.array([trace["accuracy_m"]], dtype=np.float64),
    )
    return location.shares


def _place_differences(
    trace: Mapping[str, Any], now: PointLocation | None, shares: Sequence[Share]
) -> list[Difference]:
    if now is None:
        return []
    pairs = {
        "area": (trace["area"], now.code),
        "on_boundary": (trace["on_boundary"], now.on_boundary),
        "snapped": (trace["snapped"], now.snapped),
        "distance_m": (trace["distance_m"], now.distance_m),
        "candidates": ([code for code, _ in trace["candidates"]], list(now.candidates)),
        "shares": (
            [code for code, _ in trace.get("shares", ())],
            [part.code for part in shares],
        ),
    }
    return _differing(pairs)


def _decision_differences(then: Decision, now: Decision) -> list[Difference]:
    names = ("responder", "reason", "rule", "component", "overseers", "assistants", "marks")
    return _differing({name: (getattr(then, name), getattr(now, name)) for name in names})


def _differing(pairs: Mapping[str, tuple[object, object]]) -> list[Difference]:
    return [(what, then, now) for what, (then, now) in pairs.items() if then != now]


def _duty_changes(
    then: Sequence[Considered], now: Sequence[Considered]
) -> list[tuple[int, str]]:
    before = {duty.duty_id: duty for duty in then}
    after = {duty.duty_id: duty for duty in now}
    changes = []
    for duty in sorted(before.keys() | after.keys()):
        if duty not in after:
            changes.append((duty, "gone"))
        elif duty not in before:
            changes.append((duty, "new"))
        elif before[duty] != after[duty]:
            changes.append((duty, "different"))
    return changes
