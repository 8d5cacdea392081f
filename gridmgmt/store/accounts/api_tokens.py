"""Read and write API tokens."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.api_token import ApiToken
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import api_tokens

_READ = (
    api_tokens.c.id,
    api_tokens.c.username,
    api_tokens.c.name,
    api_tokens.c.created_at,
    api_tokens.c.expires_at,
    api_tokens.c.last_used_at,
    api_tokens.c.revoked_at,
)
# Built once, since every call asks it.
_BY_HASH = sa.select(*_READ).where(api_tokens.c.token_hash == sa.bindparam("token_hash"))


def add_token(
    conn: Connection, username: str, name: str, token_hash: str, expires_at: datetime
) -> ApiToken:
    """Store a new token."""
    added = api_tokens.insert().values(
        username=username, name=name, token_hash=token_hash, expires_at=expires_at
    )
    return _token(conn.execute(added.returning(*_READ)).one())


def list_tokens(conn: Connection, username: str) -> list[ApiToken]:
    """List the tokens of an account, newest first."""
    query = sa.select(*_READ).where(api_tokens.c.username == username)
    return [_token(row) for row in conn.execute(query.order_by(api_tokens.c.id.desc()))]


def find_token(conn: Connection, token_hash: str) -> ApiToken | None:
    """Return the token with this hash, or None if there is none."""
    row = conn.execute(_BY_HASH, {"token_hash": token_hash}).one_or_none()
    return None if row is None else _token(row)


def revoke_token(conn: Connection, token_id: int, username: str, at: datetime) -> ApiToken:
    """Revoke a token of an account and return it.

    A token that was revoked before keeps its first date of revocation.

    Raises
    ------
    NotFoundError
        when the account has no such token
    """
    revoked = (
        api_tokens.update()
        .where(api_tokens.c.id == token_id, api_tokens.c.username == username)
        .values(revoked_at=sa.func.coalesce(api_tokens.c.revoked_at, at))
        .returning(*_READ)
    )
    row = conn.execute(revoked).one_or_none()
    if row is None:
        raise NotFoundError(kind="token", key=token_id)
    return _token(row)


def revoke_every_token(conn: Connection, username: str) -> int:
    """Revoke all tokens of an account that are still valid; return their number."""
    revoked = (
        api_tokens.update()
        .where(api_tokens.c.username == username, api_tokens.c.revoked_at.is_(None))
        .values(revoked_at=sa.func.now())
    )
    return conn.execute(revoked).rowcount


def note_use(conn: Connection, token_id: int, at: datetime) -> None:
    """Store when a token was last used."""
    conn.execute(api_tokens.update().where(api_tokens.c.id == token_id).values(last_used_at=at))


def _token(row: Any) -> ApiToken:
    return ApiToken(**row._mapping)
