"""Routers kept between transactions, and never a stale one among them."""

import threading
from collections import OrderedDict
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.services.routing import Router
from gridmgmt.store.routing_changes import Revision, read_revision, still_holds

# Editions that are asked for at the same time: the one in force, the one before and the next,
# and older ones of an import or a table to take away.
_KEPT = 6

# Changes come by the minute, and reading takes a second at most.
_TRIES = 3

_Key = tuple[str, int, str]


class _Kept(NamedTuple):
    revision: Revision
    router: Router


class FreshRouters:
    """Keeps the routers asked for last; threads may share it.

    One is given again only where the transaction that asks sees exactly what the one that
    read it saw, so whatever another process committed counts from the next question on.
    """

    def __init__(self, size: int = _KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, conn: Connection, edition: int, *, tz: ZoneInfo) -> Router:
        """Give the router of an edition as this transaction sees everything now."""
        key = (conn.engine.url.render_as_string(hide_password=True), edition, tz.key)
        with self._turn:
            kept = self._kept.get(key)
        if kept is not None and still_holds(conn, kept.revision):
            with self._turn:
                if key in self._kept:
                    self._kept.move_to_end(key)
            return kept.router
        # What others commit while it is read may be in it by half: then it is read again.
        for _ in range(_TRIES):
            revision = read_revision(conn)
            router = Router.load(conn, edition, tz=tz)
            if still_holds(conn, revision):
                # What this transaction changed itself may be taken back: nobody else sees it.
                if not revision.own:
                    self._keep(key, _Kept(revision, router))
                break
        return router

    def _keep(self, key: _Key, kept: _Kept) -> None:
        with self._turn:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


_ROUTERS = FreshRouters()


def router_for(conn: Connection, edition: int, *, tz: ZoneInfo) -> Router:
    """Give the router of an edition, kept by this process as long as nothing has changed.

    Parameters
    ----------
    tz : the bureau's; duty hours and days are judged on its wall clock
    """
    return _ROUTERS.get(conn, edition, tz=tz)
