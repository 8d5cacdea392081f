"""Store unfinished case imports: how far each came, and the rows it rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.store.schema import case_import_rejects, case_import_runs

# A rejected row: its number, the reason, and its values as [column, text] in order.
RejectedRow = tuple[int, str, list[list[str | None]]]

# Rejected rows are personal data. After this time a run is not continued, and its rows are
# deleted.
ABANDONED_DAYS = 30

_RUN = (
    case_import_runs.c.id,
    case_import_runs.c.row_done,
    case_import_runs.c.stored_at,
    case_import_runs.c.counts,
)


@dataclass(frozen=True)
class RunKey:
    """The properties that must be equal for a second run to continue the first."""

    file: str
    sha256: str
    options: Mapping[str, Any]
    actor: str


@dataclass(frozen=True)
class StoredRun:
    """How far a run came.

    It has the last row that was handled, the time, and the counts up to that row.
    """

    id: int
    row_done: int
    stored_at: datetime
    counts: Mapping[str, Any]


def find(conn: Connection, key: RunKey) -> StoredRun | None:
    """Return the newest run with this key, or None if there is none."""
    columns = case_import_runs.c
    options = sa.bindparam("options", key.options, columns.options.type)
    query = (
        sa.select(*_RUN)
        .where(columns.file == key.file, columns.sha256 == key.sha256)
        .where(columns.actor == key.actor, columns.options == options)
        .order_by(columns.id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _from_row(row)


def begin(conn: Connection, key: RunKey, counts: Mapping[str, Any]) -> StoredRun:
    """Store that a run begins."""
    values = {**vars(key), "counts": counts, "row_done": 0}
    query = case_import_runs.insert().values(values).returning(*_RUN)
    return _from_row(conn.execute(query).one())


def note(conn: Connection, run: int, row_done: int, counts: Mapping[str, Any]) -> None:
    """Store how far a run came."""
    values = {"row_done": row_done, "counts": counts, "stored_at": sa.func.now()}
    conn.execute(case_import_runs.update().where(case_import_runs.c.id == run).values(values))


def forget(conn: Connection, run: int) -> None:
    """Delete a run and its rejected rows."""
    _forget(conn, case_import_runs.c.id == run)


def forget_abandoned(conn: Connection) -> None:
    """Delete the runs that made no progress for a month, and their rejected rows."""
    long_ago = sa.func.now() - timedelta(days=ABANDONED_DAYS)
    _forget(conn, case_import_runs.c.stored_at < long_ago)


def _forget(conn: Connection, which: sa.ColumnElement[bool]) -> None:
    runs = sa.select(case_import_runs.c.id).where(which)
    conn.execute(case_import_rejects.delete().where(case_import_rejects.c.run.in_(runs)))
    conn.execute(case_import_runs.delete().where(which))


def add_rejected(conn: Connection, run: int, rejected: Sequence[RejectedRow]) -> None:
    """Store rejected rows until the run is finished."""
    if rejected:
        rows = [
            {"run": run, "row_number": number, "reason": reason, "row_values": values}
            for number, reason, values in rejected
        ]
        conn.execute(case_import_rejects.insert(), rows)


def list_rejected(conn: Connection, run: int) -> list[RejectedRow]:
    """Read the stored rejected rows of a run, in their order."""
    table = case_import_rejects
    query = sa.select(table.c.row_number, table.c.reason, table.c.row_values)
    rows = conn.execute(query.where(table.c.run == run).order_by(table.c.row_number))
    return [(row.row_number, row.reason, row.row_values) for row in rows]


def _from_row(row: Row[int, int, datetime, Any]) -> StoredRun:
    return StoredRun(row.id, row.row_done, row.stored_at, row.counts)
