"""Count cases in columns: one pass, whatever is asked.

A question is a set of tables: for each entry of a list whether it matches, and to which group
it belongs. The loops look up; the only rule they know is that of deadlines, which is the one of
``indicators/rates.py``.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.geometry.compiled import compiled
from gridmgmt.indicators.case_columns import NEVER, PROVISIONAL_BIT, CaseColumns
from gridmgmt.indicators.rates import COUNT_NAMES

# How a case stands to its deadline, a bit each.
_ON_TIME, _LATE, _OVERDUE, _PENDING, _DONE_WITHOUT, _OPEN_WITHOUT = (1 << n for n in range(6))
ANY_STANDING = (1 << 6) - 1
OPEN = _OVERDUE | _PENDING | _OPEN_WITHOUT
STANDINGS = {
    Deadline.ON_TIME: _ON_TIME,
    Deadline.LATE: _LATE,
    Deadline.OVERDUE: _OVERDUE,
    Deadline.PENDING: _PENDING,
    Deadline.WITHOUT: _DONE_WITHOUT | _OPEN_WITHOUT,
    Deadline.DUE: _ON_TIME | _LATE | _OVERDUE,
    Deadline.PROVISIONAL: _ON_TIME | _LATE | _OVERDUE,
}

_HOUR = 3_600_000_000
_WEEK = 168
# 1970-01-01 was a Thursday.
_FIRST_HOUR = 72


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
    deadline at ``as_of``. ``since`` and ``until`` limit the moment of the question,
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


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Counts: (2, groups, spans, COUNT_NAMES); the second plane is of cases counted apart.

    They are the same at every instant of judging before ``holds_until``.
    """

    counts: IntArray
    holds_until: int


class _Rows(NamedTuple):
    reported: IntArray
    due: IntArray
    done: IntArray
    moment: IntArray
    place: NDArray[np.int32]
    under: NDArray[np.int32]
    answerer: NDArray[np.int32]
    category: NDArray[np.int16]
    channel: NDArray[np.int16]
    marks: NDArray[np.uint16]
    status: NDArray[np.uint8]


def count(columns: CaseColumns, under: NDArray[np.int32], asked: Question) -> GroupCounts:
    """Count cases by groups and spans of time.

    Parameters
    ----------
    under : (n,) places under the edition of the question
    """
    rows = _rows(columns, under, asked)
    keys: dict[By, NDArray[Any]] = {
        By.PLACE: under,
        By.ANSWERER: columns.answerer,
    }
    start, stop = _reach(rows, asked)
    shape = (
        2,
        int(asked.groups.max(initial=0)) + 1,
        max(len(asked.spans) - 1, 1),
        len(COUNT_NAMES),
    )
    counts = np.zeros(shape, dtype=np.int64)
    until = _count(
        _matching(rows, asked.conditions, start, stop),
        rows,
        keys[asked.by],
        asked.groups,
        getattr(columns, asked.spans_of),
        asked.spans,
        asked.apart,
        asked.conditions.no_due,
        asked.conditions.as_of,
        counts,
    )
    return GroupCounts(counts, until)


def matching(columns: CaseColumns, under: NDArray[np.int32], asked: Question) -> IntArray:
    """Return the rows of the cases that meet the conditions, in ascending order."""
    rows = _rows(columns, under, asked)
    start, stop = _reach(rows, asked)
    return _matching(rows, asked.conditions, start, stop)


def _rows(columns: CaseColumns, under: NDArray[np.int32], asked: Question) -> _Rows:
    return _Rows(
        columns.reported,
        columns.due,
        columns.done,
        getattr(columns, asked.moment),
        columns.place,
        under,
        columns.answerer,
        columns.category,
        columns.channel,
        columns.marks,
        columns.status,
    )


def _reach(rows: _Rows, asked: Question) -> tuple[int, int]:
    """Return between which rows all matching cases are: columns are ordered by report."""
    last = asked.conditions.reported_until
    stop = int(np.searchsorted(rows.reported, last, side="right"))
    if asked.moment is not CaseMoment.REPORTED:
        return 0, stop
    first, end = np.searchsorted(
        rows.reported, [asked.conditions.since, asked.conditions.until]
    )
    return int(first), min(int(end), stop)


@compiled
def _matching(rows: _Rows, wanted: Conditions, start: int, stop: int) -> IntArray:
    """Return the rows that meet the conditions.

    The tables are taken out of their tuples first: in the loop that would cost more than the
    loop itself.
    """
    reported, due, done, moment = rows.reported, rows.due, rows.done, rows.moment
    place, under, answerer = rows.place, rows.under, rows.answerer
    category, channel, marks, status = rows.category, rows.channel, rows.marks, rows.status
    place_is, under_is, answerer_is = wanted.place, wanted.under, wanted.answerer
    category_is, channel_is, status_is = wanted.category, wanted.channel, wanted.status
    must, must_not, standings = wanted.must, wanted.must_not, wanted.standings
    no_due = wanted.no_due
    since, until, as_of = wanted.since, wanted.until, wanted.as_of
    hours, clock_from, clock = wanted.hours, wanted.clock_from, wanted.clock
    found = np.empty(max(stop - start, 0), dtype=np.int64)
    count = 0
    for row in range(start, stop):
        if not (
            since <= moment[row] < until
            and place_is[place[row]]
            and under_is[under[row]]
            and answerer_is[answerer[row]]
            and category_is[category[row]]
            and channel_is[channel[row]]
            and status_is[status[row]]
            and marks[row] & must == must
            and marks[row] & must_not == 0
        ):
            continue
        if standings != ANY_STANDING:
            due_at = NEVER if marks[row] & no_due else due[row]
            if not _standing(due_at, done[row], as_of) & standings:
                continue
        if len(hours):
            at = np.searchsorted(clock_from, reported[row], side="right") - 1
            hour = (reported[row] + clock[at]) // _HOUR + _FIRST_HOUR
            if not hours[hour % _WEEK]:
                continue
        found[count] = row
        count += 1
    return found[:count]


@compiled
def _standing(due: int, done: int, as_of: int) -> int:
    """Return how a case stands to its deadline, as a bit; the rule of `Deadline`."""
    if due == NEVER:
        return _DONE_WITHOUT if done <= as_of else _OPEN_WITHOUT
    if done <= as_of:
        return _ON_TIME if done <= due else _LATE
    return _OVERDUE if due < as_of else _PENDING


@compiled
def _count(
    matching: IntArray,
    rows: _Rows,
    keys: NDArray[Any],
    groups: IntArray,
    span_moment: IntArray,
    spans: IntArray,
    apart: int,
    no_due: int,
    as_of: int,
    counts: IntArray,
) -> int:
    """Add matching rows to the counts of their group and span.

    Returns
    -------
    the first later instant at which the counts may be different
    """
    due_at, done_at, marks = rows.due, rows.done, rows.marks
    last = len(spans) - 2
    until = NEVER
    span = 0
    for row in matching:
        group = groups[keys[row]]
        if len(spans):
            at = span_moment[row]
            # The next case is mostly in the same span.
            if not (0 <= span <= last and spans[span] <= at < spans[span + 1]):
                span = np.searchsorted(spans, at, side="right") - 1
            if not 0 <= span <= last:
                continue
        if group < 0:
            continue
        plane = 1 if marks[row] & apart else 0
        due, done = NEVER if marks[row] & no_due else due_at[row], done_at[row]
        counts[plane, group, span, 0] += 1
        if done > as_of:
            counts[plane, group, span, 1] += 1
            until = min(until, done)
            if due < as_of:
                counts[plane, group, span, 2] += 1
            else:
                until = min(until, due)
        elif due != NEVER:
            counts[plane, group, span, 3 if done <= due else 4] += 1
        if due == NEVER:
            counts[plane, group, span, 5] += 1
        counts[plane, group, span, 6] += _is_provisional(marks[row], due, done, as_of)
    return until


@compiled
def _is_provisional(marks: int, due: int, done: int, as_of: int) -> bool:
    """Return whether a case of the should set has a provisional deadline."""
    return bool(marks & PROVISIONAL_BIT and due != NEVER and (done <= as_of or due < as_of))
