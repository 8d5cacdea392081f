"""Find the cases in columns that meet conditions.

Rows are taken in blocks that stay near the processor, and each condition that excludes anything
makes the block shorter. Nowhere does the processor have to guess whether a case matches, which
would cost more than everything else together.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.indicators.case_columns import NEVER, CaseColumns
from gridmgmt.indicators.case_question import (
    ANY_STANDING,
    IS_OPEN,
    IS_WITHOUT,
    CaseMoment,
    Conditions,
    Question,
)

_HOUR = 3_600_000_000
_WEEK = 168
# 1970-01-01 was a Thursday.
_FIRST_HOUR = 72

# Rows that are looked at together: as many as fit beside the tables into the first cache.
BLOCK = 2048


class CaseRows(NamedTuple):
    """The columns that conditions ask; ``moment`` is the one that the period limits."""

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


def matching(columns: CaseColumns, under: NDArray[np.int32], asked: Question) -> IntArray:
    """Return the rows of the cases that meet the conditions, in ascending order."""
    rows = rows_for(columns, under, asked)
    start, stop = reach(rows, asked)
    return _matching(rows, asked.conditions, start, stop)


def rows_for(columns: CaseColumns, under: NDArray[np.int32], asked: Question) -> CaseRows:
    """Return the columns that a question asks."""
    return CaseRows(
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


def reach(rows: CaseRows, asked: Question) -> tuple[int, int]:
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
def _matching(rows: CaseRows, wanted: Conditions, start: int, stop: int) -> IntArray:
    """Return the rows that meet the conditions."""
    excludes = excluding(wanted)
    found = np.empty(max(stop - start, 0), dtype=np.int64)
    count = 0
    for first in range(start, stop, BLOCK):
        count += pick(rows, wanted, excludes, first, min(first + BLOCK, stop), found[count:])
    return found[:count]


@compiled
def standing(due: int, done: int, as_of: int) -> int:
    """Return how a case stands to its deadline; the rule of `Deadline`."""
    is_open = int(done > as_of)
    late_or_pending = is_open & (due >= as_of) | (1 - is_open) & (done > due)
    return late_or_pending | is_open * IS_OPEN | (due == NEVER) * IS_WITHOUT


class Excluding(NamedTuple):
    """Which lists have entries that do not match."""

    place: bool
    under: bool
    answerer: bool
    category: bool
    channel: bool
    status: bool


@compiled
def excluding(wanted: Conditions) -> Excluding:
    """Return which tables exclude any case."""
    return Excluding(
        not wanted.place.all(),
        not wanted.under.all(),
        not wanted.answerer.all(),
        not wanted.category.all(),
        not wanted.channel.all(),
        not wanted.status.all(),
    )


@compiled
def pick(
    rows: CaseRows,
    wanted: Conditions,
    excludes: Excluding,
    start: int,
    stop: int,
    picked: IntArray,
) -> int:
    """Write the rows that meet the conditions to the front of ``picked``; return how many."""
    for n in range(stop - start):
        picked[n] = start + n
    left = _within(picked, stop - start, rows.moment, wanted)
    left = _listed(picked, left, rows.status, wanted.status, excludes.status)
    left = _listed(picked, left, rows.category, wanted.category, excludes.category)
    left = _listed(picked, left, rows.channel, wanted.channel, excludes.channel)
    left = _listed(picked, left, rows.answerer, wanted.answerer, excludes.answerer)
    left = _listed(picked, left, rows.under, wanted.under, excludes.under)
    left = _listed(picked, left, rows.place, wanted.place, excludes.place)
    if wanted.must | wanted.must_not:
        left = _marked(picked, left, rows.marks, wanted)
    if wanted.standings != ANY_STANDING:
        left = _standing_so(picked, left, rows, wanted)
    if wanted.due_until != NEVER:
        left = _due_before(picked, left, rows, wanted)
    if len(wanted.hours):
        left = _reported_in_hours(picked, left, rows.reported, wanted)
    return left


@compiled
def _within(picked: IntArray, count: int, moment: IntArray, wanted: Conditions) -> int:
    since, until = wanted.since, wanted.until
    left = 0
    for row in picked[:count]:
        picked[left] = row
        left += int((moment[row] >= since) & (moment[row] < until))
    return left


@compiled
def _listed(
    picked: IntArray, count: int, numbers: NDArray[Any], wanted: BoolArray, excludes: bool
) -> int:
    if not excludes:
        return count
    left = 0
    for row in picked[:count]:
        picked[left] = row
        left += int(wanted[numbers[row]])
    return left


@compiled
def _marked(picked: IntArray, count: int, marks: NDArray[np.uint16], wanted: Conditions) -> int:
    must, must_not = wanted.must, wanted.must_not
    left = 0
    for row in picked[:count]:
        picked[left] = row
        left += int((marks[row] & must == must) & (marks[row] & must_not == 0))
    return left


@compiled
def _standing_so(picked: IntArray, count: int, rows: CaseRows, wanted: Conditions) -> int:
    due, done, marks = rows.due, rows.done, rows.marks
    no_due, as_of, standings = wanted.no_due, wanted.as_of, wanted.standings
    left = 0
    for row in picked[:count]:
        due_at = NEVER if marks[row] & no_due else due[row]
        picked[left] = row
        left += standings >> standing(due_at, done[row], as_of) & 1
    return left


@compiled
def _due_before(picked: IntArray, count: int, rows: CaseRows, wanted: Conditions) -> int:
    due, marks = rows.due, rows.marks
    no_due, due_until = wanted.no_due, wanted.due_until
    left = 0
    for row in picked[:count]:
        due_at = NEVER if marks[row] & no_due else due[row]
        picked[left] = row
        left += int(due_at < due_until)
    return left


@compiled
def _reported_in_hours(
    picked: IntArray, count: int, reported: IntArray, wanted: Conditions
) -> int:
    hours, clock_from, clock = wanted.hours, wanted.clock_from, wanted.clock
    left = 0
    last = len(clock_from) - 1
    at = -1
    for row in picked[:count]:
        # Rows are in the order of their reports: the clock is mostly that of the row before.
        while at < last and clock_from[at + 1] <= reported[row]:
            at += 1
        hour = (reported[row] + clock[at]) // _HOUR + _FIRST_HOUR
        picked[left] = row
        left += int(hours[hour % _WEEK])
    return left
