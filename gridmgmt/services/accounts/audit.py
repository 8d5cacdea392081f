"""Read the audit log: who did what and when, with the values before and after."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.audit import AuditEntry
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.accounts.audit import AuditFilter
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.responsibility.responders import list_responders

PAGE_ROWS = 50


@dataclass(frozen=True)
class AuditPage:
    """A page of entries, newest first; ``after`` begins the next page, None on the last.

    ``people`` are the names of all accounts by user name; the log also names others, such as
    commands. ``responders`` are the names of all responders by code, ``roles`` those there are
    now.
    """

    entries: tuple[AuditEntry, ...]
    after: int | None
    people: Mapping[str, str]
    responders: Mapping[str, str]
    roles: Mapping[str, Role]


def page(
    conn: Connection, wanted: AuditFilter, *, after: int | None = None, most: int = PAGE_ROWS
) -> AuditPage:
    """Return a page of the entries that match a filter, beginning after the entry ``after``."""
    # One entry more than the page shows whether there is a next one; counting the log would
    # cost more than it tells, and an offset gets slower with every page (DECISIONS 23).
    found = audit.list_entries(conn, wanted, limit=most + 1, before=after)
    entries = tuple(found[:most])
    return AuditPage(
        entries=entries,
        after=entries[-1].id if len(found) > most else None,
        people={one.username: one.name for one in list_accounts(conn)},
        responders={one.code: one.name for one in list_responders(conn)},
        roles={one.code: one for one in list_roles(conn)},
    )
