"""Looking into the audit log: who did what, when, with what before and after."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.audit import AuditEntry
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.accounts.audit import AuditFilter

PAGE_ROWS = 50


@dataclass(frozen=True)
class AuditPage:
    """A page of entries, the newest first; ``after`` begins the next, None on the last.

    ``usernames`` are those of all accounts; others are named too, commands for example.
    """

    entries: tuple[AuditEntry, ...]
    after: int | None
    usernames: tuple[str, ...]


def page(
    conn: Connection, wanted: AuditFilter, *, after: int | None = None, most: int = PAGE_ROWS
) -> AuditPage:
    """List a page of the entries that are meant, beginning behind entry ``after``."""
    found = audit.list_entries(conn, wanted, limit=most + 1, before=after)
    entries = tuple(found[:most])
    return AuditPage(
        entries=entries,
        after=entries[-1].id if len(found) > most else None,
        usernames=tuple(one.username for one in list_accounts(conn)),
    )
