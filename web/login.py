"""Passwords at the door: looked at only while the attempts made are few enough."""

from datetime import UTC, datetime

from flask import request

from gridmgmt.domain.account import Account
from gridmgmt.errors import TooManyAttemptsError
from gridmgmt.services import accounts, logins
from web.transaction import apart, connection


def check_login(username: str, password: str) -> Account | None:
    """Return the account of a name and password, None when they do not belong together.

    Raises
    ------
    TooManyAttemptsError
        when this name or the caller's address failed too often
    """
    now = datetime.now(UTC)
    address = request.remote_addr or ""
    with apart() as conn:
        wait = logins.begin(conn, username, address, now=now)
    if wait:
        raise TooManyAttemptsError(wait)
    account = accounts.check_password(connection(), username, password)
    if account is not None:
        logins.succeeded(connection(), username, address, now=now)
    return account
