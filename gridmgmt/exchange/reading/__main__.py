"""Run the reading process: ``python -m gridmgmt.exchange.reading``; ``reader`` starts it."""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_UNUSED = ("pandas", "geopandas")


class _WithoutFrames(MetaPathFinder):
    """Makes other libraries work without pandas, which takes long to load."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in _UNUSED:
            message = f"{fullname} is not used here"
            raise ModuleNotFoundError(message, name=fullname)
        return None


sys.meta_path.insert(0, _WithoutFrames())
importlib.import_module("gridmgmt.exchange.reading.server").main()
