"""Pause Python's cyclic garbage collection for work that makes no cycles, or make it rare."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# So many objects more than were freed start a collection; 700 without this. They are a few
# megabytes.
_OBJECTS = 50_000


@contextmanager
def gc_paused() -> Iterator[None]:
    """Let a block, or a function that this decorates, run without cyclic garbage collection.

    This is for work that makes very many small objects without cycles: the collector visits all
    of them again and again, which takes longer than the work itself.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def collect_rarely() -> None:
    """Let this process collect cyclic garbage after many more objects than Python would.

    Programs call this when they start: loading their modules makes a million objects that stay,
    and looking at them again and again is a fifth of the time of a start.
    """
    gc.set_threshold(_OBJECTS)
