"""Read and write responders."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.store.schema import responders
from gridmgmt.store.statements import statement


def list_responders(conn: Connection) -> list[Responder]:
    """List all responders by code, with their phone numbers."""
    query = sa.select(responders).order_by(responders.c.code)
    return [_from_row(row) for row in conn.execute(query)]


def responder_names(conn: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Return the names of responders; unknown codes are absent."""
    query = sa.select(responders.c.code, responders.c.name).where(
        responders.c.code.in_(list(codes))
    )
    return {row.code: row.name for row in conn.execute(query)}


def put_responders(conn: Connection, people: Sequence[Responder]) -> None:
    """Store responders; known codes are replaced.

    Superiors may come in any order: they are checked after all are stored.
    """
    given = {
        "codes": [one.code for one in people],
        "kinds": [one.kind.value for one in people],
        "names": [one.name for one in people],
        "phones": [one.phone for one in people],
        "superior_codes": [one.superior_code for one in people],
        "area_levels": [one.area_level for one in people],
        "area_codes": [one.area_code for one in people],
    }
    conn.execute(statement("put_responders"), given)


def _from_row(row: Row[tuple[object, ...]]) -> Responder:
    return Responder(
        code=row.code,
        kind=ResponderKind(row.kind),
        name=row.name,
        phone=row.phone,
        superior_code=row.superior_code,
        area_level=row.area_level,
        area_code=row.area_code,
    )
