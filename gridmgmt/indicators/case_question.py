"""What may be asked of cases in columns."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.domain.cases.deadline import Deadline

# How a case stands to its deadline is a number of three bits: 1 for late of a done case and
# for pending of an open one, 2 for open, 4 for without deadline.
LATE_OR_PENDING, IS_OPEN, IS_WITHOUT = 1, 2, 4
ON_TIME, LATE, OVERDUE, PENDING = range(4)
DONE_WITHOUT, OPEN_WITHOUT = IS_WITHOUT, IS_WITHOUT | IS_OPEN | LATE_OR_PENDING
STANDING_COUNT = 8


def _bits(*standings: int) -> int:
    return sum(1 << one for one in standings)


ANY_STANDING = _bits(*range(STANDING_COUNT))
OPEN = _bits(OVERDUE, PENDING, OPEN_WITHOUT)
STANDINGS = {
    Deadline.ON_TIME: _bits(ON_TIME),
    Deadline.LATE: _bits(LATE),
    Deadline.OVERDUE: _bits(OVERDUE),
    Deadline.PENDING: _bits(PENDING),
    Deadline.WITHOUT: _bits(DONE_WITHOUT, OPEN_WITHOUT),
    Deadline.DUE: _bits(ON_TIME, LATE, OVERDUE),
    Deadline.MISSED: _bits(LATE, OVERDUE),
    Deadline.PROVISIONAL: _bits(ON_TIME, LATE, OVERDUE),
}


class CaseMoment(StrEnum):
    """The instant of a case that a period limits, or by which spans of time are counted."""

    REPORTED = "reported"
    DUE = "due"
    DONE = "done"
    CLOSED = "closed"


class By(StrEnum):
    """The list by whose entries cases are grouped."""

    PLACE = "under"
    ANSWERER = "answerer"


NO_SPANS = np.zeros(0, dtype=np.int64)


class Conditions(NamedTuple):
    """What a case must be; arrays say for each entry of a list whether it matches.

    ``place`` is asked for the area that judged the case, ``under`` for its place under the
    edition of the question. ``must`` and ``must_not`` are bits of marks, ``no_due`` those of
    cases whose deadline counts as none, ``standings`` those of how a case stands to its
    deadline at ``as_of``. ``due_until`` is the first instant after the deadlines that match,
    `NEVER` for any, and none. ``since`` and ``until`` limit the moment of the question,
    ``reported_until`` is the last instant of a report. ``hours`` says for each hour of a week,
    from Monday 0:00 on the bureau's clock, whether a report in it matches; empty: any. From
    ``clock_from[n]`` on that clock is ``clock[n]`` ahead of UTC. All instants and spans are
    microseconds.
    """

    place: BoolArray
    under: BoolArray
    answerer: BoolArray
    category: BoolArray
    channel: BoolArray
    status: BoolArray
    must: int
    must_not: int
    no_due: int
    standings: int
    since: int
    until: int
    reported_until: int
    as_of: int
    due_until: int
    hours: BoolArray
    clock_from: IntArray
    clock: IntArray


@dataclass(frozen=True, slots=True)
class Question:
    """Which cases are counted, and how they are grouped.

    The period of the conditions limits ``moment``. ``groups`` has for each entry of the list
    ``by`` the number of its group, -1 for none. Within a group cases are counted by the spans
    of time between the instants ``spans`` in which ``spans_of`` is; those before the first or
    from the last on are left out, and without instants there is one span. Cases with a mark of
    ``apart`` are counted apart.
    """

    conditions: Conditions
    groups: IntArray
    by: By = By.PLACE
    moment: CaseMoment = CaseMoment.REPORTED
    spans: IntArray = field(default_factory=lambda: NO_SPANS)
    spans_of: CaseMoment = CaseMoment.REPORTED
    apart: int = 0
