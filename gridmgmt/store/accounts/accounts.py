"""Read and write accounts and their roles."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account, Role
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import accounts, role_permissions, roles

_PERMISSIONS = (
    sa.select(sa.func.array_agg(role_permissions.c.permission))
    .where(role_permissions.c.role == roles.c.code)
    .scalar_subquery()
    .label("permissions")
)
_ROLE = (roles.c.code.label("role"), roles.c.name_zh, roles.c.name_en, _PERMISSIONS)
_READ = (
    accounts.c.username,
    accounts.c.name,
    accounts.c.area_level,
    accounts.c.area_code,
    accounts.c.responder_code,
    accounts.c.active,
    accounts.c.must_change,
    *_ROLE,
)


def list_roles(conn: Connection) -> list[Role]:
    """List all roles in their order."""
    return [_role(row) for row in conn.execute(sa.select(*_ROLE).order_by(roles.c.rank))]


def list_accounts(conn: Connection) -> list[Account]:
    """List all accounts by username, including disabled accounts."""
    query = sa.select(*_READ).join_from(accounts, roles).order_by(accounts.c.username)
    return [_account(row) for row in conn.execute(query)]


def find_account(conn: Connection, username: str) -> Account | None:
    """Return the account with this username, or None if there is none."""
    query = sa.select(*_READ).join_from(accounts, roles)
    row = conn.execute(query.where(accounts.c.username == username)).one_or_none()
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


def _role(row: Any) -> Role:
    # A permission that this program does not know allows nothing: it may come from a newer or
    # older release.
    known = set(Permission)
    allowed = (Permission(one) for one in row.permissions or () if one in known)
    return Role(row.role, row.name_zh, row.name_en, frozenset(allowed))


def _account(row: Any) -> Account:
    return Account(
        username=row.username,
        name=row.name,
        role=_role(row),
        area=None if row.area_level is None else (row.area_level, row.area_code),
        responder_code=row.responder_code,
        active=row.active,
        must_change=row.must_change,
    )
