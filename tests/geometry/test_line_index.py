import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.arrays import objects
from gridmgmt.geometry.line_index import LineIndex
from gridmgmt.geometry.nearby import distance_m

WEST, SOUTH = 120.15, 30.25

# On a coarse grid edges meet, cross, run into each other and pass through points.
steps = st.integers(0, 6)
coarse = st.tuples(steps, steps).map(lambda at: (WEST + at[0] * 1e-4, SOUTH + at[1] * 1e-4))
fine = st.tuples(st.floats(WEST - 5e-4, WEST + 1e-3), st.floats(SOUTH - 5e-4, SOUTH + 1e-3))
positions = st.one_of(coarse, fine)
lines = st.lists(positions, min_size=2, max_size=5).map(shapely.LineString)
shapes = st.one_of(lines, st.lists(lines, min_size=1, max_size=3).map(shapely.MultiLineString))
roads = st.lists(st.tuples(shapes, st.sampled_from([0.0, 5.0, 11.132, 40.0])), max_size=6)
nowhere = st.just((np.nan, SOUTH))


def columns(found):
    return [part.tolist() for part in found]


def one_by_one(geoms, tolerance_m, lon, lat):
    """Every line measured from every point: slow and plain."""
    found = []
    for i in np.flatnonzero(np.isfinite(lon)):
        for k in range(len(geoms)):
            metres = float(distance_m(geoms[k : k + 1], lon[i : i + 1], lat[i : i + 1])[0])
            if metres <= tolerance_m[k]:
                found.append((int(i), metres, k))
    found.sort()
    return [[i for i, _, _ in found], [k for _, _, k in found], [m for _, m, _ in found]]


@given(roads, st.lists(st.one_of(positions, nowhere), max_size=8))
def test_edge_by_edge_gives_what_whole_lines_give(stated, points):
    geoms = objects(geom for geom, _ in stated)
    tolerance_m = np.array([metres for _, metres in stated])
    lon, lat = np.array(points).reshape(-1, 2).T
    found = columns(LineIndex(geoms, tolerance_m).near(lon, lat))
    assert found == one_by_one(geoms, tolerance_m, lon, lat)


def test_without_lines_nothing_is_near():
    index = LineIndex(objects([]), np.empty(0))
    assert columns(index.near(np.array([WEST]), np.array([SOUTH]))) == [[], [], []]


def test_every_line_has_a_tolerance_of_its_own_and_the_nearest_comes_first():
    lines = objects(
        [
            shapely.LineString([(120, 30.0003), (121, 30.0003)]),  # 33 m to the north
            shapely.LineString([(120, 29.9999), (121, 29.9999)]),  # 11 m to the south
            shapely.LineString([(120, 30.0002), (121, 30.0002)]),  # 22 m, but only 5 m wide
        ]
    )
    at = np.array([120.5]), np.array([30.0])
    points, found, metres = LineIndex(lines, np.array([50.0, 50.0, 5.0])).near(*at)
    assert points.tolist() == [0, 0]
    assert found.tolist() == [1, 0]
    assert metres == pytest.approx([11.085, 33.256], abs=0.01)


def test_at_the_same_distance_the_line_that_stands_first_comes_first():
    line = shapely.LineString([(120, 30.0001), (121, 30.0001)])
    at = np.array([120.5]), np.array([30.0])
    _, found, _ = LineIndex(objects([line, line]), np.array([50.0, 50.0])).near(*at)
    assert found.tolist() == [0, 1]
