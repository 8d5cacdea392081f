"""The leaf areas of an edition with what each lies in, kept until an edition changes."""

from collections.abc import Mapping

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import Chain
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.areas.areas import chains, leaf_level


def leaf_chains(conn: Connection, edition: int) -> Mapping[str, Chain]:
    """Return for each leaf area of an edition the areas it lies in, as `chains` does.

    Empty for an edition without areas. A click on the map needs them, and a city has tens of
    thousands.
    """
    return _KEPT.get(conn, edition)


def _read(conn: Connection, edition: int) -> Mapping[str, Chain]:
    leaf = leaf_level(conn, edition)
    return chains(conn, edition, leaf) if leaf else {}


_KEPT: Fresh[int, Mapping[str, Chain]] = Fresh(_read, 4)
