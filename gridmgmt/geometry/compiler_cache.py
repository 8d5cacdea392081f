"""The folder where compiled kernels are cached between processes.

This module does not import numba, so that setting the folder does not load the compiler.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# numba's own variable: processes that this one starts inherit it.
_VARIABLE = "NUMBA_CACHE_DIR"

# Kernels use those of other modules, and numba looks only at the file of the kernel itself:
# with other sources it must not find what it compiled from these.
_SOURCES = [Path(__file__).parents[1] / name for name in ("geometry", "indicators")]

# All compiled functions of this process, in the order of their definition.
KERNELS: list[Any] = []


def keep_compiled_in(folder: Path) -> None:
    """Cache machine code in a folder, apart for each state of the sources of this package.

    If the folder cannot be written, each process compiles.

    Programs call this when they start, before the first kernel runs. A folder that was set
    before, here or in the environment, stays. The folder is made when the first kernel is
    defined.
    """
    if os.environ.get(_VARIABLE):
        return
    os.environ[_VARIABLE] = str(folder / _state_of(_SOURCES))
    numba = sys.modules.get("numba")
    if numba is not None:
        numba.config.reload_config()
        for kernel in KERNELS:
            enable_cache(kernel)


def _state_of(folders: Iterable[Path]) -> str:
    """Return a name that changes when any module in one of the folders changes."""
    stats = {path: path.stat() for one in folders for path in sorted(one.rglob("*.py"))}
    found = [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats.items()]
    return hashlib.blake2b("\n".join(found).encode(), digest_size=8).hexdigest()


def enable_cache(kernel: Any) -> None:
    """Let one kernel use the folder, if it is set and can be written.

    Otherwise numba would write beside the source, which belongs to whoever installed it.
    """
    folder = os.environ.get(_VARIABLE)
    # If the compiler is switched off, a kernel is the plain function.
    if folder and hasattr(kernel, "enable_caching") and _can_write(Path(folder)):
        kernel.enable_caching()


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
