"""Put a case on the map: say what would become of it at a position, and store that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case, CaseAction
from gridmgmt.domain.cases.case_changes import outcome
from gridmgmt.domain.cases.own_reports import may_place_own
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED, PLACED, by_hand
from gridmgmt.errors import NotAllowedError
from gridmgmt.sentence import Sentence
from gridmgmt.services.cases.action_checks import check_located, check_lonlat, check_text
from gridmgmt.services.cases.actions import Acting, begin, end, mark_of, written
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.services.judging.judge import Judge, judged_case
from gridmgmt.services.judging.traces import to_judge
from gridmgmt.store.cases.cases import begin_writing, get_trace, list_events


@dataclass(frozen=True)
class Placing:
    """What a case becomes at a position that a person states; nothing of it is stored.

    ``judged`` is what the rules say there. ``decided`` is what people decided, this position
    among it, and wins over the rules.
    """

    after: Case
    judged: Judged
    decided: Mapping[str, Any]


def placed_at(
    judge: Judge,
    before: Case,
    trace: Mapping[str, Any],
    lonlat: tuple[float, float],
    mark: Mapping[str, Any],
) -> Placing:
    """Judge a case at a position by the rules of its day.

    Parameters
    ----------
    trace : of the case
    lonlat : degrees, EPSG:4326
    mark : who puts it there, as traces tell it
    """
    put = {PLACED: mark}
    judged = judge.judge_one(to_judge(before.given, put), lonlat)
    # The new position changes what the rules say, not what a person decided (DECISIONS 22).
    decided = {**_still_decided(trace, judged.decision), **put}
    after = judged_case(
        before.given, before.given_crs, judged, last_seq=before.last_seq, decided=decided
    )
    return Placing(after, judged, decided)


def place(
    conn: Connection,
    acting: Acting,
    *,
    lonlat: tuple[float, float],
    rules: JudgingRules,
    text: str = "",
    only_own: bool = False,
) -> Case:
    """Put a case at the position a person states, and judge it there by the rules of its day.

    The position from the source stays stored, and so does a responder that a person chose. A
    bounced case goes to the responder that the rules find there, unless this is the one who
    bounced it: then it still waits for a person.

    Parameters
    ----------
    lonlat : degrees, EPSG:4326
    only_own : the actor only places what it reported itself and has no position yet

    Raises
    ------
    InputError
        when there is no area at that position
    NotAllowedError
        when the actor may not place this case
    NotFoundError, CaseChangedError, TransitionError
        as for every action
    CaseError
        when the case was reported before the first edition came into force
    """
    check_lonlat(lonlat)
    check_text("text", text)
    begin_writing(conn)
    before = begin(conn, acting, CaseAction.PLACE)
    # Under the lock: somebody else may have placed it since the page was shown.
    if only_own:
        _check_own(conn, before, acting.actor)
    trace = get_trace(conn, acting.case_no)
    judge = Judge(conn, rules)
    put = placed_at(judge, before, trace, lonlat, mark_of(acting))
    check_located(
        before.given,
        put.judged.location.unlocated_reason,
        judge.locator.first_edition,
        rules.tz,
    )
    had = None if before.location.lon is None else [before.location.lon, before.location.lat]
    detail = {
        "from": outcome(before),
        "to": outcome(put.after),
        "position": [had, list(lonlat)],
        # The trace is overwritten; the event keeps the old one, since history is never edited.
        "trace_before": trace,
        **written(text),
    }
    new_trace = judge.trace(before.given, before.given_crs, put.judged, put.decided)
    placed = end(conn, acting, CaseAction.PLACE, before, put.after, detail, new_trace)
    CaseLeaves(conn, rules).replace([placed])
    return placed


def _check_own(conn: Connection, case: Case, username: str) -> None:
    if not may_place_own(case, list_events(conn, case.given.case_no), username):
        raise NotAllowedError(
            Sentence("this account only places what it reported itself without a position")
        )


def _still_decided(trace: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    """Return the earlier decisions of people that still hold at the new position."""
    decided = by_hand(trace)
    bounced = {} if ASSIGNED in decided else decided.get(BOUNCED, {})
    # A case must not come back by itself to the responder who said it is not theirs.
    if bounced and decision.responder not in (None, bounced["from"]):
        del decided[BOUNCED]
    return decided
