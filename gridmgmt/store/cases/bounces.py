"""Read bounces (cases that a responder returned) from the events of cases."""

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
    """One bounce, with the location of the case then and its responder now.

    ``other_code`` is the nearest other area within reach and ``other_m`` its distance in
    metres. ``ended_with`` is None while the case waits for a person.
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
    """List the bounces of a period (``until`` excluded), in order of time.

    ``reach_m`` is the largest distance in metres at which another area is named as the nearest.
    """
    asked = {"since": since, "until": until, "reach_m": reach_m}
    rows = conn.execute(statement("bounced_cases"), asked)
    return [BounceRow(**{**row._mapping, "duties": tuple(row.duties)}) for row in rows]


def bounced_by(conn: Connection, case_nos: Sequence[str]) -> dict[str, str]:
    """Return who returned each case last; cases that nobody returned are absent."""
    code = cases.c.trace[BOUNCED]["from"].astext
    wanted = sa.any_(sa.cast(list(case_nos), ARRAY(sa.Text)))
    query = sa.select(cases.c.case_no, code.label("by")).where(cases.c.case_no == wanted)
    return {row.case_no: row.by for row in conn.execute(query) if row.by is not None}
