"""Read open cases (neither disposed of nor closed) with what people decided about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED, PLACED
from gridmgmt.store.cases.cases import COLUMNS, from_row
from gridmgmt.store.schema import cases

_IS_OPEN = cases.c.status.in_(("triage", "dispatched"))
_BY_HAND = (PLACED, ASSIGNED, BOUNCED)


@dataclass(frozen=True)
class OpenCase:
    """An open case with the decisions people made about it.

    The names of the decisions are those of the trace.
    """

    case: Case
    by_hand: Mapping[str, Any]


def open_numbers(conn: Connection) -> list[str]:
    """List the numbers of all open cases, ascending by code point."""
    query = sa.select(cases.c.case_no).where(_IS_OPEN).order_by(cases.c.case_no)
    return list(conn.execute(query).scalars())


def open_cases(
    conn: Connection, case_nos: Sequence[str], *, lock: bool = False
) -> list[OpenCase]:
    """Read those of these cases that are open, ordered by number.

    With ``lock``, nobody else can change them before this transaction ends. A case that
    somebody else is changing is read after that change.
    """
    # Only the decisions of people are read: the rest of a trace is as large as all other
    # columns.
    decided = [cases.c.trace[name].label(f"hand_{name}") for name in _BY_HAND]
    wanted = sa.any_(sa.cast(list(case_nos), ARRAY(sa.Text)))
    query = (
        sa.select(*COLUMNS, *decided)
        .where(cases.c.case_no == wanted, _IS_OPEN)
        .order_by(cases.c.case_no)
    )
    if lock:
        query = query.with_for_update()
    return [
        OpenCase(
            from_row(row),
            {
                name: mark
                for name in _BY_HAND
                if (mark := getattr(row, f"hand_{name}")) is not None
            },
        )
        for row in conn.execute(query)
    ]
