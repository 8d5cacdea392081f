"""Read and write wall screens."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.display import Display
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.store.schema import displays

_READ = (
    displays.c.id,
    displays.c.name,
    displays.c.area_level,
    displays.c.area_code,
    displays.c.created_by,
    displays.c.created_at,
    displays.c.link_ends_at,
    displays.c.opened_at,
    displays.c.last_used_at,
    displays.c.revoked_at,
)
_GOOD = displays.c.revoked_at.is_(None)


def add_display(
    conn: Connection, name: str, area: AreaKey | None, created_by: str, at: datetime
) -> Display:
    """Store a new wall screen that has no link yet."""
    level, code = area or (None, None)
    added = displays.insert().values(
        name=name, area_level=level, area_code=code, created_by=created_by, created_at=at
    )
    return _display(conn.execute(added.returning(*_READ)).one())


def list_displays(conn: Connection) -> list[Display]:
    """List all wall screens, newest first, revoked screens last."""
    order = (displays.c.revoked_at.is_not(None), displays.c.id.desc())
    return [_display(row) for row in conn.execute(sa.select(*_READ).order_by(*order))]


def set_link(conn: Connection, display_id: int, link_hash: str, ends_at: datetime) -> Display:
    """Give a wall screen a new link; a link it had before stops working.

    Raises
    ------
    NotFoundError
        when there is no such screen, or the screen is revoked
    """
    wanted = displays.update().where(displays.c.id == display_id, _GOOD)
    given = wanted.values(link_hash=link_hash, link_ends_at=ends_at).returning(*_READ)
    return _found(conn.execute(given).one_or_none(), display_id)


def take_link(
    conn: Connection, link_hash: str, token_hash: str, at: datetime
) -> Display | None:
    """Exchange a link for a token, once; return None if the link is not valid.

    This is one statement, so that only one of two people who open the link at the same time
    gets in.
    """
    wanted = displays.update().where(
        displays.c.link_hash == link_hash, displays.c.link_ends_at > at, _GOOD
    )
    taken = wanted.values(
        link_hash=None, link_ends_at=None, token_hash=token_hash, opened_at=at, last_used_at=at
    )
    row = conn.execute(taken.returning(*_READ)).one_or_none()
    return None if row is None else _display(row)


def find_display(conn: Connection, token_hash: str) -> Display | None:
    """Return the wall screen with this token, or None if there is none or it is revoked."""
    query = sa.select(*_READ).where(displays.c.token_hash == token_hash, _GOOD)
    row = conn.execute(query).one_or_none()
    return None if row is None else _display(row)


def note_use(conn: Connection, display_id: int, at: datetime) -> None:
    """Store when a wall screen last sent a request."""
    conn.execute(displays.update().where(displays.c.id == display_id).values(last_used_at=at))


def revoke_display(conn: Connection, display_id: int, at: datetime) -> Display:
    """Revoke a wall screen together with its link and its token.

    Raises
    ------
    NotFoundError
        when there is no such screen, or the screen was revoked before
    """
    wanted = displays.update().where(displays.c.id == display_id, _GOOD)
    revoked = wanted.values(link_hash=None, link_ends_at=None, revoked_at=at)
    return _found(conn.execute(revoked.returning(*_READ)).one_or_none(), display_id)


def _found(row: Any, display_id: int) -> Display:
    if row is None:
        raise NotFoundError(kind=Sentence("wall screen"), key=display_id)
    return _display(row)


def _display(row: Any) -> Display:
    return Display(
        id=row.id,
        name=row.name,
        area=None if row.area_level is None else (row.area_level, row.area_code),
        created_by=row.created_by,
        created_at=row.created_at,
        link_ends_at=row.link_ends_at,
        opened_at=row.opened_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
