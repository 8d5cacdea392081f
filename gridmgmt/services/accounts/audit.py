"""Read the audit log: who did what and when, with the values before and after."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.audit import AuditEntry, areas_named
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.services.judging.directory import directory
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.accounts.audit import AuditFilter
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.areas.areas import latest_names

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class AuditNames:
    """The names of the codes in entries.

    ``people`` are the names of all accounts by user name; the log also names others, such as
    commands. ``roles`` are those there are now, ``responders`` and ``categories`` all of them.
    ``areas`` are those that the entries name, also such as no edition has any more. ``places``
    are groups, road segments and zones.
    """

    people: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    responders: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    areas: Mapping[AreaKey, str] = field(default_factory=dict)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditPage:
    """A page of entries, newest first; ``after`` begins the next page, None on the last."""

    entries: tuple[AuditEntry, ...]
    after: int | None
    names: AuditNames


def page(
    conn: Connection, wanted: AuditFilter, *, after: int | None = None, most: int = PAGE_ROWS
) -> AuditPage:
    """Return a page of the entries that match a filter, beginning after the entry ``after``."""
    # One entry more than the page shows whether there is a next one; counting the log would
    # cost more than it tells, and an offset gets slower with every page (DECISIONS 23).
    found = audit.list_entries(conn, wanted, limit=most + 1, before=after)
    entries = tuple(found[:most])
    known = directory(conn)
    return AuditPage(
        entries=entries,
        after=entries[-1].id if len(found) > most else None,
        names=AuditNames(
            people={one.username: one.name for one in list_accounts(conn)},
            roles={one.code: one for one in list_roles(conn)},
            responders=known.responder_names,
            categories=known.category_names,
            areas=_area_names(conn, entries, {one.name for one in known.levels}),
            places=known.place_names,
        ),
    )


def names_beside(conn: Connection, keys: Iterable[AreaKey]) -> AuditNames:
    """Return the names of responders, categories, places and some areas, as entries have them.

    Areas that no edition ever had have none.
    """
    known = directory(conn)
    return AuditNames(
        responders=known.responder_names,
        categories=known.category_names,
        areas=_names_of(conn, keys),
        places=known.place_names,
    )


def _area_names(
    conn: Connection, entries: Iterable[AuditEntry], levels: set[str]
) -> dict[AreaKey, str]:
    every = (key for entry in entries for key in areas_named(entry))
    return _names_of(conn, (key for key in every if key[0] in levels))


def _names_of(conn: Connection, keys: Iterable[AreaKey]) -> dict[AreaKey, str]:
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for level, code in keys:
        codes[level].add(code)
    return {
        (level, code): name
        for level, some in codes.items()
        for code, name in latest_names(conn, level, some).items()
    }
