"""Counts over all stored cases."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.indicators.rates import Compliance
from gridmgmt.store.schema import cases
from gridmgmt.store.statements import statement


@dataclass(frozen=True)
class ResponderCount:
    """The number of cases of a responder with one status.

    Cases without a responder are counted by the reason why they have none.
    """

    responder_code: str | None
    name: str | None
    unrouted_reason: str | None
    cases: int
    open: int
    disposed: int
    closed: int


def count_places(conn: Connection) -> tuple[Counter[str], int]:
    """Count cases by their location, and count the cases on a boundary.

    Returns
    -------
    ``inside``, ``snapped`` or the reason why it is unlocated -> cases; cases on a boundary
    """
    rows = conn.execute(statement("count_places")).all()
    return Counter({row.place: row.cases for row in rows}), sum(row.on_boundary for row in rows)


def count_by_responder(conn: Connection) -> list[ResponderCount]:
    """Count the cases of each responder, most cases first, then by code."""
    rows = conn.execute(statement("count_by_responder"))
    return [ResponderCount(**row._mapping) for row in rows]


class LeafCompliance(NamedTuple):
    """How cases kept their deadlines, by leaf area; those at default positions apart.

    ``by_edition``: edition (0: none) -> leaf area code (``""``: unlocated) -> counts.
    """

    by_edition: dict[int, dict[str, Compliance]]
    at_default: Compliance

    @property
    def editions(self) -> tuple[int, ...]:
        """Return the editions that judged the cases in an area, ascending."""
        judged = (number for number, leaves in self.by_edition.items() if any(leaves))
        return tuple(sorted(judged))


def count_compliance(conn: Connection, as_of: datetime) -> LeafCompliance:
    """Count cases by how their deadlines were kept, as of an instant."""
    found: dict[int, dict[str, Compliance]] = {}
    apart = Compliance()
    for row in conn.execute(statement("count_compliance"), {"as_of": as_of}):
        counted = Compliance(
            cases=row.cases,
            without_due=row.without_due,
            on_time=row.on_time,
            late=row.late,
            overdue=row.overdue,
            pending=row.pending,
        )
        if row.at_default:
            apart += counted
        else:
            found.setdefault(row.edition, {})[row.area_code] = counted
    return LeafCompliance(found, apart)


def count_cases_judged_before(conn: Connection, edition: int, since: datetime) -> int:
    """Count cases reported since an instant that need to be judged again.

    These are the cases judged under an earlier edition, or under none.
    """
    judged = sa.func.coalesce(cases.c.edition, 0)
    query = sa.select(sa.func.count()).where(cases.c.reported_at >= since, judged < edition)
    return int(conn.execute(query).scalar_one())


def count_cases_judged_by(conn: Connection, edition: int) -> int:
    """Count the cases that were judged under an edition."""
    query = sa.select(sa.func.count()).where(cases.c.edition == edition)
    return int(conn.execute(query).scalar_one())
