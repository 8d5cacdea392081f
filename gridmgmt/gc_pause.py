"""Python's search for rings of garbage, put off where none is made."""

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def without_collecting(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Look for no garbage while this runs.

    For work that makes a great many small objects and no rings of them: the search goes through
    all of them again and again, which takes longer than the work itself.
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
