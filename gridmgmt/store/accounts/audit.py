"""The audit log: who changed what and when, with the values before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.accounts.audit import OF_ACCESS, AuditEntry
from gridmgmt.store.schema import accounts, audit_log

_RECENT = 2_000


def record(
    conn: Connection, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Append one entry to the audit log.

    The entry belongs to the transaction that makes the change: both are kept or both are lost.
    """
    conn.execute(
        audit_log.insert().values(
            actor=actor, action=action, subject=subject, detail=dict(detail)
        )
    )


def recent_details(
    conn: Connection, actor: str, action: str, subject: str, *, since: datetime
) -> list[Mapping[str, Any]]:
    """Return the details of what one person did to one subject since an instant, newest first.

    Only the newest ``_RECENT`` entries of everybody are looked at, so that it costs the same
    however long the log is.
    """
    newest = sa.select(audit_log).order_by(audit_log.c.id.desc()).limit(_RECENT).subquery()
    wanted = (newest.c.actor == actor, newest.c.action == action, newest.c.subject == subject)
    query = sa.select(newest.c.detail).where(*wanted, newest.c.at >= since)
    return list(conn.scalars(query.order_by(newest.c.id.desc())))


def newest_entries(conn: Connection, actions: Sequence[str]) -> list[AuditEntry]:
    """List the newest entries with these actions, newest first, at most ``_RECENT``."""
    wanted = sa.select(audit_log).where(audit_log.c.action.in_(actions))
    rows = conn.execute(wanted.order_by(audit_log.c.id.desc()).limit(_RECENT))
    return [_entry(row) for row in rows]


def count_not_by(conn: Connection, actor: str) -> int:
    """Count the changes made by anybody other than ``actor``.

    Reading and logging in are not changes.
    """
    reading = audit_log.c.action.startswith("read_", autoescape=True)
    others = sa.select(sa.func.count()).where(
        audit_log.c.actor != actor, ~reading, audit_log.c.action.not_in(OF_ACCESS)
    )
    return int(conn.execute(others).scalar_one())


@dataclass(frozen=True)
class AuditFilter:
    """A filter of audit entries; a field that is None matches all entries.

    ``actor`` is a part of the name or user name of an account, or the whole name of an actor
    without one. ``subject`` is the beginning of the subject. ``since`` is the first instant
    that matches, ``until`` the first instant after the period.
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield the SQL conditions on rows of ``audit_log``."""
        if self.actor is not None:
            part = (accounts.c.name, accounts.c.username)
            known = sa.select(accounts.c.username).where(
                sa.or_(*(one.icontains(self.actor, autoescape=True) for one in part))
            )
            # Programs and the past have no account: of these the whole name is asked for, so
            # that a long log is still read by its index.
            yield sa.or_(audit_log.c.actor == self.actor, audit_log.c.actor.in_(known))
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
    """List at most ``limit`` entries, newest first.

    ``before`` is the id of the last entry of the page before; None begins with the newest.
    """
    query = sa.select(audit_log).where(*wanted.conditions()).order_by(audit_log.c.id.desc())
    if before is not None:
        query = query.where(audit_log.c.id < before)
    rows = conn.execute(query.limit(limit))
    return [_entry(row) for row in rows]


def _entry(row: Row[*tuple[Any, ...]]) -> AuditEntry:
    return AuditEntry(row.id, row.at, row.actor, row.action, row.subject, row.detail)
