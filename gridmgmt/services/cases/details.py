"""One case for its page: state, history, explanation, and possible actions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.case_scope import CaseScope, sees_personal
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.edition import Edition, edition_at
from gridmgmt.domain.cases.case import Case, CaseAction, CaseEvent, allowed_actions
from gridmgmt.domain.cases.own_reports import is_own_report, may_place_own
from gridmgmt.domain.cases.supervision import Supervision
from gridmgmt.domain.judging.candidates import Candidate, candidates
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import BOUNCED, judged_last
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.services.cases.stories import Explanation, explanation_of, note_reading, story_of
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.traces import to_judge
from gridmgmt.store.accounts.accounts import account_names
from gridmgmt.store.areas.areas import area_names
from gridmgmt.store.areas.editions import get_edition, list_editions
from gridmgmt.store.cases.cases import get_case, get_trace
from gridmgmt.store.cases.supervisions import newest_supervisions
from gridmgmt.store.responsibility.responders import list_responders

_NEEDS = {
    CaseAction.PLACE: Permission.PLACE_CASES,
    CaseAction.ASSIGN: Permission.ASSIGN_CASES,
    CaseAction.BOUNCE: Permission.BOUNCE_CASES,
    CaseAction.DISPOSE: Permission.DISPOSE_CASES,
    CaseAction.CLOSE: Permission.CLOSE_CASES,
    CaseAction.SUPERVISE: Permission.SUPERVISE_CASES,
}


@dataclass(frozen=True)
class CaseDetail:
    """A case with everything that is known of it.

    ``personal`` is whether it has personal data. ``actions`` are those allowed by its state and
    the account. ``people`` are all responders by code. ``edition`` is the one in force when the
    case was reported. ``shares`` are the areas it may lie in, the most probable first, if its
    position is not known well enough. ``areas`` are the names of those in events, by (edition,
    level, code). ``supervision`` is the newest one. ``candidates`` are who may be given the
    case, the most likely first. ``actors`` are the names of those who acted on it, by user
    name; a command or a program has none. ``is_own_report``: the account reported it.
    """

    case: Case
    events: list[CaseEvent]
    explained: Explanation
    decision: Decision
    personal: bool
    actions: frozenset[CaseAction]
    people: dict[str, Responder]
    editions: list[Edition]
    edition: Edition | None
    shares: list[tuple[str, float]]
    areas: dict[tuple[int, str, str], str]
    supervision: Supervision | None
    candidates: tuple[Candidate, ...]
    actors: dict[str, str]
    is_own_report: bool


@dataclass(frozen=True)
class CaseElsewhere:
    """Where a case would go under another edition; nothing of it is stored.

    ``areas`` are (level, code, name), the deepest first; empty if the case would not be
    located.
    """

    edition: int
    case: Case
    unlocated: str | None
    areas: tuple[tuple[str, str, str], ...]
    decision: Decision


def detail(
    conn: Connection,
    case_no: str,
    account: Account,
    *,
    rules: JudgingRules,
    case_scope: CaseScope,
) -> CaseDetail:
    """Return a case for an account; reading personal data is written to the audit log once.

    Raises
    ------
    NotFoundError
        when no case has this number, or the account may not see it
    """
    case = get_case(conn, case_no, case_scope=case_scope)
    personal = sees_personal(account, case, case_scope)
    if personal:
        # In the transaction of the page: no personal data are shown without this entry.
        note_reading(conn, case_no, command="page", actor=account.username)
    story = story_of(conn, case, personal=personal)
    explained = explanation_of(conn, case, rules=rules, personal=personal)
    editions = list_editions(conn)
    judged = judged_last(explained.trace)
    decision = Decision.from_json(judged["decision"])
    bounced = explained.trace.get(BOUNCED)
    return CaseDetail(
        case=story.case,
        events=story.events,
        explained=explained,
        decision=decision,
        personal=personal,
        actions=_actions(case, story.events, account),
        people={one.code: one for one in list_responders(conn)},
        editions=editions,
        edition=edition_at(editions, case.given.reported_at),
        shares=[(code, share) for code, share in judged.get("shares", ())],
        areas=_areas_of(conn, story.events),
        supervision=newest_supervisions(conn, [case_no]).get(case_no),
        candidates=candidates(decision, bounced, present=case.responder_code),
        actors=account_names(conn, {one.actor for one in story.events}),
        is_own_report=is_own_report(story.events, account.username),
    )


def _areas_of(conn: Connection, events: Sequence[CaseEvent]) -> dict[tuple[int, str, str], str]:
    """Return the names of the areas in events; those of withdrawn editions are absent."""
    by_edition: dict[int, set[AreaKey]] = {}
    for event in events:
        for told in (event.detail, event.detail.get("from"), event.detail.get("to")):
            if told and told.get("edition") and told.get("area"):
                by_edition.setdefault(told["edition"], set()).add((told["level"], told["area"]))
    return {
        (edition, level, code): name
        for edition, keys in by_edition.items()
        for (level, code), name in area_names(conn, edition, sorted(keys)).items()
    }


def _actions(
    case: Case, events: Sequence[CaseEvent], account: Account
) -> frozenset[CaseAction]:
    """Return the possible actions; an account of a responder bounces only its own cases."""
    possible = allowed_actions(case.status)
    actions = {action for action in possible if account.may(_NEEDS[action])}
    reports = account.may(Permission.REPORT_CASES)
    if (
        reports
        and CaseAction.PLACE in possible
        and may_place_own(case, events, account.username)
    ):
        actions.add(CaseAction.PLACE)
    # A responder can only return what it has; a dispatcher may return any case.
    if account.responder_code not in (None, case.responder_code):
        actions.discard(CaseAction.BOUNCE)
    return frozenset(actions)


def would_go(
    conn: Connection, case_no: str, edition: int, *, rules: JudgingRules, case_scope: CaseScope
) -> CaseElsewhere:
    """Judge a case by another edition and the present duties, without storing anything.

    Raises
    ------
    NotFoundError
        when the account sees no such case, or there is no such edition
    """
    case = get_case(conn, case_no, case_scope=case_scope)
    # An edition that does not exist would only find no areas, and look like a case outside.
    get_edition(conn, edition)
    lon, lat = case.location.lon, case.location.lat
    position = None if lon is None or lat is None else (lon, lat)
    given = to_judge(case.given, get_trace(conn, case_no))
    judged = Judge(conn, rules).judge_one(given, position, edition=edition)
    chain = () if judged.surroundings is None else judged.surroundings.areas
    names = area_names(conn, edition, list(chain))
    return CaseElsewhere(
        edition=edition,
        case=case,
        unlocated=judged.location.unlocated_reason,
        areas=tuple((level, code, names.get((level, code), code)) for level, code in chain),
        decision=judged.decision,
    )
