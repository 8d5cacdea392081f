"""What lies at positions beside areas: polygons that cover them, lines close to them."""

import numpy as np
import shapely

from gridmgmt.geometry.arrays import FloatArray, GeometryArray, IntArray
from gridmgmt.geometry.edge_distance import whole_millimetres
from gridmgmt.geometry.measure import metres_per_degree

# How much wider than the tolerance to search, so that the formula decides and not the box.
_MARGIN = 1.01


def covering(
    polygons: GeometryArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    tree: shapely.STRtree | None = None,
) -> tuple[IntArray, IntArray]:
    """Find every polygon that covers each point; a point on the boundary is covered.

    Parameters
    ----------
    polygons : (k,) valid (multi)polygons, lon/lat
    lon, lat : (n,) degrees, EPSG:4326; NaN is covered by nothing
    tree : of the polygons, for who asks more than once

    Returns
    -------
    (m,) positions of points, (m,) positions of polygons: by point, then by polygon
    """
    finite = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    points = shapely.points(lon[finite], lat[finite])
    # For a point, to intersect a polygon and to be covered by it are the same.
    tree = tree or shapely.STRtree(polygons)
    of, polygon = tree.query(points, predicate="intersects")
    return _ordered(finite[of], polygon)


def within_tolerance(
    lines: GeometryArray,
    tolerance_m: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    tree: shapely.STRtree | None = None,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Find every line within its own tolerance of each point.

    The distance is planar in degrees scaled to metres at the point's latitude, the formula of
    ``geometry.locate``, in whole millimetres; the tolerance is inclusive.

    Parameters
    ----------
    lines : (k,) (multi)lines, lon/lat
    tolerance_m : (k,) metres
    lon, lat : (n,) degrees, EPSG:4326; NaN is near nothing
    tree : of the lines, for who asks more than once

    Returns
    -------
    (m,) positions of points, (m,) positions of lines, (m,) metres: by point, distance, line
    """
    finite = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if not len(lines) or not len(finite):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    m_lon, m_lat = metres_per_degree(lat[finite])
    reach_m = float(tolerance_m.max()) * _MARGIN + 0.01
    x, y = lon[finite], lat[finite]
    dx, dy = reach_m / m_lon, reach_m / m_lat
    boxes = shapely.box(x - dx, y - dy, x + dx, y + dy)
    of, line = (tree or shapely.STRtree(lines)).query(boxes)
    metres = distance_m(lines[line], x[of], y[of])
    near = metres <= tolerance_m[line]
    point, line, metres = finite[of][near], line[near], metres[near]
    order = np.lexsort((line, metres, point))
    return point[order], line[order], metres[order]


def distance_m(geoms: GeometryArray, lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Measure from each point to the geometry beside it, in whole millimetres.

    Parameters
    ----------
    geoms : (n,) lon/lat, none of them empty
    lon, lat : (n,) degrees, EPSG:4326

    Returns
    -------
    (n,) metres; 0 where a polygon covers the point

    Examples
    --------
    >>> line = np.array([shapely.LineString([(0.0001, -1), (0.0001, 1)])])
    >>> distance_m(line, np.array([0.0]), np.array([0.0])).tolist()
    [11.132]
    """
    coords, owner = shapely.get_coordinates(geoms, return_index=True)
    m_lon, m_lat = metres_per_degree(lat)
    # Translate first and scale second: the other way round loses millimetres.
    coords[:, 0] = (coords[:, 0] - lon[owner]) * m_lon[owner]
    coords[:, 1] = (coords[:, 1] - lat[owner]) * m_lat[owner]
    local = shapely.set_coordinates(geoms.copy(), coords)
    origin = shapely.points(0.0, 0.0)
    return whole_millimetres(shapely.distance(local, origin))


def _ordered(point: IntArray, polygon: IntArray) -> tuple[IntArray, IntArray]:
    order = np.lexsort((polygon, point))
    return point[order], polygon[order]
