"""The queues of the case desk: lists that wait for somebody, each with its count."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case import REASONS_TO_ASSIGN, CaseStatus, UnroutedReason
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.errors import NotFoundError
from gridmgmt.services.cases.lists import area_name, count_lists
from gridmgmt.services.statistics.figures import revision as figures_revision
from web.app.days import today
from web.app.transaction import connection
from web.door.access import account, may
from web.pages.case_questions import TODAY, asker, given, question

# How far off the times that are left may be on a page that nobody loads again.
_CLOCK_S = 300


@dataclass(frozen=True, slots=True)
class Queue:
    """A list that waits for somebody, as the parameters of its address.

    What waits for a dispatcher is not shown to who works on its own cases: none of those waits.
    """

    name: str
    label: str
    tone: str
    asked: dict[str, str]
    dispatching: bool

    @property
    def query(self) -> str:
        """Return the query of the list's address, urgent cases first."""
        return urlencode({**self.asked, "sort": "due_at"})


QUEUES = (
    Queue(
        "place",
        _l("To place"),
        "warning",
        {"status": CaseStatus.TRIAGE, "reason": UnroutedReason.UNLOCATED},
        dispatching=True,
    ),
    Queue(
        "assign",
        _l("To assign"),
        "warning",
        {"status": CaseStatus.TRIAGE, "reason": ",".join(REASONS_TO_ASSIGN)},
        dispatching=True,
    ),
    Queue(
        "returned",
        _l("Returned"),
        "warning",
        {"status": CaseStatus.TRIAGE, "reason": UnroutedReason.BOUNCED},
        dispatching=True,
    ),
    Queue(
        "due_today",
        _l("Due today"),
        "info",
        {"deadline": Deadline.PENDING, "due": TODAY},
        dispatching=False,
    ),
    Queue("overdue", _l("Overdue"), "bad", {"overdue": "1"}, dispatching=False),
)


@dataclass(frozen=True, slots=True)
class CountedQueue:
    """A queue with the number of its cases and the address of its list, urgent ones first."""

    queue: Queue
    count: int
    address: str
    is_shown: bool


def revision(conn: Connection) -> str | None:
    """Return what stays the same while nothing changes that a list of cases shows.

    It is another one when a case changes, a deadline passes or a day ends, and every few
    minutes for the times that are left. None where nobody knows (no columns yet).
    """
    now = datetime.now(UTC)
    known = figures_revision(conn, now)
    if known is None:
        return None
    clock = int(now.timestamp()) // _CLOCK_S, today()
    return hashlib.blake2b(repr((known, clock)).encode(), digest_size=9).hexdigest()


def counted(conn: Connection) -> list[CountedQueue]:
    """Return the queues of this account; each count is made of the list's own parameters."""
    shown = [one for one in QUEUES if may(Permission.SEE_CASES) or not one.dispatching]
    counts = count_lists(conn, [question(MultiDict(one.asked)) for one in shown], asker())
    here = given()
    return [
        CountedQueue(
            one,
            count,
            f"{url_for('cases.index')}?{one.query}",
            here == one.asked,
        )
        for one, count in zip(shown, counts, strict=True)
    ]


def limited_to() -> str | None:
    """Return the area to which somebody who dispatches is limited, None without a limit.

    A case without a position lies in no area: who is limited to one never sees it.
    """
    area = account().area
    dispatches = may(Permission.PLACE_CASES) or may(Permission.ASSIGN_CASES)
    if area is None or not (may(Permission.SEE_CASES) and dispatches):
        return None
    try:
        return area_name(connection(), area)
    except NotFoundError:
        return area[1]
