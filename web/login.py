"""Sessions: who is logged in, found anew for every request."""

from flask import Flask
from flask_login import LoginManager, UserMixin

from gridmgmt.domain.account import Account
from gridmgmt.store.accounts import find_account
from web.transaction import connection


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


def init_app(app: Flask) -> None:
    """Find the account of every request that has a session."""
    manager = LoginManager(app)
    manager.user_loader(_load)
