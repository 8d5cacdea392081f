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


def keep_compiled_in(folder: Path) -> bool:
    """Keep machine code in a folder; where that cannot be written, compile in every process.

    The edges say it at start-up, before the first kernel runs. A folder that was named before,
    by this or by the environment, stays.

    Returns
    -------
    whether the folder can be used
    """
    if os.environ.get(_VARIABLE):
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return False
    os.environ[_VARIABLE] = str(folder)
    numba = sys.modules.get("numba")
    if numba is not None:
        numba.config.reload_config()
        for kernel in KERNELS:
            enable_cache(kernel)
    return True


def enable_cache(kernel: Any) -> None:
    """Let one kernel use the folder, if there is one.

    Numba by itself would write beside the source, which belongs to whoever installed it.
    """
    if os.environ.get(_VARIABLE) and hasattr(kernel, "enable_caching"):
        kernel.enable_caching()
