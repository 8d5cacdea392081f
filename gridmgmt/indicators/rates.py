"""Rates as pairs of counts: numerator and denominator, rounded only when shown.

The names of the sets are those of GB/T 30428. The *should set* is the denominator, a named
choice that is always printed with the rate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from gridmgmt.arrays import BoolArray, MomentArray

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
        return f"{self._rounded()} %"

    def points_over(self, other: "Rate") -> Decimal | None:
        """Return by how many percentage points it is above another rate, as a reader subtracts.

        It is the difference of the two percentages as they are shown, with two places; None
        if one of the rates has no value.

        Examples
        --------
        >>> Rate(91326, 100000).points_over(Rate(90044, 100000))
        Decimal('1.29')
        """
        if not (self.denominator and other.denominator):
            return None
        return self._rounded() - other._rounded()

    def _rounded(self) -> Decimal:
        exact = Decimal(100 * self.numerator) / Decimal(self.denominator)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def shown(self) -> str:
        """Return the rate in percent together with the two counts."""
        return f"{self.percent()} ({self.numerator}/{self.denominator})"


@dataclass(frozen=True, slots=True)
class DeadlineCounts:
    """Counts of cases by how they kept their deadlines at a fixed instant.

    A case may count in several fields. ``open`` cases were neither disposed of nor closed by
    then; ``overdue`` are the open cases past their deadline; ``without_due`` have no deadline
    and are in no rate. ``on_time`` and ``late`` were disposed of by then. ``provisional`` are
    those of the should set whose deadline is provisional.

    Examples
    --------
    >>> counts = DeadlineCounts(cases=5, open=2, overdue=1, on_time=2, late=1)
    >>> counts.on_time_rate.shown(), counts.missed, counts.pending
    ('50.00 % (2/4)', 2, 1)
    """

    cases: int = 0
    open: int = 0
    overdue: int = 0
    on_time: int = 0
    late: int = 0
    without_due: int = 0
    provisional: int = 0

    @property
    def due(self) -> int:
        """Return 应处置数, the should set ``done_or_overdue``."""
        return self.on_time + self.late + self.overdue

    @property
    def missed(self) -> int:
        """Return 未按期处置数, the cases of the should set that are not on time."""
        return self.late + self.overdue

    @property
    def pending(self) -> int:
        """Return how many cases are open and not yet past their deadline."""
        return self.cases - self.without_due - self.due

    @property
    def on_time_rate(self) -> Rate:
        """Return 按期处置率 = disposed on time / should be disposed."""
        return Rate(self.on_time, self.due)

    @property
    def disposal_rate(self) -> Rate:
        """Return 处置率 = disposed / should be disposed."""
        return Rate(self.on_time + self.late, self.due)

    def as_tuple(self) -> tuple[int, ...]:
        """Return the counts in the order of ``COUNT_NAMES``."""
        return tuple(getattr(self, name) for name in COUNT_NAMES)

    def __add__(self, other: "DeadlineCounts") -> "DeadlineCounts":
        pairs = zip(self.as_tuple(), other.as_tuple(), strict=True)
        return DeadlineCounts(*(a + b for a, b in pairs))

    def __sub__(self, other: "DeadlineCounts") -> "DeadlineCounts":
        pairs = zip(self.as_tuple(), other.as_tuple(), strict=True)
        return DeadlineCounts(*(a - b for a, b in pairs))


# The names of the counts, which are also the columns of every table of counts.
COUNT_NAMES = tuple(field.name for field in fields(DeadlineCounts))


def sum_counts(counts: Iterable[DeadlineCounts]) -> DeadlineCounts:
    """Return the sum of counts; all zeros if there are none.

    Examples
    --------
    >>> sum_counts([DeadlineCounts(cases=3, open=1), DeadlineCounts(cases=2)]).as_tuple()
    (5, 1, 0, 0, 0, 0, 0)
    """
    return sum(counts, DeadlineCounts())


def count_deadlines(
    due_at: MomentArray,
    done_at: MomentArray,
    as_of: np.datetime64,
    is_provisional: BoolArray | None = None,
) -> DeadlineCounts:
    """Count how cases kept their deadlines, as of an instant.

    A case is on time if it was disposed no later than it was due. It is overdue if ``as_of`` is
    past the deadline and it was not disposed by then. Events after ``as_of`` do not count.
    ``store/cases/case_figures.py`` does the same in SQL.

    Parameters
    ----------
    due_at, done_at : (n,) datetime64; NaT: no deadline, not disposed
    as_of : the fixed instant, in the same time zone
    is_provisional : (n,) whether the deadline is provisional; None: of no case

    Returns
    -------
    one count over all cases; all zeros if there are none
    """
    has_due = ~np.isnat(due_at)
    is_done = ~np.isnat(done_at) & (done_at <= as_of)
    on_time = has_due & is_done & (done_at <= due_at)
    should = has_due & (is_done | (due_at < as_of))
    provisional = should & (False if is_provisional is None else is_provisional)
    return DeadlineCounts(
        cases=len(due_at),
        open=int(np.count_nonzero(~is_done)),
        overdue=int(np.count_nonzero(has_due & ~is_done & (due_at < as_of))),
        on_time=int(np.count_nonzero(on_time)),
        late=int(np.count_nonzero(has_due & is_done & ~on_time)),
        without_due=int(np.count_nonzero(~has_due)),
        provisional=int(np.count_nonzero(provisional)),
    )
