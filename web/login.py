"""Sessions: who is logged in, found anew for every request."""

from datetime import UTC, datetime

from flask import Flask, request
from flask_login import LoginManager, UserMixin

from gridmgmt.domain.account import Account
from gridmgmt.errors import TooManyAttemptsError
from gridmgmt.services import accounts, logins
from gridmgmt.store.accounts import find_account
from web.transaction import apart, connection


class LoggedIn(UserMixin):  # type: ignore[misc]
    """An account in the form in which Flask-Login carries it."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """Name the account and the key that ends its sessions when it changes."""
        return f"{self.account.session_key}:{self.account.username}"


def _load(identity: str) -> LoggedIn | None:
    key, _, username = identity.partition(":")
    account = find_account(connection(), username)
    if account is None or not account.active or account.session_key != key:
        return None
    return LoggedIn(account)


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


def init_app(app: Flask) -> None:
    """Find the account of every request that has a session."""
    manager = LoginManager(app)
    manager.user_loader(_load)
