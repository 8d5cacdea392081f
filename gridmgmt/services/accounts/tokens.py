"""API tokens: an account makes them for its programs; check and revoke them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.api_token import ApiToken
from gridmgmt.domain.accounts.attempt_limit import AttemptLimit
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import InputError, NotAllowedError
from gridmgmt.sentence import Sentence
from gridmgmt.store.accounts import api_tokens, audit
from gridmgmt.store.accounts.accounts import find_account

# The prefix shows what it is, to people who find one in a log and to programs that search for
# leaked tokens.
PREFIX = "gridmgmt_"
MAX_DAYS = 366
MAX_NAME = 100

# Storing each use would make every call of a busy program wait for the one before.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A new token; ``secret`` is shown only once."""

    token: ApiToken
    secret: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The account that calls the API, and its token."""

    account: Account
    token: ApiToken


def calls(most: int) -> AttemptLimit:
    """Return the limit of uses of a token within a minute."""
    return AttemptLimit("api_token", most, timedelta(minutes=1))


def create(
    conn: Connection, account: Account, name: str, *, days: int, now: datetime
) -> NewToken:
    """Make a token for programs of an account, valid for a number of days.

    Raises
    ------
    NotAllowedError
        when the account may not use the API, or has not changed its first password
    InputError
        when the name is empty or too long, or the days are not from 1 to 366
    """
    if not account.may(Permission.USE_API):
        raise NotAllowedError(Sentence("the role of this account does not use the API"))
    if account.must_change:
        raise NotAllowedError(Sentence("change the password of this account first"))
    if not name.strip() or len(name) > MAX_NAME:
        raise InputError(
            field="name", message=Sentence("give a name of at most {} characters", MAX_NAME)
        )
    if not 1 <= days <= MAX_DAYS:
        raise InputError(field="days", message=Sentence("give days from 1 to {}", MAX_DAYS))
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
    """Revoke a token, by its account or by an administrator.

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
    """Return the caller with this token, or None if the token is not valid.

    A token is not valid if it is unknown, revoked or expired, or if its account is disabled,
    must change its password, or may not use the API (any more). The use is stored at most once
    a minute.
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
    """Return the hash of a token: 256 random bits need no salt and no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
