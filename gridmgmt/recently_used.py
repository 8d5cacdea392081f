"""A cache for values that take long to make and never change."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class RecentlyUsed(Generic[T]):
    """The ``most`` values that were used last by any thread of this process.

    The value of a key must never change: another edition needs another key.

    Examples
    --------
    >>> kept: RecentlyUsed[str] = RecentlyUsed(most=1)
    >>> [kept.get(key, lambda: key.upper()) for key in "aab"]
    ['A', 'A', 'B']
    >>> kept.get("a", lambda: "made again")
    'made again'
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of a key; make it first if it is not cached.

        Two threads may make the same value at the same time.
        """
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        thing = make()
        with self._lock:
            self._things[key] = thing
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        return thing
