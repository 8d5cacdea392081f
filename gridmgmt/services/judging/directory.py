"""Who and what codes stand for: all categories and responders, kept as long as none changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.services.judging.revision_cache import Fresh
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.responders import list_responders


@dataclass(frozen=True, slots=True)
class Directory:
    """All categories and responders by code, in order of the codes.

    Responders have no phone numbers, so that no page can show one by mistake.
    """

    categories: Mapping[str, Category]
    responders: Mapping[str, Responder]
    category_names: Mapping[str, str]
    responder_names: Mapping[str, str]


def directory(conn: Connection) -> Directory:
    """Return the directory as this transaction sees it.

    Every list of cases needs it, and it has some hundred rows that change every few weeks. So
    it is read once and kept until a category or a responder changes.
    """
    return _KEPT.get(conn, None)


def _read(conn: Connection, _key: None) -> Directory:
    categories = {one.code: one for one in list_categories(conn)}
    responders = {one.code: replace(one, phone=None) for one in list_responders(conn)}
    return Directory(
        MappingProxyType(categories),
        MappingProxyType(responders),
        MappingProxyType({code: one.name for code, one in categories.items()}),
        MappingProxyType({code: one.name for code, one in responders.items()}),
    )


_KEPT: Fresh[None, Directory] = Fresh(_read, 8)
