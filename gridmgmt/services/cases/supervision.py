"""Supervise cases (督办): a superior presses the responder of a case, and sees what is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import Case, CaseAction
from gridmgmt.domain.moments import shown
from gridmgmt.errors import CaseError
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.sentence import Sentence
from gridmgmt.services.cases.action_checks import check_text
from gridmgmt.services.cases.actions import Acting, begin, end, written
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.statistics.figures import figures_by_responder
from gridmgmt.store.accounts.accounts import account_names
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.supervisions import newest_supervisions


@dataclass(frozen=True)
class LateResponder:
    """Who lets cases of an account's sight wait, with the counts of those still open.

    ``code`` None: nobody has them yet.
    """

    code: str | None
    name: str | None
    counts: DeadlineCounts


def supervise(conn: Connection, acting: Acting, *, text: str = "", again: bool = False) -> Case:
    """Press the responder of a case; nothing but the history of the case changes.

    Parameters
    ----------
    text : a note for the responder
    again : press although somebody did so lately

    Raises
    ------
    InputError
        when the note is too long or cannot be stored
    CaseError
        when the case was supervised lately and ``again`` is False
    NotFoundError, CaseChangedError, TransitionError
        as for every action
    """
    check_text("text", text)
    case = begin(conn, acting, CaseAction.SUPERVISE)
    last = newest_supervisions(conn, [acting.case_no]).get(acting.case_no)
    if last is not None and last.is_recent(acting.now) and not again:
        raise CaseError(
            Sentence(
                "{} supervised case {} already, at {}; to do it again, say so",
                account_names(conn, [last.actor]).get(last.actor, last.actor),
                acting.case_no,
                shown(last.at, acting.now.tzinfo or UTC),
            )
        )
    return end(conn, acting, CaseAction.SUPERVISE, case, case, written(text), None)


def late_responders(
    conn: Connection, *, now: datetime, case_scope: CaseScope, without_provisional: bool
) -> Sequence[LateResponder]:
    """Return who has overdue cases among those in sight, most overdue cases first.

    ``without_provisional`` counts a provisional deadline as none.
    """
    waiting = CaseFilter(
        open=True, as_of=now, case_scope=case_scope, without_provisional=without_provisional
    )
    names = directory(conn).responder_names
    found = [
        LateResponder(code, names.get(code or ""), counts)
        for code, counts in figures_by_responder(conn, waiting, now).items()
        if counts.overdue
    ]
    return sorted(found, key=lambda one: (-one.counts.overdue, one.code or ""))
