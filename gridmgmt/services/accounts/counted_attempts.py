"""Count attempts, for all server processes together.

Callers count in a separate transaction and commit it, so that an attempt counts even if the
request fails afterwards.
"""

from datetime import datetime
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.attempt_limit import AttemptLimit
from gridmgmt.store.accounts import attempts


def count(conn: Connection, limit: AttemptLimit, subject: str, *, now: datetime) -> int:
    """Count one attempt.

    Returns
    -------
    0 if it is allowed, else the seconds (at least 1) until the next attempt is allowed
    """
    return 0 if add(conn, limit, subject, now=now) <= limit.most else limit.seconds_left(now)


def add(conn: Connection, limit: AttemptLimit, subject: str, *, now: datetime) -> int:
    """Count one attempt and return the number of attempts in this window, this one included."""
    start = limit.window_start(now)
    made = attempts.add_attempt(conn, limit.kind, _key(subject), start)
    if made == 1:
        # The first attempt of a window deletes old rows, so that no row stays long after its
        # use.
        attempts.forget_before(conn, limit.kind, start)
    return made


def made(conn: Connection, limit: AttemptLimit, subject: str, *, now: datetime) -> int:
    """Return the number of attempts in this window."""
    return attempts.count_attempts(conn, limit.kind, _key(subject), limit.window_start(now))


def take_back(conn: Connection, limit: AttemptLimit, subject: str, *, now: datetime) -> None:
    """Count one attempt less, because it turned out not to be limited."""
    attempts.take_back(conn, limit.kind, _key(subject), limit.window_start(now))


def forget(conn: Connection, limit: AttemptLimit, subject: str, *, now: datetime) -> None:
    """Set the count of a subject to zero."""
    attempts.forget(conn, limit.kind, _key(subject), limit.window_start(now))


def _key(subject: str) -> str:
    """Return a hash of the subject: a typed username may well be a password.

    A hash is also short, and has no characters that PostgreSQL refuses.
    """
    return sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
