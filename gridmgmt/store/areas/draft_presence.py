"""Note who is at work in a draft, and read who else is."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.presence import Colleague, Whereabouts
from gridmgmt.store.schema import accounts, draft_presence


def note(conn: Connection, draft_id: int, username: str, where: Whereabouts) -> None:
    """Note that somebody is at work in a draft now."""
    lon, lat = where.at or (None, None)
    values = {"lon": lon, "lat": lat, "level": where.level, "codes": list(where.codes)}
    row = insert(draft_presence).values(draft_id=draft_id, username=username, **values)
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["draft_id", "username"],
            set_={**values, "seen_at": sa.func.now()},
        )
    )


def list_others(
    conn: Connection, draft_id: int, username: str, within: timedelta
) -> list[Colleague]:
    """List who else was noted in a draft within some time, by user name."""
    table = draft_presence
    query = (
        sa.select(table, accounts.c.name)
        .join(accounts, accounts.c.username == table.c.username)
        .where(
            table.c.draft_id == draft_id,
            table.c.username != username,
            table.c.seen_at > sa.func.now() - within,
        )
        .order_by(table.c.username)
    )
    return [
        Colleague(
            row.username,
            row.name,
            Whereabouts(
                None if row.lon is None else (row.lon, row.lat), row.level, tuple(row.codes)
            ),
        )
        for row in conn.execute(query)
    ]
