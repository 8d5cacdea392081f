"""Read from the events of cases who pressed their responders."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseEventKind
from gridmgmt.domain.cases.supervision import Supervision
from gridmgmt.store.schema import case_events


def newest_supervisions(conn: Connection, case_nos: Sequence[str]) -> dict[str, Supervision]:
    """Return the newest supervision by case number; cases without any are absent.

    It uses the primary key of the events, so it is meant for a page of cases, not for all.
    """
    wanted = sa.any_(sa.cast(list(case_nos), ARRAY(sa.Text)))
    query = (
        sa.select(case_events.c.case_no, case_events.c.actor, case_events.c.happened_at)
        .where(case_events.c.case_no == wanted, case_events.c.kind == CaseEventKind.SUPERVISED)
        .order_by(case_events.c.seq)
    )
    return {row.case_no: Supervision(row.actor, row.happened_at) for row in conn.execute(query)}
