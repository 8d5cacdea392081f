import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.arrays import objects
from gridmgmt.geometry.locating.edge_distance import whole_millimetres
from gridmgmt.geometry.locating.near_index import NearIndex
from gridmgmt.geometry.measure import length_m, metres_per_degree

WEST, SOUTH = 120.15, 30.25

# On a coarse grid edges meet, cross, run into each other and pass through points.
steps = st.integers(0, 6)
coarse = st.tuples(steps, steps).map(lambda at: (WEST + at[0] * 1e-4, SOUTH + at[1] * 1e-4))
fine = st.tuples(st.floats(WEST - 5e-4, WEST + 1e-3), st.floats(SOUTH - 5e-4, SOUTH + 1e-3))
positions = st.one_of(coarse, fine)
lines = st.lists(positions, min_size=2, max_size=5).map(shapely.LineString)
shapes = st.one_of(
    positions.map(shapely.Point),
    lines,
    st.lists(lines, min_size=1, max_size=3).map(shapely.MultiLineString),
)
nowhere = st.just((np.nan, SOUTH))


def columns(found):
    return [part.tolist() for part in found]


def metres_between(geom, lon, lat):
    """The same formula by GEOS, one geometry at a time: slow and plain."""
    m_lon, m_lat = metres_per_degree(np.array([lat]))
    scale = np.array([m_lon[0], m_lat[0]])
    local = shapely.transform(geom, lambda corners: (corners - [lon, lat]) * scale)
    return float(whole_millimetres(np.array([shapely.distance(local, shapely.Point(0, 0))]))[0])


def one_by_one(geoms, reach_m, lon, lat):
    found = [
        (i, metres, k)
        for i in np.flatnonzero(np.isfinite(lon)).tolist()
        for k, geom in enumerate(geoms)
        if (metres := metres_between(geom, lon[i], lat[i])) <= reach_m
    ]
    found.sort()
    return [[i for i, _, _ in found], [k for _, _, k in found], [m for _, m, _ in found]]


@given(
    st.lists(shapes, max_size=6),
    st.lists(st.one_of(positions, nowhere), max_size=8),
    st.sampled_from([0.0, 5.0, 11.132, 40.0]),
)
def test_piece_by_piece_gives_what_whole_geometries_give(stated, points, reach_m):
    geoms = objects(stated)
    lon, lat = np.array(points).reshape(-1, 2).T
    found = columns(NearIndex(geoms).near(lon, lat, reach_m))
    assert found == one_by_one(geoms, reach_m, lon, lat)


def test_without_anything_nothing_is_near():
    index = NearIndex(objects([]))
    assert columns(index.near(np.array([WEST]), np.array([SOUTH]), 50.0)) == [[], [], []]


def test_the_nearest_comes_first_and_of_two_as_near_the_one_that_stands_first():
    geoms = objects(
        [
            shapely.LineString([(120, 30.0003), (121, 30.0003)]),  # 33 m to the north
            shapely.LineString([(120, 29.9999), (121, 29.9999)]),  # 11 m to the south
            shapely.LineString([(120, 29.9999), (121, 29.9999)]),
            shapely.Point(120.5, 30.0002),  # 22 m
        ]
    )
    found, metres = NearIndex(geoms).near(np.array([120.5]), np.array([30.0]), 50.0)[1:]
    assert found.tolist() == [1, 2, 3, 0]
    assert metres == pytest.approx([11.085, 11.085, 22.170, 33.256], abs=0.01)


@given(
    st.floats(70, 140),
    st.floats(-60, 60),
    st.floats(-0.0009, 0.0009),
    st.floats(-0.0009, 0.0009),
)
def test_within_a_hundred_metres_the_distance_is_the_geodesic_one(lon, lat, east, north):
    other = shapely.Point(lon + east, lat + north)
    found = NearIndex(objects([other])).near(np.array([lon]), np.array([lat]), 1_000.0)
    geodesic = length_m([shapely.LineString([(lon, lat), (lon + east, lat + north)])])
    assert found[2][0] == pytest.approx(geodesic[0], rel=1e-3, abs=0.002)
    assert found[2][0] == round(found[2][0], 3)
