"""The drivers of GDAL: while a file is read, all but the one that its kind needs are gone.

GDAL asks every driver it has whether a file is its own, whatever the file is called, and some
take a text for the description of other files, of addresses or of programs to run. Which there
are is asked of this GDAL itself, so one that a later version brings is out as well.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pyogrio._ogr

# The extension module depends on the GDAL it was built with: that one is found through it.
_gdal = ctypes.CDLL(pyogrio._ogr.__file__)
_gdal.GDALGetDriver.restype = ctypes.c_void_p
_gdal.GDALGetDescription.restype = ctypes.c_char_p
_gdal.GDALGetDescription.argtypes = [ctypes.c_void_p]
_gdal.GDALDeregisterDriver.argtypes = [ctypes.c_void_p]

# By kind of file, as ``sources`` tells it.
DRIVER = {
    "Shapefile": "ESRI Shapefile",
    "GeoPackage": "GPKG",
    "GeoJSON": "GeoJSON",
    "FlatGeobuf": "FlatGeobuf",
    "KML": "LIBKML",
}


@contextmanager
def only_driver(kind: str) -> Iterator[None]:
    """Have GDAL know one driver alone, that of a kind of file, for the time of the block.

    It holds for the whole process, so two threads may not be in such a block at a time.

    Raises
    ------
    RuntimeError
        when others remain, or this one is missing: then nothing may be read
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
        # Registers those that are missing.
        pyogrio._ogr._register_drivers()


def registered() -> list[str]:
    """List the drivers that GDAL has now, those for rasters included."""
    return [name for name, _ in _drivers()]


def _drivers() -> list[tuple[str, int]]:
    found = [_gdal.GDALGetDriver(k) for k in range(_gdal.GDALGetDriverCount())]
    return [(_gdal.GDALGetDescription(driver).decode(), driver) for driver in found]
