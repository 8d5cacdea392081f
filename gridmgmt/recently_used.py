"""Things that take long to make and never change, kept as long as somebody asks for them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class RecentlyUsed(Generic[T]):
    """The ``most`` things that were asked for last, by any thread of this process.

    What is kept under a key must be the same for ever: another edition, another key.

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
        """Give the thing of a key, made first where it is not kept; two may make it at once."""
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
