"""Bounces: cases that responders returned, as their events tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.domain.judging.trace import BOUNCED
from gridmgmt.store.schema import cases
from gridmgmt.store.statements import statement


@dataclass(frozen=True)
class BounceRow:
    """One bounce, as it is stored, with where the case lay then and who has it now.

    ``other_code`` is the nearest other area within reach, ``other_m`` how many metres away;
    ``ended_with`` is None while the case waits for a person.
    """

    case_no: str
    bounced_at: datetime
    bounced_by: str
    suggested: str | None
    duties: tuple[int, ...]
    category: str
    reported_at: datetime
    edition: int | None
    level: str | None
    area_code: str | None
    lon: float | None
    lat: float | None
    ended_with: str | None
    other_code: str | None
    other_m: float | None


def bounced_cases(
    conn: Connection, since: datetime | None, until: datetime | None, *, reach_m: float
) -> list[BounceRow]:
    """List the bounces of a period (``until`` excluded), in the order in which they happened.

    ``reach_m`` is how far, in metres, another area may be to be told as the one beside it.
    """
    asked = {"since": since, "until": until, "reach_m": reach_m}
    rows = conn.execute(statement("bounced_cases"), asked)
    return [BounceRow(**{**row._mapping, "duties": tuple(row.duties)}) for row in rows]


def bounced_by(conn: Connection, case_nos: Sequence[str]) -> dict[str, str]:
    """Tell who returned each of these cases last; the others are left out."""
    code = cases.c.trace[BOUNCED]["from"].astext
    wanted = sa.any_(sa.cast(list(case_nos), ARRAY(sa.Text)))
    query = sa.select(cases.c.case_no, code.label("by")).where(cases.c.case_no == wanted)
    return {row.case_no: row.by for row in conn.execute(query) if row.by is not None}
