"""API tokens: made by an account for its programs, checked on every call, revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.api_token import ApiToken
from gridmgmt.domain.accounts.limit import Limit
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import InputError, NotAllowedError
from gridmgmt.store.accounts import api_tokens, audit
from gridmgmt.store.accounts.accounts import find_account

# Says what it is to whoever finds one in a log, and to programs that look for leaked ones.
PREFIX = "gridmgmt_"
MAX_DAYS = 366
MAX_NAME = 100

# Noting each use would make every call of a busy program wait for the one before it.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; ``secret`` is shown this once."""

    token: ApiToken
    secret: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and with which token."""

    account: Account
    token: ApiToken


def calls(most: int) -> Limit:
    """Limit how often a token may be used within a minute."""
    return Limit("api_token", most, timedelta(minutes=1))


def create(
    conn: Connection, account: Account, name: str, *, days: int, now: datetime
) -> NewToken:
    """Make a token that an account's programs may use for a number of days.

    Raises
    ------
    NotAllowedError
        when the account may not use the API, or has not changed its first password
    InputError
        when the name is empty or too long, or the days are not from 1 to 366
    """
    if not account.may(Permission.USE_API):
        message = "the role of this account does not use the API"
        raise NotAllowedError(message)
    if account.must_change:
        message = "change the password of this account first"
        raise NotAllowedError(message)
    if not name.strip() or len(name) > MAX_NAME:
        message = f"give a name of at most {MAX_NAME} characters"
        raise InputError(field="name", message=message)
    if not 1 <= days <= MAX_DAYS:
        message = f"give days from 1 to {MAX_DAYS}"
        raise InputError(field="days", message=message)
    secret = PREFIX + secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=days)
    token = api_tokens.add_token(
        conn, account.username, name.strip(), _hashed(secret), expires_at
    )
    detail = {"token": token.id, "name": token.name, "expires_at": expires_at.isoformat()}
    audit.record(conn, account.username, "create_token", f"account {account.username}", detail)
    return NewToken(token, secret)


def revoke(
    conn: Connection, username: str, token_id: int, *, actor: str, now: datetime
) -> ApiToken:
    """Revoke a token of an account, by itself or by who manages accounts.

    Raises
    ------
    NotFoundError
        when the account has no such token
    """
    token = api_tokens.revoke_token(conn, token_id, username, now)
    detail = {"token": token.id, "name": token.name}
    audit.record(conn, actor, "revoke_token", f"account {username}", detail)
    return token


def check(conn: Connection, secret: str, *, now: datetime) -> Caller | None:
    """Return who calls with a token, None when it is no good.

    No good is one that is unknown, revoked or expired, or whose account is disabled, has a
    password to change, or may not use the API (any more). The use is noted at most once a
    minute.
    """
    token = api_tokens.find_token(conn, _hashed(secret))
    if token is None or not token.is_good(now):
        return None
    account = find_account(conn, token.username)
    if account is None or account.must_change or not account.may(Permission.USE_API):
        return None
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        api_tokens.note_use(conn, token.id, now)
    return Caller(account, token)


def _hashed(secret: str) -> str:
    """Hash a token: 256 random bits need no salt and no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
