"""Write cases and their events with COPY; a new state of known cases goes through it too."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case, CaseEvent, CaseEventKind
from gridmgmt.errors import StoreError
from gridmgmt.progress import Progress
from gridmgmt.store.copy_text import copy_lines
from gridmgmt.store.engine import plans_kept
from gridmgmt.store.error_words import without_values
from gridmgmt.store.geometries import hex_ewkb
from gridmgmt.store.schema import case_events, cases

# The columns of a case, in the order in which COPY writes them; trace and last_seq follow.
CASE_COLUMNS = (
    "case_no",
    "category",
    "reported_at",
    "due_at",
    "due_limit",
    "due_provisional",
    "disposed_at",
    "closed_at",
    "channel",
    "description",
    "address",
    "given_x",
    "given_y",
    "given_crs",
    "accuracy_m",
    "geom",
    "edition",
    "level",
    "area_code",
    "candidates",
    "on_boundary",
    "snapped",
    "distance_m",
    "unlocated_reason",
    "responder_code",
    "unrouted_reason",
    "status",
    "marks",
    "last_seq",
    "trace",
)
_EVENT_COLUMNS = ("case_no", "seq", "kind", "happened_at", "actor", "detail")
_COPIED = [cases.c[name] for name in CASE_COLUMNS]
_EVENT_COPIED = [case_events.c[name] for name in _EVENT_COLUMNS]

# An event as a row for COPY; its detail is JSON text.
EventRow = tuple[str, int, CaseEventKind, datetime, str, str]

# Cases between two reports of progress.
_AT_ONCE = 1_000

# From here on, planning each check of a foreign key anew costs more than two more statements.
_MANY_BYTES = 100_000

# Means "keep the stored trace". No real trace is the JSON value null.
_KEPT = "null"


@dataclass
class NewCases:
    """Cases (each with its trace as JSON text) and events that are to be stored."""

    cases: list[tuple[Case, str]] = field(default_factory=list)
    events: list[CaseEvent] = field(default_factory=list)


def copy_in(conn: Connection, new: NewCases, progress: Progress) -> None:
    """Write new cases and events with COPY, in the transaction of ``conn``.

    ``progress`` gets the name of the step, the number of cases written so far, and their total.
    """
    for start in range(0, len(new.cases), _AT_ONCE):
        some = new.cases[start : start + _AT_ONCE]
        copy_lines_in(conn, cases.name, case_lines(some))
        progress("storing", start + len(some), len(new.cases))
    copy_lines_in(conn, case_events.name, event_lines([event_row(e) for e in new.events]))


def case_lines(written: Sequence[tuple[Case, str]]) -> bytes:
    """Return cases with their traces (JSON text) as lines for COPY."""
    points = _points([case for case, _ in written])
    rows = zip(written, points, strict=True)
    return copy_lines(_COPIED, [_as_row(case, at, trace) for (case, trace), at in rows])


def event_lines(events: Sequence[EventRow]) -> bytes:
    """Return events with their details (JSON text) as lines for COPY."""
    return copy_lines(_EVENT_COPIED, events)


def copy_lines_in(conn: Connection, table: str, *lines: bytes) -> None:
    """Copy lines into ``cases``, ``case_events``, or a table with the same columns."""
    written = _EVENT_COLUMNS if table == case_events.name else CASE_COLUMNS
    copy_rows(conn, table, written, *lines)


def update_cases(conn: Connection, changed: Sequence[tuple[Case, str | None]]) -> None:
    """Store new states of known cases; trace None keeps the stored trace."""
    if not changed:
        return
    # One statement for all: with one statement for each case, the daily file of a city would
    # take minutes.
    new = cases.to_metadata(sa.MetaData(), name="changed_cases")
    conn.exec_driver_sql("CREATE TEMPORARY TABLE changed_cases (LIKE cases)")
    written = [(case, _KEPT if trace is None else trace) for case, trace in changed]
    copy_lines_in(conn, new.name, case_lines(written))
    values: dict[str, Any] = {name: new.c[name] for name in CASE_COLUMNS if name != "case_no"}
    is_kept = sa.func.jsonb_typeof(new.c.trace) == _KEPT
    values["trace"] = sa.case((is_kept, cases.c.trace), else_=new.c.trace)
    conn.execute(cases.update().where(cases.c.case_no == new.c.case_no).values(values))
    conn.exec_driver_sql("DROP TABLE changed_cases")


def copy_rows(conn: Connection, table: str, columns: Sequence[str], *lines: bytes) -> None:
    """Copy lines of COPY's text format into columns of a table; no lines copy nothing.

    They may come in any number of pieces.
    """
    size = sum(map(len, lines))
    if not size:
        return
    # SQLAlchemy has no COPY. This is the connection of psycopg, in the same transaction.
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    command = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    keeping = plans_kept(conn) if size > _MANY_BYTES else nullcontext()
    try:
        with keeping, driver.cursor() as cursor, cursor.copy(command.encode()) as copy:
            for piece in lines:
                copy.write(piece)
    except psycopg.Error as error:
        message = f"the database refused the rows for {table}: {without_values(error)}"
        raise StoreError(message) from error


def _points(written: Sequence[Case]) -> list[str | None]:
    """Return the positions of cases as hexadecimal EWKB, None where a case has none."""
    has_position = np.array([case.location.lon is not None for case in written], dtype=bool)
    lonlat = [
        (case.location.lon, case.location.lat)
        for case in written
        if case.location.lon is not None
    ]
    points = np.full(len(written), None, dtype=object)
    points[has_position] = shapely.points(np.array(lonlat, dtype=np.float64).reshape(-1, 2))
    return hex_ewkb(points)


def _as_row(case: Case, point: str | None, trace: str) -> tuple[Any, ...]:
    given, location = case.given, case.location
    return (
        given.case_no,
        given.category,
        given.reported_at,
        given.due_at,
        given.due_limit,
        given.due_provisional,
        given.disposed_at,
        given.closed_at,
        given.channel,
        given.description,
        given.address,
        given.x,
        given.y,
        case.given_crs,
        given.accuracy_m,
        point,
        location.edition,
        None if location.area_code is None else location.level,
        location.area_code,
        list(location.candidates),
        location.on_boundary,
        location.snapped,
        location.distance_m,
        location.unlocated_reason,
        case.responder_code,
        case.unrouted_reason,
        case.status,
        list(case.marks),
        case.last_seq,
        trace,
    )


def event_row(event: CaseEvent) -> EventRow:
    """Return an event as a row for COPY."""
    detail = json.dumps(event.detail, ensure_ascii=False)
    return (event.case_no, event.seq, event.kind, event.happened_at, event.actor, detail)
