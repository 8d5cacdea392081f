"""Count cases by day, week or month over all time, for the time slider."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.services.statistics.figures import count_by_step
from gridmgmt.store.cases.case_filter import CaseFilter


class TimeStep(StrEnum):
    """The length of a step of the timeline; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Cases by step, from the first step with cases to the last, without gaps."""

    step: TimeStep
    starts: Sequence[date]
    cases: Sequence[int]


def timeline(conn: Connection, step: TimeStep, wanted: CaseFilter, *, tz: ZoneInfo) -> Timeline:
    """Count cases by the step of their report, in the bureau's time zone."""
    counted = count_by_step(conn, wanted, step, tz)
    starts = list(_steps(min(counted), max(counted), step)) if counted else []
    return Timeline(step, starts, [counted.get(start, 0) for start in starts])


def _steps(first: date, last: date, step: TimeStep) -> Iterator[date]:
    """Yield the first days of steps from one to another.

    Examples
    --------
    >>> [day.isoformat() for day in _steps(date(2026, 1, 1), date(2026, 3, 1), TimeStep.MONTH)]
    ['2026-01-01', '2026-02-01', '2026-03-01']
    """
    start = first
    while start <= last:
        yield start
        if step is TimeStep.MONTH:
            # The 28th plus four days is always in the next month.
            start = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            start += timedelta(days=1 if step is TimeStep.DAY else 7)
