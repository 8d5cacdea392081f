"""Pause Python's cyclic garbage collection for work that makes no cycles, or make it rare."""

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

# So many objects more than were freed start a collection; 700 without this. They are a few
# megabytes.
_OBJECTS = 50_000


def gc_paused(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Run a function without cyclic garbage collection.

    This is for work that makes very many small objects without cycles: the collector visits all
    of them again and again, which takes longer than the work itself.
    """

    @wraps(function)
    def run(*args: _Given.args, **named: _Given.kwargs) -> _Made:
        if not gc.isenabled():
            return function(*args, **named)
        gc.disable()
        try:
            return function(*args, **named)
        finally:
            gc.enable()

    return run


def collect_rarely() -> None:
    """Let this process collect cyclic garbage after many more objects than Python would.

    Programs call this when they start: loading their modules makes a million objects that stay,
    and looking at them again and again is a fifth of the time of a start.
    """
    gc.set_threshold(_OBJECTS)
