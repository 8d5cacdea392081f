"""Where compiled kernels are kept between processes.

A module of its own without numba, so that saying where costs no import of the compiler.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

# Numba's own variable: processes that this one starts inherit it.
_VARIABLE = "NUMBA_CACHE_DIR"

# Every compiled function of this process, in the order they were defined.
KERNELS: list[Any] = []


def keep_compiled_in(folder: Path) -> None:
    """Keep machine code in a folder; where that cannot be written, compile in every process.

    The edges say it at start-up, before the first kernel runs. A folder that was named before,
    by this or by the environment, stays. It is made when the first kernel is defined.
    """
    if os.environ.get(_VARIABLE):
        return
    os.environ[_VARIABLE] = str(folder)
    numba = sys.modules.get("numba")
    if numba is not None:
        numba.config.reload_config()
        for kernel in KERNELS:
            enable_cache(kernel)


def enable_cache(kernel: Any) -> None:
    """Let one kernel use the folder, if there is one that can be written.

    Numba by itself would fall back to writing beside the source, which belongs to whoever
    installed it.
    """
    folder = os.environ.get(_VARIABLE)
    # With the compiler switched off a kernel is the plain function.
    if folder and hasattr(kernel, "enable_caching") and _can_write(Path(folder)):
        kernel.enable_caching()


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
