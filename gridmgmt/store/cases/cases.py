"""Read and write cases and their events; events are only added, and the state follows them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.cases.case import (
    Case,
    CaseEvent,
    CaseEventKind,
    CaseLocation,
    CaseMark,
    CaseStatus,
    GivenCase,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.errors import NotFoundError, StoreError
from gridmgmt.progress import Progress
from gridmgmt.store.cases.case_filter import CaseFilter, in_case_scope
from gridmgmt.store.copy_text import copy_lines
from gridmgmt.store.error_words import without_values
from gridmgmt.store.geometries import hex_ewkb
from gridmgmt.store.schema import case_events, case_numbers, cases
from gridmgmt.store.statements import statement

# The columns of a case, in the order in which COPY writes them; trace and last_seq follow.
_WRITTEN = (
    "case_no",
    "category",
    "reported_at",
    "due_at",
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
_EVENT_WRITTEN = ("case_no", "seq", "kind", "happened_at", "actor", "detail")
_COPIED = [cases.c[name] for name in _WRITTEN]
_EVENT_COPIED = [case_events.c[name] for name in _EVENT_WRITTEN]

# An event as a row for COPY; its detail is JSON text.
EventRow = tuple[str, int, CaseEventKind, datetime, str, str]

# Cases between two reports of progress.
_AT_ONCE = 1_000

# Means "keep the stored trace". No real trace is the JSON value null.
_KEPT = "null"

# The trace is left out: it is as large as all other columns together, and few readers need it.
COLUMNS = (
    *(cases.c[name] for name in _WRITTEN if name not in {"geom", "trace"}),
    cases.c.forgotten_at,
    sa.func.ST_X(cases.c.geom).label("lon"),
    sa.func.ST_Y(cases.c.geom).label("lat"),
)


@dataclass
class NewCases:
    """Cases (each with its trace as JSON text) and events that are to be stored."""

    cases: list[tuple[Case, str]] = field(default_factory=list)
    events: list[CaseEvent] = field(default_factory=list)


def wait_for_turn(conn: Connection) -> None:
    """Lock the intake of cases until this transaction ends; wait if another holds it."""
    conn.execute(statement("lock_case_imports"))


def keep_turn(conn: Connection) -> None:
    """Take the same lock as ``wait_for_turn``, but hold it until ``conn`` is closed."""
    conn.execute(statement("keep_case_imports"))


def next_number(conn: Connection) -> int:
    """Return the next running number; a number that stays unused is never returned again."""
    return int(conn.execute(case_numbers.next_value().select()).scalar_one())


def check_now(conn: Connection) -> None:
    """Check the deferred constraints now, since a dry run never commits."""
    conn.execute(statement("check_now"))
    # Later statements of this transaction may again store cases before their events.
    conn.execute(statement("check_at_the_end"))


def cases_by_no(
    conn: Connection, case_nos: Sequence[str], *, lock: bool = False
) -> dict[str, Case]:
    """Read these cases; unknown numbers are absent; ``lock`` prevents changes by others."""
    wanted = sa.any_(sa.cast(list(case_nos), ARRAY(sa.Text)))
    query = sa.select(*COLUMNS).where(cases.c.case_no == wanted)
    if lock:
        # Always in the same order, so that two transactions never wait for each other.
        query = query.order_by(cases.c.case_no).with_for_update()
    return {row.case_no: from_row(row) for row in conn.execute(query)}


def get_case(
    conn: Connection, case_no: str, *, case_scope: CaseScope = ALL_CASES, lock: bool = False
) -> Case:
    """Return a case; ``lock`` keeps others from changing it in this transaction.

    Raises
    ------
    NotFoundError
        when no case has this number, or the person may not see it
    """
    query = sa.select(*COLUMNS).where(cases.c.case_no == case_no, *in_case_scope(case_scope))
    if lock:
        query = query.with_for_update(of=cases)
    # PostgreSQL stores no NUL character, so no case number has one.
    row = None if "\0" in case_no else conn.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(kind="case", key=case_no)
    return from_row(row)


def traces_by_no(conn: Connection, case_nos: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read the traces of these cases: how each was located and routed at the time."""
    wanted = sa.any_(sa.cast(list(case_nos), ARRAY(sa.Text)))
    rows = conn.execute(
        sa.select(cases.c.case_no, cases.c.trace).where(cases.c.case_no == wanted)
    )
    return {row.case_no: row.trace for row in rows}


def get_trace(conn: Connection, case_no: str) -> dict[str, Any]:
    """Return the trace of one case: how it was located and routed at the time."""
    return traces_by_no(conn, [case_no])[case_no]


def list_cases(
    conn: Connection, wanted: CaseFilter, *, limit: int, after: str | None = None
) -> list[Case]:
    """List at most ``limit`` cases, newest first; ``after`` is the last case number seen."""
    query = sa.select(*COLUMNS).order_by(cases.c.reported_at.desc(), cases.c.case_no.desc())
    for condition in wanted.conditions():
        query = query.where(condition)
    if after is not None:
        last = sa.select(cases.c.reported_at, cases.c.case_no).where(cases.c.case_no == after)
        # A row comparison lets the index find the page without reading the rows before it.
        here = sa.tuple_(cases.c.reported_at, cases.c.case_no)
        query = query.where(here < last.scalar_subquery())
    return [from_row(row) for row in conn.execute(query.limit(limit))]


def list_events(conn: Connection, case_no: str) -> list[CaseEvent]:
    """List the events of a case, in order."""
    query = sa.select(case_events).where(case_events.c.case_no == case_no)
    return [
        CaseEvent(
            case_no=row.case_no,
            seq=row.seq,
            kind=CaseEventKind(row.kind),
            happened_at=row.happened_at,
            actor=row.actor,
            detail=row.detail,
            recorded_at=row.recorded_at,
        )
        for row in conn.execute(query.order_by(case_events.c.seq))
    ]


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


def copy_lines_in(conn: Connection, table: str, lines: bytes) -> None:
    """Copy lines into ``cases``, ``case_events``, or a table with the same columns."""
    if lines:
        written = _EVENT_WRITTEN if table == case_events.name else _WRITTEN
        _copy(conn, table, written, lines)


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
    values: dict[str, Any] = {name: new.c[name] for name in _WRITTEN if name != "case_no"}
    is_kept = sa.func.jsonb_typeof(new.c.trace) == _KEPT
    values["trace"] = sa.case((is_kept, cases.c.trace), else_=new.c.trace)
    conn.execute(cases.update().where(cases.c.case_no == new.c.case_no).values(values))
    conn.exec_driver_sql("DROP TABLE changed_cases")


def _copy(conn: Connection, table: str, columns: Sequence[str], lines: bytes) -> None:
    # SQLAlchemy has no COPY. This is the connection of psycopg, in the same transaction.
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    command = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(command.encode()) as copy:
            copy.write(lines)
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


def from_row(row: Row[tuple[Any, ...]]) -> Case:
    """Build a case from the columns of ``COLUMNS``."""
    reason = row.unlocated_reason
    unrouted = row.unrouted_reason
    return Case(
        given=GivenCase(
            case_no=row.case_no,
            category=row.category,
            reported_at=row.reported_at,
            x=row.given_x,
            y=row.given_y,
            due_at=row.due_at,
            disposed_at=row.disposed_at,
            closed_at=row.closed_at,
            channel=row.channel,
            description=row.description,
            address=row.address,
            accuracy_m=row.accuracy_m,
        ),
        given_crs=row.given_crs,
        location=CaseLocation(
            lon=row.lon,
            lat=row.lat,
            edition=row.edition,
            level=row.level,
            area_code=row.area_code,
            candidates=tuple(row.candidates or ()),
            on_boundary=row.on_boundary,
            snapped=row.snapped,
            distance_m=row.distance_m,
            unlocated_reason=None if reason is None else UnlocatedReason(reason),
        ),
        responder_code=row.responder_code,
        unrouted_reason=None if unrouted is None else UnroutedReason(unrouted),
        status=CaseStatus(row.status),
        last_seq=row.last_seq,
        marks=tuple(CaseMark(mark) for mark in row.marks),
        forgotten_at=row.forgotten_at,
    )
