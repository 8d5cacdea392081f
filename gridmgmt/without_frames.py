"""Let a program start without pandas, which libraries load although it does without.

This module imports nothing of the program, so that it can be called first.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_FRAMES = ("pandas", "geopandas")


class _WithoutFrames(MetaPathFinder):
    """Says to libraries that pandas is not there: all of them, or those of some names."""

    def __init__(self, libraries: Sequence[str]) -> None:
        self._libraries = libraries

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in _FRAMES and (not self._libraries or _asking() in self._libraries):
            message = f"{fullname} is not used here"
            raise ModuleNotFoundError(message, name=fullname)
        return None


def _asking() -> str:
    """Return the library whose import statement runs, by the name of its package."""
    frame = sys._getframe(2)
    while frame.f_back is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def start_without_frames(*libraries: str) -> None:
    """Hide pandas and geopandas from these libraries, without any named from everything.

    Programs call this when they start: loading the two takes longer than most commands. It is
    nothing for notebooks, where pyogrio is to make frames. A library that was imported before
    keeps what it found.
    """
    sys.meta_path.insert(0, _WithoutFrames(libraries))
