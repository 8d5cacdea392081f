"""Convert coordinates from any CRS to lon/lat in WGS 84, and back.

Axes are always x = east or longitude, y = north or latitude, whatever order a CRS declares,
unless a person states that north comes first (``Datum.is_yx``).
CGCS2000 (EPSG:4490) is treated as equal to WGS 84, which is true to less than a metre.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.errors import CRSError
from gridmgmt.geometry.crs import china_datum
from gridmgmt.geometry.crs.datum import WGS84, Datum, from_crs, is_cgcs2000, resolve
from gridmgmt.sentence import Sentence

__all__ = [
    "WGS84",
    "Datum",
    "from_crs",
    "from_lonlat",
    "geometries_from_lonlat",
    "geometries_to_lonlat",
    "metric_crs",
    "resolve",
    "to_lonlat",
]

_EPSG_4326 = pyproj.CRS.from_epsg(4326)

# The area of use of CGCS2000 in the EPSG register: west, south, east, north.
_CHINA = (73.62, 16.7, 134.77, 53.56)


def to_lonlat(x: ArrayLike, y: ArrayLike, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """Convert coordinates of a datum to lon/lat degrees, WGS 84.

    Parameters
    ----------
    x, y : (n,) east and north in the datum's unit, or longitude and latitude; the other way
        round if the datum says so (``is_yx``)

    Returns
    -------
    (n,) degrees of longitude, (n,) degrees of latitude, not rounded; NaN where the input is NaN
    or outside the range of the CRS

    Examples
    --------
    >>> lon, lat = to_lonlat([500000.0], [3320113.4], resolve("4549"))
    >>> lon.round(4).tolist(), lat.round(4).tolist()
    ([120.0], [30.0])
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if datum.is_yx:
        return to_lonlat(y, x, replace(datum, is_yx=False))
    if datum.kind == "gcj02":
        return china_datum.gcj02_to_wgs84(x, y)
    if datum.kind == "bd09":
        return china_datum.gcj02_to_wgs84(*china_datum.bd09_to_gcj02(x, y))
    if datum.is_stored_form:
        return x.copy(), y.copy()
    return _transformed(_inward(_wkt_of(datum)), x, y)


def from_lonlat(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """Convert lon/lat degrees, WGS 84, to coordinates of a datum.

    Parameters
    ----------
    lon, lat : (n,) degrees

    Returns
    -------
    (n,) east, (n,) north in the datum's unit; NaN as in `to_lonlat`

    Examples
    --------
    >>> x, y = from_lonlat([120.0], [30.0], resolve("4549"))
    >>> x.round(1).tolist(), y.round(1).tolist()
    ([500000.0], [3320113.4])
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if datum.is_yx:
        east, north = from_lonlat(lon, lat, replace(datum, is_yx=False))
        return north, east
    if datum.kind == "gcj02":
        return china_datum.wgs84_to_gcj02(lon, lat)
    if datum.kind == "bd09":
        return china_datum.gcj02_to_bd09(*china_datum.wgs84_to_gcj02(lon, lat))
    if datum.is_stored_form:
        return lon.copy(), lat.copy()
    return _transformed(_outward(_wkt_of(datum)), lon, lat)


def geometries_to_lonlat(
    geoms: Sequence[object] | GeometryArray, datum: Datum
) -> GeometryArray:
    """Convert geometries of a datum to two-dimensional lon/lat, not rounded to the grid.

    Parameters
    ----------
    geoms : (n,) geometries; None stays None, empty stays empty

    Raises
    ------
    CRSError
        when a vertex lies outside the range of the CRS

    Examples
    --------
    >>> geometries_to_lonlat([shapely.Point(120, 30, 7)], WGS84)[0].wkt
    'POINT (120 30)'
    """
    return _reshaped(geoms, lambda x, y: to_lonlat(x, y, datum), datum)


def geometries_from_lonlat(
    geoms: Sequence[object] | GeometryArray, datum: Datum
) -> GeometryArray:
    """Convert lon/lat geometries to a datum's coordinates, like `geometries_to_lonlat`.

    Examples
    --------
    >>> shapely.area(geometries_from_lonlat([shapely.box(120, 30, 120.01, 30.01)],
    ...                                     resolve("4549"))).round().tolist()
    [1069521.0]
    """
    return _reshaped(geoms, lambda x, y: from_lonlat(x, y, datum), datum)


def metric_crs(lon: ArrayLike, lat: ArrayLike) -> pyproj.CRS:
    """Return the CRS for measuring in metres at a place.

    This is the CGCS2000 3-degree zone of the median position, if that lies in the area of use
    of CGCS2000 (a box, which includes parts of China's neighbours; this does no harm).
    Otherwise it is the UTM zone.

    Parameters
    ----------
    lon, lat : (n,) degrees; values that are not finite are ignored

    Raises
    ------
    ValueError
        when there is no position at all

    Examples
    --------
    >>> metric_crs([120.17], [30.28]).to_epsg(), metric_crs([-87.6], [41.9]).to_epsg()
    (4549, 32616)
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    usable = np.isfinite(lon) & np.isfinite(lat)
    if not usable.any():
        message = "a metric CRS needs at least one position"
        raise ValueError(message)
    centre_lon, centre_lat = float(np.median(lon[usable])), float(np.median(lat[usable]))
    west, south, east, north = _CHINA
    if west <= centre_lon <= east and south <= centre_lat <= north:
        # EPSG:4534 is the zone around 75 degrees east, EPSG:4554 the one around 135.
        return pyproj.CRS.from_epsg(4534 + round((centre_lon - 75.0) / 3.0))
    zone = int((centre_lon + 180.0) % 360.0 // 6.0) + 1
    return pyproj.CRS.from_epsg((32600 if centre_lat >= 0 else 32700) + zone)


def _wkt_of(datum: Datum) -> str:
    if datum.crs is None:
        raise ValueError(Sentence("{} has no CRS that PROJ knows", datum.label))
    return datum.crs.to_wkt()


def _lonlat_crs(crs: pyproj.CRS) -> pyproj.CRS:
    """Return the lon/lat side of a transformation: CGCS2000 keeps its own datum.

    A later PROJ database may have a shift of some centimetres from CGCS2000 to WGS 84. Ours is
    an identity in every version.
    """
    geodetic = crs.geodetic_crs
    return geodetic if is_cgcs2000(crs) and geodetic is not None else _EPSG_4326


# PROJ takes some 50 ms to find an operation between two CRSs, and comparing two CRSs may take
# as long. So the text is the key. A deployment uses few CRSs.
@lru_cache(maxsize=32)
def _inward(wkt: str) -> pyproj.Transformer:
    crs = pyproj.CRS.from_wkt(wkt)
    return pyproj.Transformer.from_crs(crs, _lonlat_crs(crs), always_xy=True)


@lru_cache(maxsize=32)
def _outward(wkt: str) -> pyproj.Transformer:
    crs = pyproj.CRS.from_wkt(wkt)
    return pyproj.Transformer.from_crs(_lonlat_crs(crs), crs, always_xy=True)


def _transformed(
    transformer: pyproj.Transformer, x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    there_x, there_y = transformer.transform(x, y)
    # PROJ returns infinity where it has no result; one mark for "no position" is enough.
    known = np.isfinite(there_x) & np.isfinite(there_y) & np.isfinite(x) & np.isfinite(y)
    return np.where(known, there_x, np.nan), np.where(known, there_y, np.nan)


def _reshaped(
    geoms: Sequence[object] | GeometryArray,
    convert: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    datum: Datum,
) -> GeometryArray:
    flat = shapely.force_2d(np.asarray(geoms, dtype=object))
    coords = shapely.get_coordinates(flat)
    moved = np.column_stack(convert(coords[:, 0], coords[:, 1]))
    lost = ~np.isfinite(moved).all(axis=1)
    if lost.any():
        x, y = coords[lost][0]
        raise CRSError(
            datum.label,
            Sentence(
                "vertices that cannot be expressed: {}, the first {} {}",
                int(lost.sum()),
                f"{x:g}",
                f"{y:g}",
            ),
            remedy=Sentence("state the CRS the layer is really in"),
        )
    reshaped: GeometryArray = np.asarray(shapely.transform(flat, lambda _: moved), dtype=object)
    return reshaped
