"""The audit log: who did what, when, with what before and after."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import audit_log


def record(
    conn: Connection, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Append one entry; it is kept or lost with the transaction it tells of."""
    conn.execute(
        audit_log.insert().values(
            actor=actor, action=action, subject=subject, detail=dict(detail)
        )
    )


def count_not_by(conn: Connection, actor: str) -> int:
    """Count the entries that somebody other than ``actor`` made."""
    others = sa.select(sa.func.count()).where(audit_log.c.actor != actor)
    return int(conn.execute(others).scalar_one())
