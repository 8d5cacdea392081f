"""What was read of areas, duties and all they refer to: kept for long, and never stale."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy.engine import Connection

from gridmgmt.store.responsibility.routing_changes import Revision, read_revision, still_holds

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

# Changes come by the minute, and reading takes a second at most.
_TRIES = 3


class _Kept(NamedTuple, Generic[T]):
    revision: Revision
    value: T


class Fresh(Generic[K, T]):
    """Keeps the answers asked for last; threads may share it.

    One is given again only where the transaction that asks sees exactly what the one that
    read it saw, so whatever another process committed counts from the next question on.

    Parameters
    ----------
    read : makes the answer to a key, from tables whose changes are noted
    size : how many are kept
    """

    def __init__(self, read: Callable[[Connection, K], T], size: int) -> None:
        self._read = read
        self._size = size
        self._kept: OrderedDict[tuple[str, K], _Kept[T]] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, conn: Connection, key: K) -> T:
        """Give the answer to a key as this transaction sees everything now."""
        at = (conn.engine.url.render_as_string(hide_password=True), key)
        with self._turn:
            kept = self._kept.get(at)
        if kept is not None and still_holds(conn, kept.revision):
            with self._turn:
                if at in self._kept:
                    self._kept.move_to_end(at)
            return kept.value
        # What others commit while it is read may be in it by half: then it is read again.
        for _ in range(_TRIES):
            revision = read_revision(conn)
            value = self._read(conn, key)
            if still_holds(conn, revision):
                # What this transaction changed itself may be taken back: nobody else sees it.
                if not revision.own:
                    self._keep(at, _Kept(revision, value))
                break
        return value

    def _keep(self, at: tuple[str, K], kept: _Kept[T]) -> None:
        with self._turn:
            self._kept[at] = kept
            self._kept.move_to_end(at)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
