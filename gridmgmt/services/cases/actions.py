"""Actions of people on a case: assign, bounce, dispose and close it, and what all share.

Each action is one event, with the values before and after, and the new state.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.cases.case import (
    Case,
    CaseAction,
    CaseEvent,
    CaseEventKind,
    UnroutedReason,
    allowed_actions,
    status_of,
)
from gridmgmt.domain.cases.case_changes import outcome
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED, judged_last
from gridmgmt.errors import (
    CaseChangedError,
    InputError,
    NotAllowedError,
    TransitionError,
)
from gridmgmt.sentence import Sentence
from gridmgmt.services.cases.action_checks import check_moment, check_responder, check_text
from gridmgmt.services.cases.stories import WRITTEN
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import account_names
from gridmgmt.store.cases.case_steps import change_case
from gridmgmt.store.cases.cases import get_case, get_trace, list_events

_KINDS = {
    CaseAction.PLACE: CaseEventKind.PLACED,
    CaseAction.ASSIGN: CaseEventKind.ASSIGNED,
    CaseAction.BOUNCE: CaseEventKind.BOUNCED,
    CaseAction.DISPOSE: CaseEventKind.DISPOSED,
    CaseAction.CLOSE: CaseEventKind.CLOSED,
    CaseAction.SUPERVISE: CaseEventKind.SUPERVISED,
}


@dataclass(frozen=True)
class Acting:
    """Who acts on which case, and which of its states they saw.

    ``seen_seq`` is the ``last_seq`` of the case when it was shown. ``case_scope`` is what the
    actor may see. ``now`` is the present on the bureau's clock, by which errors show times.
    """

    case_no: str
    seen_seq: int
    actor: str
    case_scope: CaseScope = ALL_CASES
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def assign(conn: Connection, acting: Acting, *, responder_code: str, reason: str) -> Case:
    """Give a case to a responder that a person chose; the result of the rules stays stored.

    Raises
    ------
    InputError
        when there is no such responder, it already has the case, or no reason is given
    NotFoundError, CaseChangedError, TransitionError
        as for every action
    """
    check_text("reason", reason, required=True)
    check_responder(conn, "responder", responder_code)
    before = begin(conn, acting, CaseAction.ASSIGN)
    if before.responder_code == responder_code:
        raise InputError(
            field="responder", message=Sentence("{} has the case already", responder_code)
        )
    after = replace(
        before,
        responder_code=responder_code,
        unrouted_reason=None,
        status=status_of(responder_code, None, None),
    )
    mark = {**mark_of(acting), "responder": responder_code, "instead": before.responder_code}
    trace = json.dumps({**get_trace(conn, acting.case_no), ASSIGNED: mark}, ensure_ascii=False)
    detail = {"from": outcome(before), "to": outcome(after), **written(reason)}
    return end(conn, acting, CaseAction.ASSIGN, before, after, detail, trace)


def bounce(
    conn: Connection,
    acting: Acting,
    *,
    reason: str,
    suggested: str | None = None,
    only_of: str | None = None,
) -> Case:
    """Return a case because its responder is not responsible; it then waits for a person.

    The result of the rules stays stored. No import or reroute gives the case to anybody again.

    Parameters
    ----------
    suggested : the responder who should have it instead, if somebody knows
    only_of : the only responder whose cases the actor may return; None: any

    Raises
    ------
    InputError
        when no reason is given, or the suggested responder is unknown or has the case
    NotAllowedError
        when another responder than ``only_of`` has the case
    NotFoundError, CaseChangedError, TransitionError
        as for every action
    """
    check_text("reason", reason, required=True)
    if suggested is not None:
        check_responder(conn, "suggested", suggested)
    before = begin(conn, acting, CaseAction.BOUNCE)
    had = before.responder_code
    # Under the lock: the case may have gone to somebody else since the page was shown.
    if only_of is not None and only_of != had:
        raise NotAllowedError(
            Sentence("this account acts for {}, and {} has the case", only_of, had)
        )
    if suggested == had:
        raise InputError(field="suggested", message=Sentence("{} has the case already", had))
    after = replace(
        before,
        responder_code=None,
        unrouted_reason=UnroutedReason.BOUNCED,
        status=status_of(None, None, None),
    )
    trace = get_trace(conn, acting.case_no)
    mark = {**mark_of(acting), "from": had, "suggested": suggested}
    # A bounce ends an earlier assignment to the responder who returned the case.
    kept = {name: value for name, value in trace.items() if name != ASSIGNED}
    location = before.location
    detail = {
        "from": outcome(before),
        "to": outcome(after),
        "suggested": suggested,
        # Reports of bounces need the present location and the deciding duties later.
        "lonlat": None if location.lon is None else [location.lon, location.lat],
        "duties": [] if ASSIGNED in trace else judged_last(trace)["decision"]["duty_ids"],
        **written(reason),
    }
    traced = json.dumps({**kept, BOUNCED: mark}, ensure_ascii=False)
    return end(conn, acting, CaseAction.BOUNCE, before, after, detail, traced)


def dispose(conn: Connection, acting: Acting, *, at: datetime, text: str) -> Case:
    """Store that a case was disposed of, when and how.

    Raises
    ------
    InputError
        when the time is before the report or in the future, or the text is empty
    NotFoundError, CaseChangedError, TransitionError
        as for every action
    """
    check_text("text", text, required=True)
    before = begin(conn, acting, CaseAction.DISPOSE)
    # Under the lock: until then an import may still change the time of the report.
    check_moment("disposed_at", at, acting.now, reported_at=before.given.reported_at)
    return _finish(conn, acting, CaseAction.DISPOSE, before, at, text)


def close(conn: Connection, acting: Acting, *, at: datetime, text: str = "") -> Case:
    """Close a case that was disposed of.

    Raises
    ------
    InputError
        when the time is before the disposal or in the future
    NotFoundError, CaseChangedError, TransitionError
        as for every action
    """
    check_text("text", text)
    before = begin(conn, acting, CaseAction.CLOSE)
    given = before.given
    earlier = {"reported_at": given.reported_at, "disposed_at": given.disposed_at or at}
    check_moment("closed_at", at, acting.now, **earlier)
    return _finish(conn, acting, CaseAction.CLOSE, before, at, text)


def begin(conn: Connection, acting: Acting, action: CaseAction) -> Case:
    """Lock the case and return it.

    Raise an error if it is not the state the actor saw, or the action is not possible.
    """
    case = get_case(conn, acting.case_no, case_scope=acting.case_scope, lock=True)
    # Two people may have the page open: the second must see what the first did, and not
    # overwrite it.
    if case.last_seq != acting.seen_seq:
        newest = list_events(conn, acting.case_no)[-1]
        by = account_names(conn, [newest.actor]).get(newest.actor, newest.actor)
        raise CaseChangedError(acting.case_no, by, newest.kind)
    if action not in allowed_actions(case.status):
        raise TransitionError(acting.case_no, action, case.status)
    return case


def _finish(
    conn: Connection,
    acting: Acting,
    action: CaseAction,
    before: Case,
    at: datetime,
    text: str,
) -> Case:
    if action is CaseAction.DISPOSE:
        given = replace(before.given, disposed_at=at)
    else:
        given = replace(before.given, closed_at=at)
    status = status_of(before.responder_code, given.disposed_at, given.closed_at)
    after = replace(before, given=given, status=status)
    return end(conn, acting, action, before, after, written(text), None, at=at)


def end(
    conn: Connection,
    acting: Acting,
    action: CaseAction,
    before: Case,
    after: Case,
    detail: Mapping[str, Any],
    trace: str | None,
    *,
    at: datetime | None = None,
) -> Case:
    """Store an action as an event with the new state, and return the case as it stands then."""
    after = replace(after, last_seq=before.last_seq + 1)
    event = CaseEvent(
        acting.case_no, after.last_seq, _KINDS[action], at or acting.now, acting.actor, detail
    )
    change_case(conn, after, event, trace)
    # Without the texts people wrote: the audit log has no personal data.
    told = {"before": _told(before), "after": _told(after)}
    audit.record(conn, acting.actor, f"{action}_case", f"case {acting.case_no}", told)
    return after


def _told(case: Case) -> dict[str, Any]:
    ends = {"disposed_at": case.given.disposed_at, "closed_at": case.given.closed_at}
    moments = {name: None if at is None else at.isoformat() for name, at in ends.items()}
    position = None if case.location.lon is None else [case.location.lon, case.location.lat]
    return {"status": case.status, "position": position, **outcome(case), **moments}


def mark_of(acting: Acting) -> dict[str, Any]:
    """Return who acts and when, as the trace of a case tells it."""
    at = acting.now.isoformat(timespec="seconds")
    # The number of this action's own event, where what the person wrote stands: a trace holds
    # no texts.
    return {"by": acting.actor, "at": at, "seq": acting.seen_seq + 1}


def written(text: str) -> dict[str, str]:
    """Return what a person wrote as the detail of an event; nothing for an empty text."""
    return {WRITTEN: text.strip()} if text.strip() else {}
