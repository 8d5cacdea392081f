"""Count cases in columns: one pass, whatever is asked.

A question is a set of tables: for each entry of a list whether it matches, and to which group
it belongs. The loops look up; the only rule they know is that of deadlines, which is the one of
``indicators/rates.py``. Each case adds 1 at one place of a table, by its group and kind; what
kinds there are in a count is added up afterwards.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import IntArray
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.geometry.compiled import compiled
from gridmgmt.indicators.case_columns import NEVER, PROVISIONAL_BIT, CaseColumns
from gridmgmt.indicators.case_picking import (
    BLOCK,
    CaseRows,
    excluding,
    pick,
    reach,
    rows_for,
    standing,
)
from gridmgmt.indicators.case_question import (
    ANY_STANDING,
    IS_OPEN,
    OPEN,
    STANDING_COUNT,
    STANDINGS,
    By,
    Conditions,
    Question,
)
from gridmgmt.indicators.rates import COUNT_NAMES

# A kind is the standing of a case and, in the second half, that of one whose deadline is
# provisional.
_KINDS = 2 * STANDING_COUNT
_ALSO_PROVISIONAL = STANDING_COUNT
_STANDINGS_OF_COUNT = {
    "cases": ANY_STANDING,
    "open": OPEN,
    "overdue": STANDINGS[Deadline.OVERDUE],
    "on_time": STANDINGS[Deadline.ON_TIME],
    "late": STANDINGS[Deadline.LATE],
    "without_due": STANDINGS[Deadline.WITHOUT],
}


def _adds() -> IntArray:
    """Return (kinds, COUNT_NAMES): what a case of each kind adds to each count."""
    adds = np.zeros((_KINDS, len(COUNT_NAMES)), dtype=np.int64)
    for name, standings in _STANDINGS_OF_COUNT.items():
        in_it = [standings >> kind % STANDING_COUNT & 1 for kind in range(_KINDS)]
        adds[:, COUNT_NAMES.index(name)] = in_it
    should = [STANDINGS[Deadline.PROVISIONAL] >> one & 1 for one in range(STANDING_COUNT)]
    adds[_ALSO_PROVISIONAL:, COUNT_NAMES.index("provisional")] = should
    return adds


_ADDS = _adds()


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Counts: (2, groups, spans, COUNT_NAMES); the second plane is of cases counted apart.

    They are the same at every instant of judging before ``holds_until``.
    """

    counts: IntArray
    holds_until: int


def count(columns: CaseColumns, under: NDArray[np.int32], asked: Question) -> GroupCounts:
    """Count cases by groups and spans of time.

    Parameters
    ----------
    under : (n,) places under the edition of the question
    """
    rows = rows_for(columns, under, asked)
    start, stop = reach(rows, asked)
    groups = int(asked.groups.max(initial=0)) + 1
    spans = max(len(asked.spans) - 1, 1)
    # The first group is that of cases that are in none.
    kinds = np.zeros((2 if asked.apart else 1, 1 + groups, spans, _KINDS), dtype=np.int32)
    until = _count(
        rows,
        asked.conditions,
        start,
        stop,
        under if asked.by is By.PLACE else columns.answerer,
        asked.groups.astype(np.int32),
        getattr(columns, asked.spans_of),
        asked.spans,
        asked.apart,
        kinds,
    )
    counts = np.zeros((2, groups, spans, len(COUNT_NAMES)), dtype=np.int64)
    for plane, of_plane in enumerate(kinds[:, 1:]):
        _add_up(of_plane, _ADDS, counts[plane])
    return GroupCounts(counts, until)


@compiled
def _count(
    rows: CaseRows,
    wanted: Conditions,
    start: int,
    stop: int,
    keys: NDArray[Any],
    groups: NDArray[np.int32],
    span_moment: IntArray,
    spans: IntArray,
    apart: int,
    kinds: NDArray[np.int32],
) -> int:
    """Count matching rows by plane, group, span and kind.

    Returns
    -------
    the first later instant at which the counts may be different
    """
    due_at, done_at, marks = rows.due, rows.done, rows.marks
    no_due, as_of = wanted.no_due, wanted.as_of
    excludes = excluding(wanted)
    block = np.empty(BLOCK, dtype=np.int64)
    last = len(spans) - 2
    until = NEVER
    span = 0
    for first in range(start, stop, BLOCK):
        left = pick(rows, wanted, excludes, first, min(first + BLOCK, stop), block)
        for row in block[:left]:
            if len(spans):
                at = span_moment[row]
                # The next case is mostly in the same span.
                if not (0 <= span <= last and spans[span] <= at < spans[span + 1]):
                    span = np.searchsorted(spans, at, side="right") - 1
                if not 0 <= span <= last:
                    continue
            group = groups[keys[row]]
            due, done = NEVER if marks[row] & no_due else due_at[row], done_at[row]
            kind = standing(due, done, as_of)
            if kind & IS_OPEN and group >= 0:
                until = min(until, done, NEVER if due < as_of else due)
            kind += _ALSO_PROVISIONAL * (marks[row] & PROVISIONAL_BIT != 0)
            kinds[int(marks[row] & apart != 0), 1 + group, span, kind] += 1
    return until


@compiled
def _add_up(kinds: NDArray[np.int32], adds: IntArray, counts: IntArray) -> None:
    """Add the counts of each kind to those that it adds to."""
    for group in range(kinds.shape[0]):
        for span in range(kinds.shape[1]):
            for kind in range(_KINDS):
                cases = kinds[group, span, kind]
                if cases:
                    for name in range(adds.shape[1]):
                        counts[group, span, name] += cases * adds[kind, name]
