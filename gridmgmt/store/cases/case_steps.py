"""Store one step of one case: the event together with the new state."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case, CaseEvent
from gridmgmt.store.schema import case_events, cases


def change_case(conn: Connection, case: Case, event: CaseEvent, trace: str | None) -> None:
    """Store a new state of a known case, by one event; trace None keeps the stored trace.

    Of the values from the source system, only the end times may change.
    """
    location = case.location
    lon, lat = location.lon, location.lat
    point = None if lon is None else sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), 4326)
    values: dict[str, Any] = {
        "disposed_at": case.given.disposed_at,
        "closed_at": case.given.closed_at,
        "geom": point,
        "edition": location.edition,
        "level": None if location.area_code is None else location.level,
        "area_code": location.area_code,
        "candidates": list(location.candidates),
        "on_boundary": location.on_boundary,
        "snapped": location.snapped,
        "distance_m": location.distance_m,
        "unlocated_reason": location.unlocated_reason,
        "responder_code": case.responder_code,
        "unrouted_reason": case.unrouted_reason,
        "status": case.status,
        "marks": list(case.marks),
        "last_seq": case.last_seq,
    }
    if trace is not None:
        values["trace"] = sa.cast(sa.literal(trace, sa.Text), JSONB)
    this = cases.c.case_no == case.given.case_no
    conn.execute(cases.update().where(this).values(values))
    conn.execute(
        case_events.insert().values(
            case_no=event.case_no,
            seq=event.seq,
            kind=event.kind,
            happened_at=event.happened_at,
            actor=event.actor,
            detail=dict(event.detail),
        )
    )
