"""The audit log: who did what, when, with what before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.audit import OF_ACCESS, AuditEntry
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
    """Count the changes that somebody other than ``actor`` made.

    Reading is none, nor is logging in.
    """
    reading = audit_log.c.action.startswith("read_", autoescape=True)
    others = sa.select(sa.func.count()).where(
        audit_log.c.actor != actor, ~reading, audit_log.c.action.not_in(OF_ACCESS)
    )
    return int(conn.execute(others).scalar_one())


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are meant; a filter that is None lets all pass.

    ``subject`` is how the subject begins; ``since`` and ``until`` are the first instant that is
    meant and the first one after.
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield what a row of ``audit_log`` must fulfil."""
        if self.actor is not None:
            yield audit_log.c.actor == self.actor
        if self.action is not None:
            yield audit_log.c.action == self.action
        if self.subject is not None:
            yield audit_log.c.subject.startswith(self.subject, autoescape=True)
        if self.since is not None:
            yield audit_log.c.at >= self.since
        if self.until is not None:
            yield audit_log.c.at < self.until


def list_entries(
    conn: Connection, wanted: AuditFilter, *, limit: int, before: int | None = None
) -> list[AuditEntry]:
    """List entries, the newest first, at most ``limit`` of those before entry ``before``."""
    query = sa.select(audit_log).where(*wanted.conditions()).order_by(audit_log.c.id.desc())
    if before is not None:
        query = query.where(audit_log.c.id < before)
    rows = conn.execute(query.limit(limit))
    return [
        AuditEntry(row.id, row.at, row.actor, row.action, row.subject, row.detail)
        for row in rows
    ]
