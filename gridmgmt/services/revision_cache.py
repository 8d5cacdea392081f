"""A cache of areas, duties and all they refer to, which never returns outdated data."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy.engine import Connection

from gridmgmt.store.responsibility.routing_changes import Revision, read_revision, still_holds

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

# Changes come at most every few minutes, and reading takes a second at most.
_TRIES = 3


class _Kept(NamedTuple, Generic[T]):
    revision: Revision
    value: T


class Fresh(Generic[K, T]):
    """Caches the most recent answers; threads may share it.

    An answer is returned again only if this transaction sees exactly what the one that read it
    saw. So everything another process committed counts from the next call on.

    Parameters
    ----------
    read : makes the answer to a key, from tables whose changes are recorded
    size : number of answers in the cache
    """

    def __init__(self, read: Callable[[Connection, K], T], size: int) -> None:
        self._read = read
        self._size = size
        self._kept: OrderedDict[tuple[str, K], _Kept[T]] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, conn: Connection, key: K) -> T:
        """Return the answer to a key, as this transaction sees the database now."""
        at = (conn.engine.url.render_as_string(hide_password=True), key)
        with self._turn:
            kept = self._kept.get(at)
        if kept is not None and still_holds(conn, kept.revision):
            with self._turn:
                if at in self._kept:
                    self._kept.move_to_end(at)
            return kept.value
        # The answer may contain half of what others committed while it was read: then it is
        # read again.
        for _ in range(_TRIES):
            revision = read_revision(conn)
            value = self._read(conn, key)
            if still_holds(conn, revision):
                # Changes of this transaction itself may be rolled back, and nobody else sees
                # them.
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
