"""Measure areas, lengths and distances: every number in metres begins here.

Coordinates are lon/lat in degrees (EPSG:4326) on the storage grid of 1e-8 degrees, about a
millimetre. Areas and lengths are geodesic on the WGS 84 ellipsoid.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import Geod

from gridmgmt.arrays import FloatArray, GeometryArray

# WGS 84: semi-major axis in metres and first eccentricity squared. store/sql/areas/locate.sql
# has the same two numbers; a differential test compares both.
WGS84_A_M = 6378137.0
WGS84_E2 = 0.0066943799901413165

# One storage grid step is 1 / GRID_PER_DEGREE degrees.
GRID_PER_DEGREE = 1e8
M2_PER_KM2 = 1e6

_GEOD = Geod(ellps="WGS84")


def metres_per_degree(lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the length of one degree of longitude and of latitude.

    From the radii of curvature of the WGS 84 ellipsoid in the prime vertical, N cos(lat), and
    in the meridian, M (Snyder, Map Projections: A Working Manual, 1987, eq. 4-18 to 4-20).

    Parameters
    ----------
    lat : (n,) degrees; NaN gives NaN

    Returns
    -------
    (n,) metres per degree of longitude, (n,) metres per degree of latitude

    Examples
    --------
    >>> m_lon, m_lat = metres_per_degree([0.0, 30.0])
    >>> m_lon.round(3).tolist(), m_lat.round(3).tolist()
    ([111319.491, 96486.28], [110574.276, 110852.442])
    """
    phi = np.radians(np.asarray(lat, dtype=np.float64))
    flattening = 1.0 - WGS84_E2 * np.sin(phi) ** 2
    degree = np.pi / 180.0
    m_lon = degree * WGS84_A_M * np.cos(phi) / np.sqrt(flattening)
    m_lat = degree * WGS84_A_M * (1.0 - WGS84_E2) / flattening**1.5
    return m_lon, m_lat


def round_lonlat(v: ArrayLike) -> FloatArray:
    """Round degrees to the storage grid of 1e-8 degrees.

    This is the only place with this rule: ST_SnapToGrid of PostGIS and the precision reducer of
    GEOS differ by one ulp on every seventh coordinate. NaN stays NaN.

    Examples
    --------
    >>> round_lonlat([120.123456789, -0.000000001]).tolist()
    [120.12345679, 0.0]
    """
    # Adding zero turns -0.0 into 0.0, so that equal coordinates are equal bytes in WKB too.
    rounded: FloatArray = np.rint(np.asarray(v, dtype=np.float64) * GRID_PER_DEGREE)
    return rounded / GRID_PER_DEGREE + 0.0


def on_grid(geoms: Sequence[object] | GeometryArray) -> GeometryArray:
    """Round every vertex to the storage grid and drop heights.

    Nothing is repaired: a ring that crosses itself still does, and repeated vertices stay.

    Parameters
    ----------
    geoms : (n,) geometries in lon/lat; None stays None, empty stays empty

    Returns
    -------
    (n,) two-dimensional geometries of the same kind

    Examples
    --------
    >>> on_grid([shapely.Point(120.123456789, 30.0, 5.0)])[0].wkt
    'POINT (120.12345679 30)'
    """
    flat = np.asarray(geoms, dtype=object)
    if (shapely.get_coordinate_dimension(flat) > 2).any():
        flat = shapely.force_2d(flat)
    coords = shapely.get_coordinates(flat)
    rounded = round_lonlat(coords)
    # Whatever comes from the database is there already, and to set vertices takes ten times as
    # long as to look. As whole numbers, since -0.0 equals 0.0.
    if np.array_equal(coords.view(np.int64), rounded.view(np.int64)):
        return flat.copy()
    return np.asarray(shapely.set_coordinates(flat.copy(), rounded), dtype=object)


def area_m2(geoms: Sequence[object] | GeometryArray) -> FloatArray:
    """Measure geodesic areas.

    The order of a ring's vertices does not matter. Points and lines have no area. The area of a
    ring that crosses itself is meaningless: repair it first.

    Parameters
    ----------
    geoms : (n,) geometries in lon/lat degrees

    Returns
    -------
    (n,) square metres, never negative; 0 for None, empty, points and lines

    Examples
    --------
    >>> area_m2([shapely.box(116.40, 39.90, 116.41, 39.91), None]).round().tolist()
    [949465.0, 0.0]
    """
    array = np.atleast_1d(np.asarray(geoms, dtype=object))
    polygons, owner = _polygons(array)
    rings, ring_owner = shapely.get_rings(polygons, return_index=True)
    coords, vertex_ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(vertex_ring, np.arange(len(rings) + 1))
    ring_m2 = np.array(
        [
            abs(_GEOD.polygon_area_perimeter(coords[a:b, 0], coords[a:b, 1])[0])
            for a, b in pairwise(starts)
        ],
        dtype=np.float64,
    )
    # The first ring of each polygon is its outline, the others are holes.
    is_outline = np.diff(ring_owner, prepend=-1) != 0
    total = np.zeros(len(array))
    np.add.at(total, owner[ring_owner], np.where(is_outline, ring_m2, -ring_m2))
    return np.maximum(total, 0.0)


def length_m(geoms: Sequence[object] | GeometryArray) -> FloatArray:
    """Measure geodesic lengths of lines and perimeters of polygons.

    Parameters
    ----------
    geoms : (n,) geometries in lon/lat degrees

    Returns
    -------
    (n,) metres; 0 for None, empty and points

    Examples
    --------
    >>> length_m([shapely.LineString([(120, 30), (120, 31)])]).round(1).tolist()
    [110860.9]
    """
    array = np.atleast_1d(np.asarray(geoms, dtype=object))
    present = np.flatnonzero(~(shapely.is_missing(array) | shapely.is_empty(array)))
    total = np.zeros(len(array))
    for i in present:
        total[i] = _GEOD.geometry_length(array[i]) if shapely.length(array[i]) else 0.0
    return total


def polygon_parts(geom: object) -> list[shapely.Polygon]:
    """Return the polygons of a geometry, whatever else it holds.

    Examples
    --------
    >>> mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    >>> [part.geom_type for part in polygon_parts(mixed)]
    ['Polygon']
    """
    polygons, _ = _polygons(np.array([geom], dtype=object))
    return list(polygons)


def _polygons(geoms: GeometryArray) -> tuple[GeometryArray, np.ndarray]:
    """Return the non-empty polygons, each with the position of its geometry."""
    parts, owner = shapely.get_parts(geoms, return_index=True)
    # A collection may hold multi-geometries, so it is split once more.
    parts, inner = shapely.get_parts(parts, return_index=True)
    is_polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    keep = is_polygon & ~shapely.is_empty(parts)
    return parts[keep], owner[inner][keep]
