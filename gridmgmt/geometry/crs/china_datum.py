"""GCJ-02 and BD-09: the shifted coordinates of Chinese map services, which PROJ does not have.

GCJ-02 moves WGS 84 by some hundreds of metres, by a published sum of sines; BD-09 rotates and
stretches GCJ-02 once more. Neither has a closed inverse. The inverses here therefore iterate
the forward formula to its fixed point: exact to far less than a millimetre, where the usual
one-step inverse is wrong by metres.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from gridmgmt.arrays import BoolArray, FloatArray

# Krasovsky 1940: semi-major axis in metres and first eccentricity squared, as in the published
# formula.
_A_M = 6378245.0
_E2 = 0.00669342162296594323

# Outside this box the published formula does not change coordinates.
CHINA_LON = (72.004, 137.8347)
CHINA_LAT = (0.8293, 55.8271)

_BD_LON, _BD_LAT = 0.0065, 0.006
_BD_WAVE = np.pi * 3000.0 / 180.0

# The displacement changes by less than 2 % of the distance moved. So each round gains at least
# 1.7 digits, and ten rounds exhaust double precision from a first guess 1 km off.
_ROUNDS = 10

_Pair = tuple[FloatArray, FloatArray]


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Convert WGS 84 coordinates to GCJ-02, the datum of Chinese maps.

    Parameters
    ----------
    lon, lat : (n,) degrees; unchanged outside the box of the published formula, NaN stays NaN

    Returns
    -------
    (n,) longitudes, (n,) latitudes in GCJ-02

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02([120.17, 2.35], [30.28, 48.85])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([120.174651, 2.35], [30.277644, 48.85])
    """
    lon, lat = _pair(lon, lat)
    inside = _in_china(lon, lat)
    moved_lon, moved_lat = _displaced(lon, lat)
    return np.where(inside, moved_lon, lon), np.where(inside, moved_lat, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Convert GCJ-02 coordinates to WGS 84, exactly.

    At the edge of the formula's box a coordinate may come from inside or be one that was not
    moved; then the origin inside the box is preferred.

    Parameters
    ----------
    lon, lat : (n,) degrees in GCJ-02; NaN stays NaN

    Returns
    -------
    (n,) longitudes, (n,) latitudes in WGS 84

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84(*wgs84_to_gcj02([120.17], [30.28]))
    >>> lon.round(9).tolist(), lat.round(9).tolist()
    ([120.17], [30.28])
    """
    lon, lat = _pair(lon, lat)
    origin_lon, origin_lat = _fixed_point(_displaced, lon, lat)
    inside = _in_china(origin_lon, origin_lat)
    return np.where(inside, origin_lon, lon), np.where(inside, origin_lat, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Convert GCJ-02 coordinates to BD-09.

    Parameters
    ----------
    lon, lat : (n,) degrees in GCJ-02; NaN stays NaN

    Returns
    -------
    (n,) longitudes, (n,) latitudes in BD-09

    Examples
    --------
    >>> lon, lat = gcj02_to_bd09([120.174659], [30.277662])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([120.181264], [30.28332])
    """
    lon, lat = _pair(lon, lat)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_WAVE)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Convert BD-09 coordinates to GCJ-02, exactly.

    Parameters
    ----------
    lon, lat : (n,) degrees in BD-09; NaN stays NaN

    Returns
    -------
    (n,) longitudes, (n,) latitudes in GCJ-02

    Examples
    --------
    >>> lon, lat = bd09_to_gcj02(*gcj02_to_bd09([120.174659], [30.277662]))
    >>> lon.round(9).tolist(), lat.round(9).tolist()
    ([120.174659], [30.277662])
    """
    lon, lat = _pair(lon, lat)
    return _fixed_point(gcj02_to_bd09, lon, lat)


def _pair(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _in_china(lon: FloatArray, lat: FloatArray) -> BoolArray:
    inside: BoolArray = (
        (lon >= CHINA_LON[0])
        & (lon <= CHINA_LON[1])
        & (lat >= CHINA_LAT[0])
        & (lat <= CHINA_LAT[1])
    )
    return inside


def _fixed_point(
    forward: Callable[[FloatArray, FloatArray], _Pair], lon: FloatArray, lat: FloatArray
) -> _Pair:
    """Return the coordinates that ``forward`` maps to ``lon, lat``."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = forward(guess_lon, guess_lat)
        guess_lon = guess_lon - (there_lon - lon)
        guess_lat = guess_lat - (there_lat - lat)
    return guess_lon, guess_lat


def _displaced(lon: FloatArray, lat: FloatArray) -> _Pair:
    """Apply the published sum of sines at any position."""
    # Far outside the box the quadratic terms mean nothing, but they must not overflow.
    x = np.clip(lon, CHINA_LON[0] - 1, CHINA_LON[1] + 1) - 105.0
    y = np.clip(lat, CHINA_LAT[0] - 1, CHINA_LAT[1] + 1) - 35.0
    shared = 2 * np.sin(6 * np.pi * x) + 2 * np.sin(2 * np.pi * x)
    north_m = (
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    ) + 20 / 3 * (shared + _waves(y, 2, 4, 16, 32))
    east_m = (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    ) + 20 / 3 * (shared + _waves(x, 2, 4, 15, 30))
    phi = np.radians(y + 35.0)
    flattening = 1 - _E2 * np.sin(phi) ** 2
    m_lat = np.radians(_A_M * (1 - _E2) / flattening**1.5)
    m_lon = np.radians(_A_M * np.cos(phi) / np.sqrt(flattening))
    return lon + east_m / m_lon, lat + north_m / m_lat


def _waves(t: FloatArray, a1: float, a3: float, a12: float, a30: float) -> FloatArray:
    waves: FloatArray = (
        a1 * np.sin(np.pi * t)
        + a3 * np.sin(np.pi * t / 3)
        + a12 * np.sin(np.pi * t / 12)
        + a30 * np.sin(np.pi * t / 30)
    )
    return waves
