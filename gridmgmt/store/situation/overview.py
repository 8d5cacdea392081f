"""When cases were reported, and sums of demolitions."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.store.schema import cases
from gridmgmt.store.statements import statement


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


def sum_demolitions(
    conn: Connection, first: date, last: date, *, area: AreaKey | None = None
) -> DemolitionSums:
    """Sum the demolitions from ``first`` to ``last``, both included."""
    level, code = area or (None, None)
    asked = {"first": first, "last": last, "level": level, "code": code}
    row = conn.execute(statement("sum_demolitions"), asked).one()
    return DemolitionSums(**row._mapping)


def demolitions_by_area(
    conn: Connection, first: date, last: date, *, edition: int, level: str
) -> dict[str | None, DemolitionSums]:
    """Sum the demolitions of a period by the areas of a level of an edition.

    Areas without demolitions are absent; None has those that are in no area of the level.
    """
    asked = {"first": first, "last": last, "edition": edition, "level": level}
    rows = conn.execute(statement("demolitions_by_area"), asked)
    return {code: DemolitionSums(*sums) for code, *sums in rows}
