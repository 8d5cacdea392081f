"""Sessions: begun at login, checked on every request, ended, forgotten."""

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

# Noting every request would write a row for each, and let those of one browser wait for it.
SEEN_NOTED_EVERY = timedelta(minutes=1)
# Addresses are personal; a month is long enough to ask who was logged in where.
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun; ``secret`` goes into the browser's cookie and nowhere else."""

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
    """Begin a session of an account, under a secret that nobody has had."""
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
    """Return the live session that a cookie's secret opens, None when there is none."""
    found = store.find_session(conn, _hashed(secret))
    return found if found is not None and found.is_live(now, limits) else None


def is_to_note(session: Session, now: datetime) -> bool:
    """Tell whether it was last noted long enough ago to note again that it is used."""
    return now - session.last_seen_at >= SEEN_NOTED_EVERY


def note_seen(conn: Connection, session: Session, *, now: datetime) -> None:
    """Note that somebody did something in a session."""
    store.note_seen(conn, session.id, now)


def end(conn: Connection, session: Session, by: SessionEnd, *, now: datetime) -> None:
    """End a session; one that has ended stays ended as it was."""
    store.end_session(conn, session.id, now, by)


def end_own(
    conn: Connection, username: str, session_id: int, limits: SessionLimits, *, now: datetime
) -> None:
    """End one session of an account, by itself.

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
    """End every other session of the account of this one and return how many."""
    ended = store.end_sessions(conn, session.username, now, SessionEnd.BY_OWNER, but=session.id)
    _record(conn, session.username, session.username, ended)
    return len(ended)


def end_all(conn: Connection, username: str, *, actor: str, now: datetime) -> int:
    """End every session of an account, by who manages accounts, and return how many."""
    ended = store.end_sessions(conn, username, now, SessionEnd.BY_ADMINISTRATOR)
    _record(conn, actor, username, ended)
    return len(ended)


def end_everybodys(conn: Connection, *, actor: str, now: datetime) -> int:
    """End every session of every account and return how many."""
    ended = store.end_every(conn, now, SessionEnd.BY_ADMINISTRATOR)
    if ended:
        audit.record(conn, actor, "end_sessions", "all accounts", {"sessions": ended})
    return len(ended)


def list_live(
    conn: Connection, username: str, limits: SessionLimits, *, now: datetime
) -> list[Session]:
    """List the live sessions of an account, the one seen last first."""
    return [one for one in store.list_open(conn, username) if one.is_live(now, limits)]


def sweep(conn: Connection, limits: SessionLimits, *, now: datetime) -> int:
    """End what has expired, forget what ended 30 days ago, and return how many were forgotten.

    What has expired then stays so, whatever the limits are set to afterwards.
    """
    store.end_older(conn, now, seen_before=now - limits.idle, created_before=now - limits.whole)
    return store.forget_ended(conn, now - KEPT_FOR)


def _record(conn: Connection, actor: str, username: str, ended: list[int]) -> None:
    if ended:
        audit.record(conn, actor, "end_sessions", f"account {username}", {"sessions": ended})


def _hashed(secret: str) -> str:
    """Hash a secret: 256 random bits need no salt and no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
