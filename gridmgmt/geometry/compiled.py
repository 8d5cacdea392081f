"""Compile functions of this package to machine code; all kernels use this."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

from gridmgmt.geometry.compiler_cache import KERNELS, enable_cache

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a kernel at its first call; it runs without the GIL, beside other threads.

    Arithmetic stays as written: nothing is reordered, and no multiplication is fused with an
    addition. Error bounds and equal millimetres depend on this. Division by zero gives
    infinity, as in numpy.
    """
    kernel = numba.njit(nogil=True, error_model="numpy")(function)
    KERNELS.append(kernel)
    enable_cache(kernel)
    return cast("Callable[_P, _R]", kernel)
