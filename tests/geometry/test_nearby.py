import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.measure import length_m
from gridmgmt.geometry.nearby import covering, distance_m


def objects(*values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def test_a_polygon_covers_its_boundary_and_several_may_cover_a_point():
    squares = objects(shapely.box(120, 30, 121, 31), shapely.box(121, 30, 122, 31))
    lon = np.array([120.5, 121.0, 122.5, np.nan])
    points, polygons = covering(squares, lon, np.full(4, 30.5))
    assert points.tolist() == [0, 1, 1]
    assert polygons.tolist() == [0, 0, 1]


def test_nothing_covers_where_there_is_nothing():
    none, lon, lat = objects(), np.array([120.0]), np.array([30.0])
    assert [len(found) for found in covering(none, lon, lat)] == [0, 0]


@given(
    st.floats(70, 140),
    st.floats(-60, 60),
    st.floats(-0.0009, 0.0009),
    st.floats(-0.0009, 0.0009),
)
def test_within_a_hundred_metres_the_distance_is_the_geodesic_one(lon, lat, east, north):
    other = shapely.Point(lon + east, lat + north)
    metres = distance_m(objects(other), np.array([lon]), np.array([lat]))
    geodesic = length_m([shapely.LineString([(lon, lat), (lon + east, lat + north)])])
    assert metres[0] == pytest.approx(geodesic[0], rel=1e-3, abs=0.002)
    assert metres[0] == round(metres[0], 3)
