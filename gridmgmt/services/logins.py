"""Attempts to log in: counted by name and by address before a password is looked at."""

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.limit import Limit
from gridmgmt.services import attempts

# A person who mistypes has five tries; an office behind one address shares thirty.
BY_NAME = Limit("login_name", 5, timedelta(minutes=15))
BY_ADDRESS = Limit("login_address", 30, timedelta(minutes=15))


def begin(conn: Connection, username: str, address: str, *, now: datetime) -> int:
    """Count an attempt to log in, whoever there is of that name or not.

    It is counted before the password is checked: of many attempts at the same time no more
    than the limit are answered.

    Returns
    -------
    0 when the password may be checked, else the seconds to wait
    """
    waits = (
        attempts.count(conn, BY_NAME, username, now=now),
        attempts.count(conn, BY_ADDRESS, address, now=now),
    )
    return max(waits)


def succeeded(conn: Connection, username: str, address: str, *, now: datetime) -> None:
    """Let the name begin anew; the address keeps the failures it had."""
    attempts.forget(conn, BY_NAME, username, now=now)
    attempts.take_back(conn, BY_ADDRESS, address, now=now)
