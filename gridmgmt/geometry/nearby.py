"""What lies at positions beside areas: polygons that cover them, and how far others are."""

import numpy as np
import shapely

from gridmgmt.geometry.arrays import FloatArray, GeometryArray, IntArray
from gridmgmt.geometry.edge_distance import whole_millimetres
from gridmgmt.geometry.measure import metres_per_degree


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
