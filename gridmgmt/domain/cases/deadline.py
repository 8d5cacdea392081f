"""How cases stand to their deadlines."""

from datetime import datetime
from enum import StrEnum

from gridmgmt.domain.cases.case import GivenCase


class Deadline(StrEnum):
    """How a case stands to its deadline at an instant; the rules of ``indicators.rates``."""

    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"
    PENDING = "pending"
    WITHOUT = "without"


def standing(given: GivenCase, as_of: datetime) -> Deadline:
    """Return how a case stands to its deadline at an instant.

    A case is done when it was disposed of or, if that was not recorded, closed. Later events do
    not count.

    Examples
    --------
    >>> at = datetime.fromisoformat("2024-01-05T08:30:00+08:00")
    >>> standing(GivenCase("C1", "noise", at), at)
    <Deadline.WITHOUT: 'without'>
    >>> standing(GivenCase("C1", "noise", at, due_at=at, disposed_at=at), at)
    <Deadline.ON_TIME: 'on_time'>
    """
    due_at = given.due_at
    done_at = given.disposed_at or given.closed_at
    if due_at is None:
        return Deadline.WITHOUT
    if done_at is not None and done_at <= as_of:
        return Deadline.LATE if done_at > due_at else Deadline.ON_TIME
    return Deadline.OVERDUE if due_at < as_of else Deadline.PENDING
