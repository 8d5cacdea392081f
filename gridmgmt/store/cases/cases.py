"""Read cases and their events; events are only added, and the state follows them."""

from collections.abc import Sequence
from typing import Any

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
from gridmgmt.errors import NotFoundError
from gridmgmt.store.cases.case_copy import CASE_COLUMNS
from gridmgmt.store.cases.case_filter import CaseFilter, in_case_scope
from gridmgmt.store.engine import plans_kept
from gridmgmt.store.schema import case_events, case_numbers, cases
from gridmgmt.store.statements import statement

# The trace is left out: it is as large as all other columns together, and few readers need it.
COLUMNS = (
    *(cases.c[name] for name in CASE_COLUMNS if name not in {"geom", "trace"}),
    cases.c.forgotten_at,
    sa.func.ST_X(cases.c.geom).label("lon"),
    sa.func.ST_Y(cases.c.geom).label("lat"),
)


def wait_for_turn(conn: Connection) -> None:
    """Lock the intake of cases until this transaction ends; wait if another holds it."""
    conn.execute(statement("lock_case_imports"))


def keep_turn(conn: Connection) -> None:
    """Take the same lock as ``wait_for_turn``, but hold it until ``conn`` is closed."""
    conn.execute(statement("keep_case_imports"))


def begin_writing(conn: Connection) -> None:
    """Let nobody publish, or accept a default position, before this transaction ends.

    Whoever judges one case and stores it calls this before reading anything; else the case
    could be stored as if nothing had been published while it was being judged. Imports and
    reroutes need not: they have the turn, for which ``stop_writing`` waits.
    """
    conn.execute(statement("begin_writing_cases"))


def stop_writing(conn: Connection) -> None:
    """Wait for all who write cases, and let nobody write any before this transaction ends."""
    # First imports, then single cases: always in this order, so that two transactions never
    # wait for each other.
    wait_for_turn(conn)
    conn.execute(statement("stop_writing_cases"))


def next_number(conn: Connection) -> int:
    """Return the next running number; a number that stays unused is never returned again."""
    return int(conn.execute(case_numbers.next_value().select()).scalar_one())


def check_now(conn: Connection) -> None:
    """Check the deferred constraints now, since a dry run never commits."""
    with plans_kept(conn):
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
            due_limit=row.due_limit,
            due_provisional=row.due_provisional,
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
