"""Read and write login sessions."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.session import Session, SessionEnd
from gridmgmt.store.schema import sessions

_READ = (
    sessions.c.id,
    sessions.c.username,
    sessions.c.created_at,
    sessions.c.last_seen_at,
    sessions.c.address,
    sessions.c.device,
    sessions.c.second_factor_at,
    sessions.c.ended_at,
)
# Every request asks it, and building a statement takes as long as reading its answer.
_BY_SECRET = sa.select(*_READ).where(sessions.c.secret_hash == sa.bindparam("secret_hash"))


def add_session(
    conn: Connection,
    username: str,
    secret_hash: str,
    *,
    at: datetime,
    address: str,
    device: str,
    second_factor_at: datetime | None,
) -> Session:
    """Store a new session that begins at ``at``."""
    added = sessions.insert().values(
        username=username,
        secret_hash=secret_hash,
        created_at=at,
        last_seen_at=at,
        address=address,
        device=device,
        second_factor_at=second_factor_at,
    )
    return _session(conn.execute(added.returning(*_READ)).one())


def find_session(conn: Connection, secret_hash: str) -> Session | None:
    """Return the session with this hash, ended or not, or None if there is none."""
    row = conn.execute(_BY_SECRET, {"secret_hash": secret_hash}).one_or_none()
    return None if row is None else _session(row)


def list_open(conn: Connection, username: str) -> list[Session]:
    """List the open sessions of an account, the last used session first."""
    query = sa.select(*_READ).where(
        sessions.c.username == username, sessions.c.ended_at.is_(None)
    )
    newest = (sessions.c.last_seen_at.desc(), sessions.c.id.desc())
    return [_session(row) for row in conn.execute(query.order_by(*newest))]


def note_seen(conn: Connection, session_id: int, at: datetime) -> None:
    """Store when a session was last used; an earlier instant than stored changes nothing."""
    newer = (sessions.c.id == session_id, sessions.c.last_seen_at < at)
    conn.execute(sessions.update().where(*newer).values(last_seen_at=at))


def end_session(conn: Connection, session_id: int, at: datetime, by: SessionEnd) -> bool:
    """End a session; return False if it had ended before."""
    wanted = (sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    ended = sessions.update().where(*wanted).values(ended_at=at, ended_by=by)
    return conn.execute(ended).rowcount > 0


def end_sessions(
    conn: Connection, username: str, at: datetime, by: SessionEnd, *, but: int | None = None
) -> list[int]:
    """End the open sessions of an account and return their ids.

    The session with the id ``but`` stays open.
    """
    ended = (
        sessions.update()
        .where(sessions.c.username == username, sessions.c.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
        .returning(sessions.c.id)
    )
    if but is not None:
        ended = ended.where(sessions.c.id != but)
    return sorted(conn.execute(ended).scalars())


def end_every(conn: Connection, at: datetime, by: SessionEnd) -> list[int]:
    """End the open sessions of all accounts and return their ids."""
    ended = sessions.update().where(sessions.c.ended_at.is_(None))
    changed = ended.values(ended_at=at, ended_by=by).returning(sessions.c.id)
    return sorted(conn.execute(changed).scalars())


def end_older(
    conn: Connection, at: datetime, *, seen_before: datetime, created_before: datetime
) -> int:
    """End old sessions as expired and return their number.

    A session is old if it was last used by ``seen_before`` or created by ``created_before``.
    """
    old = sa.or_(
        sessions.c.last_seen_at <= seen_before, sessions.c.created_at <= created_before
    )
    ended = sessions.update().where(sessions.c.ended_at.is_(None), old)
    return conn.execute(ended.values(ended_at=at, ended_by=SessionEnd.EXPIRED)).rowcount


def forget_ended(conn: Connection, before: datetime) -> int:
    """Delete the sessions that ended before an instant and return their number."""
    return conn.execute(sessions.delete().where(sessions.c.ended_at < before)).rowcount


def _session(row: Any) -> Session:
    return Session(**row._mapping)
