"""Sessions: begin them at login, check them on every request, end and delete them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.device import device_of
from gridmgmt.domain.accounts.session import Session, SessionEnd, SessionLimits
from gridmgmt.errors import NotFoundError
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts import sessions as store

# Storing every request would write a row each time, and requests of one browser would wait for
# each other.
SEEN_NOTED_EVERY = timedelta(minutes=1)
# Addresses are personal data; after a month nobody needs to know who was logged in where.
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A new session; ``secret`` goes into the browser's cookie and nowhere else."""

    session: Session
    secret: str


def begin(
    conn: Connection,
    username: str,
    *,
    address: str,
    user_agent: str,
    now: datetime,
    second_factor_at: datetime | None = None,
) -> NewSession:
    """Begin a session of an account, with a new random secret."""
    secret = secrets.token_urlsafe(32)
    begun = store.add_session(
        conn,
        username,
        _hashed(secret),
        at=now,
        address=address,
        device=device_of(user_agent),
        second_factor_at=second_factor_at,
    )
    return NewSession(begun, secret)


def check(
    conn: Connection, secret: str, limits: SessionLimits, *, now: datetime
) -> Session | None:
    """Return the live session with this secret, or None if there is none."""
    found = store.find_session(conn, _hashed(secret))
    # Judged by the present limits: a shorter limit also ends sessions that began before it.
    return found if found is not None and found.is_live(now, limits) else None


def is_to_note(session: Session, now: datetime) -> bool:
    """Return whether its last use was stored long enough ago to store it again."""
    return now - session.last_seen_at >= SEEN_NOTED_EVERY


def note_seen(conn: Connection, session: Session, *, now: datetime) -> None:
    """Store that a session was used."""
    store.note_seen(conn, session.id, now)


def end(conn: Connection, session: Session, by: SessionEnd, *, now: datetime) -> None:
    """End a session; an ended session does not change."""
    store.end_session(conn, session.id, now, by)


def end_own(
    conn: Connection, username: str, session_id: int, limits: SessionLimits, *, now: datetime
) -> None:
    """End one session of one's own account.

    Raises
    ------
    NotFoundError
        when the account has no such live session
    """
    if session_id not in {one.id for one in list_live(conn, username, limits, now=now)}:
        raise NotFoundError(kind="session", key=session_id)
    store.end_session(conn, session_id, now, SessionEnd.BY_OWNER)
    _record(conn, username, username, [session_id])


def end_others(conn: Connection, session: Session, *, now: datetime) -> int:
    """End all other sessions of the account and return their number."""
    ended = store.end_sessions(conn, session.username, now, SessionEnd.BY_OWNER, but=session.id)
    _record(conn, session.username, session.username, ended)
    return len(ended)


def end_all(conn: Connection, username: str, *, actor: str, now: datetime) -> int:
    """End all sessions of an account, by an administrator, and return their number."""
    ended = store.end_sessions(conn, username, now, SessionEnd.BY_ADMINISTRATOR)
    _record(conn, actor, username, ended)
    return len(ended)


def end_everybodys(conn: Connection, *, actor: str, now: datetime) -> int:
    """End all sessions of all accounts and return their number."""
    ended = store.end_every(conn, now, SessionEnd.BY_ADMINISTRATOR)
    if ended:
        audit.record(conn, actor, "end_sessions", "all accounts", {"sessions": ended})
    return len(ended)


def list_live(
    conn: Connection, username: str, limits: SessionLimits, *, now: datetime
) -> list[Session]:
    """List the live sessions of an account, the last used first."""
    return [one for one in store.list_open(conn, username) if one.is_live(now, limits)]


def sweep(conn: Connection, limits: SessionLimits, *, now: datetime) -> int:
    """End expired sessions, and delete those that ended 30 days ago; return how many of these.

    Expired sessions stay ended, even if the limits are raised afterwards.
    """
    store.end_older(conn, now, seen_before=now - limits.idle, created_before=now - limits.whole)
    return store.forget_ended(conn, now - KEPT_FOR)


def _record(conn: Connection, actor: str, username: str, ended: list[int]) -> None:
    if ended:
        audit.record(conn, actor, "end_sessions", f"account {username}", {"sessions": ended})


def _hashed(secret: str) -> str:
    """Return the hash of a secret: 256 random bits need no salt and no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
