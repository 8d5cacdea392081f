"""Read and write roles and their permissions."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import role_permissions, roles

_PERMISSIONS = (
    sa.select(sa.func.array_agg(role_permissions.c.permission))
    .where(role_permissions.c.role == roles.c.code)
    .scalar_subquery()
    .label("permissions")
)
# What `role_of` reads.
ROLE_COLUMNS = (roles.c.code.label("role"), roles.c.name_zh, roles.c.name_en, _PERMISSIONS)


def list_roles(conn: Connection) -> list[Role]:
    """List all roles in their order."""
    return [
        role_of(row) for row in conn.execute(sa.select(*ROLE_COLUMNS).order_by(roles.c.rank))
    ]


def find_role(conn: Connection, code: str) -> Role | None:
    """Return the role with this code, or None if there is none."""
    query = sa.select(*ROLE_COLUMNS).where(roles.c.code == code)
    row = conn.execute(query).one_or_none()
    return None if row is None else role_of(row)


def get_role(conn: Connection, code: str) -> Role:
    """Return the role with this code.

    Raises
    ------
    NotFoundError
        when there is no such role, naming those there are
    """
    found = find_role(conn, code)
    if found is None:
        known = [one.code for one in list_roles(conn)]
        raise NotFoundError(kind="role", key=code, known=known)
    return found


def add_role(conn: Connection, role: Role) -> None:
    """Store a new role behind all others."""
    last = sa.select(sa.func.coalesce(sa.func.max(roles.c.rank), -1) + 1).scalar_subquery()
    conn.execute(
        roles.insert().values(
            code=role.code, name_zh=role.name_zh, name_en=role.name_en, rank=last
        )
    )
    give_permissions(conn, role.code, role.permissions)


def rename_role(conn: Connection, code: str, *, name_zh: str, name_en: str) -> None:
    """Change the names of a role."""
    conn.execute(
        roles.update().where(roles.c.code == code).values(name_zh=name_zh, name_en=name_en)
    )


def give_permissions(conn: Connection, code: str, given: Iterable[Permission]) -> None:
    """Give permissions to a role that does not have them."""
    rows = [{"role": code, "permission": str(one)} for one in sorted(given)]
    if rows:
        conn.execute(role_permissions.insert(), rows)


def take_permissions(conn: Connection, code: str, taken: Iterable[Permission]) -> None:
    """Take permissions from a role; those of another release of the program stay."""
    conn.execute(
        role_permissions.delete().where(
            role_permissions.c.role == code,
            role_permissions.c.permission.in_([str(one) for one in taken]),
        )
    )


def delete_role(conn: Connection, code: str) -> None:
    """Delete a role that no account has, with its permissions."""
    conn.execute(role_permissions.delete().where(role_permissions.c.role == code))
    conn.execute(roles.delete().where(roles.c.code == code))


def role_of(row: Any) -> Role:
    """Return the role of a row that has `ROLE_COLUMNS`."""
    # A permission that this program does not know allows nothing: it may come from a newer or
    # older release.
    known = set(Permission)
    allowed = (Permission(one) for one in row.permissions or () if one in known)
    return Role(row.role, row.name_zh, row.name_en, frozenset(allowed))
