"""The deadlines of cases: how long a time limit is, and how cases stand to their deadlines."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.moments import LATEST_YEAR
from gridmgmt.domain.time_limit import LimitUnit, TimeLimit
from gridmgmt.sentence import Sentence

# The plain clock: nights, weekends and holidays count. Deadlines by it are provisional, until a
# clock of the bureau's working time computes them anew.
_PLAIN = {
    LimitUnit.MINUTE: timedelta(minutes=1),
    LimitUnit.HOUR: timedelta(minutes=60),
    LimitUnit.DAY: timedelta(hours=24),
    LimitUnit.WEEK: timedelta(days=7),
}


class Deadline(StrEnum):
    """How a case stands to its deadline at an instant; the rules of ``indicators.rates``.

    Three are only filters. ``DUE`` is 应处置, the should set of a rate, which is the cases that
    are on time, late or overdue; ``MISSED`` is 未按期处置, those of them that are not on time;
    ``PROVISIONAL`` are those of them whose deadline is provisional.
    """

    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"
    PENDING = "pending"
    WITHOUT = "without"
    DUE = "due"
    MISSED = "missed"
    PROVISIONAL = "provisional"


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


def plain_length(limit: TimeLimit) -> timedelta | None:
    """Return how long a limit is on the plain clock, None if it has no plain length.

    A month or a year has none, for months differ. Seconds are rounded; what is longer than
    `timedelta` can hold is as long as it can hold.

    Examples
    --------
    >>> from gridmgmt.domain.time_limit import parse_limits
    >>> [str(plain_length(one)) for one in parse_limits("2紧急工作时|半天|1个月|及时")]
    ['2:00:00', '12:00:00', 'None', 'None']
    """
    if limit.unit is None or limit.number is None or limit.unit not in _PLAIN:
        return None
    seconds = round(limit.number * int(_PLAIN[limit.unit].total_seconds()))
    return timedelta(seconds=min(seconds, timedelta.max.days * 86_400))


def provisional_due_at(reported_at: datetime, limit: TimeLimit) -> datetime | None:
    """Return the deadline of a case by a limit on the plain clock, in its own time zone.

    Where clocks were changed in between, a day still has 24 hours. None: the limit has no plain
    length, or ends after the last year that is stored; ``why_no_due_at`` says which.
    """
    length = plain_length(limit)
    if length is None:
        return None
    try:
        due_at = (reported_at.astimezone(UTC) + length).astimezone(reported_at.tzinfo)
    except OverflowError:
        return None
    return due_at if due_at.year <= LATEST_YEAR else None


def why_no_due_at(limit: TimeLimit) -> Sentence:
    """Return why a limit gives no deadline.

    Examples
    --------
    >>> from gridmgmt.domain.time_limit import parse_limits
    >>> [str(why_no_due_at(one)) for one in parse_limits("及时|1个月")]
    ['及时 states no length of time', '1个月 is not always equally long']
    """
    if limit.why_not is not None:
        return limit.why_not
    if plain_length(limit) is None:
        return Sentence("{} is not always equally long", limit.text)
    return Sentence("{} ends too far in the future", limit.text)
