"""Remove all GDAL drivers but the one a file needs, while the file is read.

GDAL asks each of its drivers whether it can read a file, whatever its name. Some drivers read a
text as the description of other files, of URLs, or of programs to run. The list of drivers is
asked from this GDAL itself, so that a driver of a later version is removed too.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pyogrio._ogr

from gridmgmt.exchange.layers.layer_kinds import KINDS, Kind

# pyogrio's extension module depends on the GDAL it was built with: this finds that library.
_gdal = ctypes.CDLL(pyogrio._ogr.__file__)
_gdal.GDALGetDriver.restype = ctypes.c_void_p
_gdal.GDALGetDescription.restype = ctypes.c_char_p
_gdal.GDALGetDescription.argtypes = [ctypes.c_void_p]
_gdal.GDALDeregisterDriver.argtypes = [ctypes.c_void_p]

DRIVER = {kind: one.driver for kind, one in KINDS.items()}


@contextmanager
def only_driver(kind: Kind) -> Iterator[None]:
    """Keep only the GDAL driver for a kind of file during the block.

    This changes the whole process, so only one thread may be in such a block at a time.

    Raises
    ------
    RuntimeError
        when others remain, or this driver is missing: then nothing may be read
    """
    try:
        for name, driver in _drivers():
            if name != DRIVER[kind]:
                _gdal.GDALDeregisterDriver(driver)
        left = registered()
        if left != [DRIVER[kind]]:
            message = f"GDAL has the drivers {left}, and should have {DRIVER[kind]!r} alone"
            raise RuntimeError(message)
        yield
    finally:
        # Registers the missing drivers again.
        pyogrio._ogr._register_drivers()


def registered() -> list[str]:
    """Return the names of the drivers GDAL has now, raster drivers included."""
    return [name for name, _ in _drivers()]


def _drivers() -> list[tuple[str, int]]:
    found = [_gdal.GDALGetDriver(k) for k in range(_gdal.GDALGetDriverCount())]
    return [(_gdal.GDALGetDescription(driver).decode(), driver) for driver in found]
