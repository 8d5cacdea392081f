"""Check passwords, while there were not too many attempts."""

from datetime import UTC, datetime

from flask import Flask, request

from gridmgmt.domain.accounts.account import Account
from gridmgmt.errors import TooManyAttemptsError
from gridmgmt.services.accounts import access_audit, accounts, login_limits
from gridmgmt.services.accounts.login_limits import Attempt
from web.app.transaction import apart, connection
from web.door import known_browsers, sessions


def check_login(username: str, password: str) -> Account | None:
    """Return the account of a username and password, or None if they are wrong.

    Raises
    ------
    TooManyAttemptsError
        when there were too many attempts for this username
    """
    attempt, now = begin_attempt(username)
    account = accounts.check_password(connection(), username, password)
    if account is None:
        fail(attempt, "password", now)
    else:
        login_limits.take_back(connection(), attempt, now=now)
    return account


def begin_attempt(username: str) -> tuple[Attempt, datetime]:
    """Count an attempt, and return it with its time.

    Raises
    ------
    TooManyAttemptsError
        when there were too many attempts for this username
    """
    now = datetime.now(UTC)
    mark = known_browsers.mark_of(username)
    attempt = Attempt(username, client_address(), mark)
    with apart() as conn:
        verdict = login_limits.begin(conn, attempt, now=now)
        if verdict.began:
            access_audit.locked(conn, attempt, verdict.wait, now=now)
    if verdict.wait:
        raise TooManyAttemptsError(verdict.wait)
    return attempt, now


def fail(attempt: Attempt, what: str, now: datetime) -> None:
    """Store that an attempt failed, even if the request fails too."""
    with apart() as conn:
        access_audit.failed(conn, attempt, what, now=now)


def complete(
    account: Account,
    *,
    second_factor: str | None = None,
    second_factor_at: datetime | None = None,
) -> None:
    """Begin the session of a person who has passed all steps of the login."""
    mark = known_browsers.mark_of(account.username)
    attempt = Attempt(account.username, client_address(), mark)
    login_limits.succeeded(connection(), attempt, now=datetime.now(UTC))
    sessions.log_in(account, second_factor_at=second_factor_at)
    known_browsers.remember(account.username)
    access_audit.logged_in(
        connection(), account.username, client_address(), second_factor=second_factor
    )


def client_address() -> str:
    """Return the network address of the client."""
    return request.remote_addr or ""


def init_app(app: Flask) -> None:
    """Make browsers remember a login."""
    app.after_request(known_browsers.keep)
