"""A cache of routers across transactions, which never returns an outdated one."""

from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.services.judging.router import Router
from gridmgmt.services.revision_cache import Fresh

# The number of editions in use at the same time: the one in force, the one before and the next,
# and older ones of an import or an export.
_KEPT = 6


def load_router(conn: Connection, key: tuple[int, ZoneInfo]) -> Router:
    """Read the router of an edition for the time zone of a bureau."""
    edition, tz = key
    return Router.load(conn, edition, tz=tz)


_ROUTERS = Fresh(load_router, _KEPT)


def router_for(conn: Connection, edition: int, *, tz: ZoneInfo) -> Router:
    """Return the router of an edition, cached by this process while nothing has changed.

    Parameters
    ----------
    tz : the bureau's time zone, for duty hours and days
    """
    return _ROUTERS.get(conn, (edition, tz))
