"""Count the cases that each responder still has to dispose of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.store.cases.case_filter import CaseFilter, done_at, in_case_scope
from gridmgmt.store.schema import cases


@dataclass(frozen=True)
class OpenCases:
    """The number of cases that wait for a responder, and how many of them are overdue."""

    open: int = 0
    overdue: int = 0


def count_open_cases(
    conn: Connection,
    responder_codes: Sequence[str],
    *,
    as_of: datetime,
    case_scope: CaseScope,
    without_provisional: bool = False,
) -> dict[str, OpenCases]:
    """Count the open cases of responders that a person may see; zero counts are absent.

    ``without_provisional`` counts a provisional deadline as none.
    """
    is_overdue = CaseFilter(without_provisional=without_provisional).due_at < as_of
    query = (
        sa.select(
            cases.c.responder_code,
            sa.func.count().label("open"),
            sa.func.count().filter(is_overdue).label("overdue"),
        )
        .where(
            cases.c.status == CaseStatus.DISPATCHED.value,
            cases.c.responder_code == sa.any_(sa.cast(list(responder_codes), ARRAY(sa.Text))),
            *in_case_scope(case_scope),
        )
        .group_by(cases.c.responder_code)
    )
    return {row.responder_code: OpenCases(row.open, row.overdue) for row in conn.execute(query)}


def count_overdue(
    conn: Connection,
    *,
    as_of: datetime,
    case_scope: CaseScope,
    without_provisional: bool = False,
) -> dict[str | None, OpenCases]:
    """Count open cases that a person may see, by who has them; only of those with overdue ones.

    None is the responder of cases that nobody has yet. ``without_provisional`` counts a
    provisional deadline as none.
    """
    due_at = CaseFilter(without_provisional=without_provisional).due_at
    overdue = sa.func.count().filter(due_at < as_of)
    query = (
        sa.select(
            cases.c.responder_code, sa.func.count().label("open"), overdue.label("overdue")
        )
        .where(done_at > as_of, cases.c.reported_at <= as_of, *in_case_scope(case_scope))
        .group_by(cases.c.responder_code)
        .having(overdue > 0)
    )
    return {row.responder_code: OpenCases(row.open, row.overdue) for row in conn.execute(query)}
