"""Read from the traces of cases by what they went to their responders."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import cases


class CaseBasis(NamedTuple):
    """What decided who has a case: a person, or the rule and its duties or component."""

    is_assigned: bool
    rule: str | None
    fallback: str | None
    component: str | None
    duty_ids: tuple[int, ...]


def read_bases(conn: Connection, case_nos: Sequence[str]) -> dict[str, CaseBasis]:
    """Read by what each of these cases went to its responder; the others are absent.

    Only these parts of the traces leave the database: whole traces are as large as all other
    columns of cases together.
    """
    wanted = sa.any_(sa.cast(list(case_nos), ARRAY(sa.Text)))
    trace = cases.c.trace
    # The last judgement of the rules, see domain/judging/trace.py.
    decision = sa.func.coalesce(trace["rerouted"]["decision"], trace["decision"])
    query = sa.select(
        cases.c.case_no,
        trace.has_key("assigned").label("is_assigned"),
        *(decision.op("->>")(name).label(name) for name in ("rule", "fallback", "component")),
        decision.op("->")("duty_ids").label("duty_ids"),
    ).where(cases.c.case_no == wanted, cases.c.responder_code.is_not(None))
    return {
        row.case_no: CaseBasis(
            row.is_assigned, row.rule, row.fallback, row.component, tuple(row.duty_ids or ())
        )
        for row in conn.execute(query)
    }
