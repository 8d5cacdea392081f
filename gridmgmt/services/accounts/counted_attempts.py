"""How often something was tried, counted for all server processes together.

Callers count on a transaction of its own and keep it, so that a request that fails afterwards
has counted all the same.
"""

from datetime import datetime
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.limit import Limit
from gridmgmt.store.accounts import attempts


def count(conn: Connection, limit: Limit, subject: str, *, now: datetime) -> int:
    """Count one attempt.

    Returns
    -------
    0 when it may be made, else the seconds (at least 1) until the next one may
    """
    return 0 if add(conn, limit, subject, now=now) <= limit.most else limit.seconds_left(now)


def add(conn: Connection, limit: Limit, subject: str, *, now: datetime) -> int:
    """Count one attempt and return how many were made in this window, with it."""
    start = limit.window_start(now)
    made = attempts.add_attempt(conn, limit.kind, _key(subject), start)
    if made == 1:
        # The first of a window sweeps up behind it, so that no row outlives its use for long.
        attempts.forget_before(conn, limit.kind, start)
    return made


def made(conn: Connection, limit: Limit, subject: str, *, now: datetime) -> int:
    """Return how many attempts were counted in this window."""
    return attempts.count_attempts(conn, limit.kind, _key(subject), limit.window_start(now))


def take_back(conn: Connection, limit: Limit, subject: str, *, now: datetime) -> None:
    """Count an attempt less: it turned out to be none that is limited."""
    attempts.take_back(conn, limit.kind, _key(subject), limit.window_start(now))


def forget(conn: Connection, limit: Limit, subject: str, *, now: datetime) -> None:
    """Let a subject begin anew."""
    attempts.forget(conn, limit.kind, _key(subject), limit.window_start(now))


def _key(subject: str) -> str:
    """Hide the subject: what is typed as a username may well be a password.

    A hash is also short and free of what PostgreSQL refuses in text.
    """
    return sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
