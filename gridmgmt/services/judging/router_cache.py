"""Routers kept between transactions, and never a stale one among them."""

from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.services.judging.revision_cache import Fresh
from gridmgmt.services.judging.router import Router

# Editions that are asked for at the same time: the one in force, the one before and the next,
# and older ones of an import or a table to take away.
_KEPT = 6


def load_router(conn: Connection, key: tuple[int, ZoneInfo]) -> Router:
    """Read the router of an edition for a bureau of a time zone."""
    edition, tz = key
    return Router.load(conn, edition, tz=tz)


_ROUTERS = Fresh(load_router, _KEPT)


def router_for(conn: Connection, edition: int, *, tz: ZoneInfo) -> Router:
    """Give the router of an edition, kept by this process as long as nothing has changed.

    Parameters
    ----------
    tz : the bureau's; duty hours and days are judged on its wall clock
    """
    return _ROUTERS.get(conn, (edition, tz))
