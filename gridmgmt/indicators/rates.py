"""Rates as pairs of counts: numerator and denominator, rounded only when shown.

The names of the sets are those of GB/T 30428. The *should set* is the denominator, a named
choice that is always printed with the rate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np

from gridmgmt.arrays import MomentArray

# 应处置数 = 处置数 + 超期未处置数, at a fixed instant. An open case that is not yet due
# is outside it.
SHOULD_SET = "done_or_overdue"


@dataclass(frozen=True)
class Rate:
    """A part of a whole, as counts.

    Raises
    ------
    ValueError
        when a count is negative or the part exceeds the whole

    Examples
    --------
    >>> Rate(911, 972).shown(), Rate(0, 0).shown()
    ('93.72 % (911/972)', '– (0/0)')
    """

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            message = f"{self.numerator} of {self.denominator} is no rate"
            raise ValueError(message)

    @property
    def value(self) -> float | None:
        """Return the rate between 0 and 1, or None if the denominator is 0."""
        return self.numerator / self.denominator if self.denominator else None

    def percent(self) -> str:
        """Return the rate in percent with two places, rounded half up; – without a value."""
        if not self.denominator:
            return "–"
        exact = Decimal(100 * self.numerator) / Decimal(self.denominator)
        return f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP)} %"

    def shown(self) -> str:
        """Return the rate in percent together with the two counts."""
        return f"{self.percent()} ({self.numerator}/{self.denominator})"


@dataclass(frozen=True)
class Compliance:
    """Counts of how a set of cases kept its deadlines at a fixed instant.

    ``cases`` = ``without_due`` + ``on_time`` + ``late`` + ``overdue`` + ``pending``. Cases
    without a deadline are outside every rate and counted separately.
    """

    cases: int = 0
    without_due: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    pending: int = 0

    @property
    def due(self) -> int:
        """Return 应处置数, the should set ``done_or_overdue``."""
        return self.on_time + self.late + self.overdue

    @property
    def on_time_rate(self) -> Rate:
        """Return 按期处置率 = disposed on time / should be disposed."""
        return Rate(self.on_time, self.due)

    @property
    def disposal_rate(self) -> Rate:
        """Return 处置率 = disposed / should be disposed."""
        return Rate(self.on_time + self.late, self.due)

    def __add__(self, other: "Compliance") -> "Compliance":
        return Compliance(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(Compliance))
        )


class DeadlineCounts(NamedTuple):
    """Counts of cases by how they kept their deadlines at an instant.

    A case may count in several fields. ``open`` cases were neither disposed of nor closed by
    then; ``overdue`` are the open cases past their deadline; ``without_due`` have no deadline.
    """

    cases: int = 0
    open: int = 0
    overdue: int = 0
    on_time: int = 0
    late: int = 0
    without_due: int = 0

    @property
    def compliance(self) -> Compliance:
        """Return how deadlines were kept, with the counts of every rate."""
        decided = self.without_due + self.on_time + self.late + self.overdue
        return Compliance(
            cases=self.cases,
            without_due=self.without_due,
            on_time=self.on_time,
            late=self.late,
            overdue=self.overdue,
            pending=self.cases - decided,
        )

    def minus(self, other: "DeadlineCounts") -> "DeadlineCounts":
        """Return the counts without those of some of the cases.

        Examples
        --------
        >>> DeadlineCounts(cases=3, open=1).minus(DeadlineCounts(cases=1)).cases
        2
        """
        return DeadlineCounts(*(a - b for a, b in zip(self, other, strict=True)))


def sum_counts(counts: Iterable[DeadlineCounts]) -> DeadlineCounts:
    """Return the sum of counts; all zeros if there are none.

    Examples
    --------
    >>> sum_counts([DeadlineCounts(cases=3, open=1), DeadlineCounts(cases=2)])[:2]
    (5, 1)
    """
    sums = np.array([DeadlineCounts(), *counts], dtype=np.int64).sum(axis=0)
    return DeadlineCounts(*sums.tolist())


def count_compliance(
    due_at: MomentArray, done_at: MomentArray, as_of: np.datetime64
) -> Compliance:
    """Count how cases kept their deadlines, as of an instant.

    A case is on time if it was disposed no later than it was due. It is overdue if ``as_of`` is
    past the deadline and it was not disposed by then. Events after ``as_of`` do not count.
    ``store/cases/case_figures.py`` does the same in SQL.

    Parameters
    ----------
    due_at, done_at : (n,) datetime64; NaT: no deadline, not disposed
    as_of : the fixed instant, in the same time zone

    Returns
    -------
    one count over all cases; all zeros if there are none
    """
    has_due = ~np.isnat(due_at)
    done = has_due & ~np.isnat(done_at) & (done_at <= as_of)
    on_time = done & (done_at <= due_at)
    overdue = has_due & ~done & (due_at < as_of)
    return Compliance(
        cases=len(due_at),
        without_due=int(np.count_nonzero(~has_due)),
        on_time=int(np.count_nonzero(on_time)),
        late=int(np.count_nonzero(done & ~on_time)),
        overdue=int(np.count_nonzero(overdue)),
        pending=int(np.count_nonzero(has_due & ~done & ~overdue)),
    )


def total(counts: Sequence[Compliance]) -> Compliance:
    """Return the sum of counts; all zeros if there are none."""
    return sum(counts, Compliance())
