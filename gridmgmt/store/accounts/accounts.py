"""Read and write accounts."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account
from gridmgmt.errors import NotFoundError
from gridmgmt.store.accounts.roles import ROLE_COLUMNS, role_of
from gridmgmt.store.schema import accounts, roles

_READ = (
    accounts.c.username,
    accounts.c.name,
    accounts.c.area_level,
    accounts.c.area_code,
    accounts.c.responder_code,
    accounts.c.active,
    accounts.c.must_change,
    *ROLE_COLUMNS,
)
# Built once, since every request asks it.
_BY_NAME = (
    sa.select(*_READ)
    .join_from(accounts, roles)
    .where(accounts.c.username == sa.bindparam("username"))
)


def list_accounts(conn: Connection) -> list[Account]:
    """List all accounts by username, including disabled accounts."""
    query = sa.select(*_READ).join_from(accounts, roles).order_by(accounts.c.username)
    return [_account(row) for row in conn.execute(query)]


def account_names(conn: Connection, usernames: Collection[str]) -> dict[str, str]:
    """Return the names of accounts by username; a username without an account is absent."""
    wanted = sa.any_(sa.cast(list(usernames), ARRAY(sa.Text)))
    query = sa.select(accounts.c.username, accounts.c.name).where(accounts.c.username == wanted)
    return {row.username: row.name for row in conn.execute(query)}


def find_account(conn: Connection, username: str) -> Account | None:
    """Return the account with this username, or None if there is none."""
    row = conn.execute(_BY_NAME, {"username": username}).one_or_none()
    return None if row is None else _account(row)


def get_account(conn: Connection, username: str) -> Account:
    """Return the account with this username.

    Raises
    ------
    NotFoundError
        when there is no such account
    """
    found = find_account(conn, username)
    if found is None:
        raise NotFoundError(kind="account", key=username)
    return found


def password_hash(conn: Connection, username: str) -> str | None:
    """Return the password hash of an account, or None if the account does not exist."""
    query = sa.select(accounts.c.password_hash).where(accounts.c.username == username)
    return conn.execute(query).scalar_one_or_none()


def wait_for_turn(conn: Connection) -> None:
    """Lock the accounts against changes by others until this transaction ends.

    Others can still read them.
    """
    conn.execute(sa.text("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE"))


def add_account(conn: Connection, account: Account, password_hash: str) -> None:
    """Store a new account."""
    level, code = account.area or (None, None)
    conn.execute(
        accounts.insert().values(
            username=account.username,
            name=account.name,
            role=account.role.code,
            password_hash=password_hash,
            area_level=level,
            area_code=code,
            responder_code=account.responder_code,
            active=account.active,
            must_change=account.must_change,
        )
    )


def change_account(conn: Connection, username: str, **values: str | bool | None) -> None:
    """Change the given columns of an account."""
    conn.execute(accounts.update().where(accounts.c.username == username).values(**values))


def _account(row: Any) -> Account:
    return Account(
        username=row.username,
        name=row.name,
        role=role_of(row),
        area=None if row.area_level is None else (row.area_level, row.area_code),
        responder_code=row.responder_code,
        active=row.active,
        must_change=row.must_change,
    )
