"""Counts for the overview: reported, done, overdue and unrouted cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.store.schema import cases
from gridmgmt.store.statements import statement

# Pairs of an edition and a code of its leaf level; None means no limit.
Leaves = Sequence[tuple[int, str]] | None


@dataclass(frozen=True, slots=True)
class Done:
    """The numbers of cases disposed of and closed, whenever they were reported."""

    disposed: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class OverdueByAge:
    """The number of open cases past their deadline, by age; a day is 24 hours."""

    under_a_day: int
    one_to_three_days: int
    three_to_seven_days: int
    over_a_week: int

    @property
    def cases(self) -> int:
        """Return the number of overdue cases of all ages."""
        return (
            self.under_a_day
            + self.one_to_three_days
            + self.three_to_seven_days
            + self.over_a_week
        )


@dataclass(frozen=True, slots=True)
class DemolitionSums:
    """Sums of demolitions: square metres claimed and measured, and three counts.

    ``without_claimed`` and ``without_measured`` count structures that state no area. 起, 处 and
    户 are different counts and never converted into one another.
    """

    structures: int
    claimed_m2: float
    without_claimed: int
    measured_m2: float
    without_measured: int
    cases_count: int
    sites_count: int
    households_count: int


def first_and_last_reported(conn: Connection) -> tuple[datetime, datetime] | None:
    """Return when the oldest and the newest case were reported, or None without cases."""
    # Two subqueries, so that each end of the index is read in one step.
    at = cases.c.reported_at
    oldest = sa.select(sa.func.min(at)).scalar_subquery()
    newest = sa.select(sa.func.max(at)).scalar_subquery()
    first, last = conn.execute(sa.select(oldest, newest)).one()
    return None if first is None else (first, last)


def done_by_day(
    conn: Connection,
    since: datetime,
    until: datetime,
    *,
    tz: ZoneInfo,
    leaves: Leaves = None,
) -> dict[date, Done]:
    """Count the cases disposed of and closed on each day of ``[since, until)``.

    Days without such cases are absent.
    """
    asked = {"since": since, "until": until, "tz": tz.key, **_limit(leaves)}
    rows = conn.execute(statement("done_by_day"), asked)
    return {row.day: Done(row.disposed, row.closed) for row in rows}


def overdue_by_age(conn: Connection, as_of: datetime, *, leaves: Leaves = None) -> OverdueByAge:
    """Count the open cases past their deadline at an instant, by age."""
    row = conn.execute(statement("overdue_by_age"), {"as_of": as_of, **_limit(leaves)}).one()
    return OverdueByAge(**row._mapping)


def waiting_by_reason(conn: Connection, *, leaves: Leaves = None) -> dict[UnroutedReason, int]:
    """Count the cases that wait for a person to route them, by reason."""
    rows = conn.execute(statement("waiting_by_reason"), _limit(leaves))
    there = {UnroutedReason(row.unrouted_reason): int(row.cases) for row in rows}
    return {reason: there.get(reason, 0) for reason in UnroutedReason}


def sum_demolitions(
    conn: Connection, first: date, last: date, *, area: AreaKey | None = None
) -> DemolitionSums:
    """Sum the demolitions from ``first`` to ``last``, both included."""
    level, code = area or (None, None)
    asked = {"first": first, "last": last, "level": level, "code": code}
    row = conn.execute(statement("sum_demolitions"), asked).one()
    return DemolitionSums(**row._mapping)


def _limit(leaves: Leaves) -> dict[str, list[int] | list[str] | None]:
    if leaves is None:
        return {"editions": None, "codes": None}
    return {
        "editions": [edition for edition, _ in leaves],
        "codes": [code for _, code in leaves],
    }
