"""The one way by which functions of this package become machine code."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

from gridmgmt.geometry.compiler_cache import KERNELS, enable_cache

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a kernel at its first call; other threads run beside it.

    Arithmetic stays as written: nothing is reordered and no multiplication is fused with an
    addition, since error bounds and equal millimetres rest on it. Division by zero gives
    infinity as in numpy.
    """
    kernel = numba.njit(nogil=True, error_model="numpy")(function)
    KERNELS.append(kernel)
    enable_cache(kernel)
    return cast("Callable[_P, _R]", kernel)
