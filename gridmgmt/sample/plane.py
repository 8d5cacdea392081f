"""Bend the straight plan of the drawing board, and convert it to degrees.

Three planes are in use. *Board* metres: roads are nearly straight. *Ground* metres: the board
turned and bent, origin in the city's centre. Degrees: ground metres on EPSG:4326.
"""

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.geometry.measure import metres_per_degree, round_lonlat
from gridmgmt.sample.plan import CENTRE_LAT, CENTRE_LON

_TURN = np.deg2rad(11.0)
# (amplitude, wavelength, phase) in metres, metres, radians. The steepest sum of
# 2 pi amplitude / wavelength is 0.36, below 1: the plan is bent and never folded.
_BEND_X = ((95.0, 3100.0, 0.4), (28.0, 1050.0, 1.9))
_BEND_Y = ((85.0, 2700.0, 2.2), (22.0, 870.0, 0.7))


def _wave(along: FloatArray, terms: tuple[tuple[float, float, float], ...]) -> FloatArray:
    total = np.zeros_like(along)
    for amplitude, length, phase in terms:
        total += amplitude * np.sin(2.0 * np.pi * along / length + phase)
    return total


def bend(board: FloatArray) -> FloatArray:
    """Turn and bend (n, 2) board metres into ground metres."""
    x, y = board[:, 0], board[:, 1]
    x, y = x + _wave(y, _BEND_X), y + _wave(x, _BEND_Y)
    # The further out, the less it is turned: roads fan out a little.
    turn = _TURN * (1.0 - 0.35 * np.tanh((x**2 + y**2) / 2400.0**2))
    return np.column_stack(
        [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]
    )


def _scale() -> FloatArray:
    per_lon, per_lat = metres_per_degree(np.float64(CENTRE_LAT))
    return np.array([float(per_lon), float(per_lat)])


def to_lonlat(ground: FloatArray) -> FloatArray:
    """Convert (n, 2) ground metres to degrees on the storage grid; NaN stays NaN."""
    return np.asarray(round_lonlat(np.array([CENTRE_LON, CENTRE_LAT]) + ground / _scale()))


def to_ground(lonlat: FloatArray) -> FloatArray:
    """Convert (n, 2) degrees to ground metres."""
    return np.asarray((lonlat - np.array([CENTRE_LON, CENTRE_LAT])) * _scale())


def place_on_globe(geoms: GeometryArray) -> GeometryArray:
    """Bend board geometries and give them degrees on the storage grid.

    A vertex that several geometries share is computed once, so they go on sharing it.
    """
    board = shapely.get_coordinates(geoms)
    unique, back = np.unique(board, axis=0, return_inverse=True)
    return shapely.set_coordinates(geoms.copy(), to_lonlat(bend(unique))[back.ravel()])


def ground_geometries(geoms: GeometryArray) -> GeometryArray:
    """Return geometries in degrees as geometries in ground metres."""
    return np.asarray(shapely.transform(geoms, to_ground))


def globe_geometries(geoms: GeometryArray) -> GeometryArray:
    """Return geometries in ground metres as geometries in degrees on the storage grid."""
    return np.asarray(shapely.transform(geoms, to_lonlat))
