from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from gridmgmt.geometry.measure import (
    area_m2,
    length_m,
    metres_per_degree,
    on_grid,
    polygon_parts,
    round_lonlat,
)
from tests import shapes
from tests.drawn import Drawing, geometry_array

lonlats = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize("lat", [-60.0, 0.0, 30.28, 41.9, 89.0])
def test_a_degree_is_as_long_as_the_geodesic_says(lat: float) -> None:
    geod = Geod(ellps="WGS84")
    m_lon, m_lat = metres_per_degree(lat)
    assert m_lon * 1e-4 == pytest.approx(geod.line_length([0, 1e-4], [lat, lat]), rel=1e-7)
    half = 0.5e-4
    assert m_lat * 1e-4 == pytest.approx(
        geod.line_length([0, 0], [lat - half, lat + half]), rel=1e-7
    )


@given(lonlats)
def test_a_vertex_is_put_on_the_grid_once_and_stays(lonlat: tuple[float, float]) -> None:
    once = on_grid([shapely.Point(lonlat)])
    assert on_grid(once)[0].wkb == once[0].wkb
    assert np.abs(shapely.get_coordinates(once) - lonlat).max() <= 0.51e-8


def test_rounding_is_rint_of_a_hundred_millionth_and_never_minus_zero() -> None:
    v = np.random.default_rng(1).uniform(-180, 180, 1000)
    assert (round_lonlat(v) == np.rint(v * 1e8) / 1e8).all()
    assert not np.signbit(round_lonlat([-1e-9]))[0]
    assert np.isnan(round_lonlat([np.nan]))[0]


def test_shapes_are_rounded_and_nothing_is_repaired() -> None:
    rounded = on_grid(list(shapes.ZOO.values()))
    kinds = [None if g is None else g.geom_type for g in shapes.ZOO.values()]
    assert [None if g is None else g.geom_type for g in rounded] == kinds
    assert not shapely.is_valid(on_grid([shapes.BOW_TIE]))[0]
    assert not shapely.has_z(on_grid([shapes.WITH_HEIGHT]))[0]


def test_a_zero_on_the_grid_is_never_negative() -> None:
    points = [shapely.Point(-0.0, 0.0), shapely.Point(120.0, -0.0)]
    assert not np.signbit(shapely.get_coordinates(on_grid(points))).any()


def test_what_is_on_the_grid_already_is_a_copy() -> None:
    given = np.array([shapely.Point(120, 30)], dtype=object)
    on_grid(given)[0] = None
    assert given[0] == shapely.Point(120, 30)


def test_holes_are_taken_off_and_parts_added() -> None:
    square, hole, multi = area_m2([shapes.SQUARE, shapes.HOLE, shapes.MULTIPART])
    assert square == pytest.approx(2677, rel=0.01)  # 50 steps of 10 m, about 48 m by 55 m
    inner = area_m2([shapely.Polygon(shapes.HOLE.interiors[0])])[0]
    assert hole == pytest.approx(square - inner)
    assert multi == pytest.approx(area_m2(list(shapes.MULTIPART.geoms)).sum())


def test_what_is_no_polygon_has_no_area_and_points_have_no_length() -> None:
    assert area_m2([None, shapes.EMPTY, shapes.POINT, shapes.LINE]).tolist() == [0, 0, 0, 0]
    assert length_m([None, shapes.EMPTY, shapes.POINT]).tolist() == [0, 0, 0]
    assert area_m2([]).tolist() == []
    assert length_m([]).tolist() == []


def test_the_order_of_a_ring_does_not_matter() -> None:
    assert area_m2([shapes.HOLE])[0] == pytest.approx(
        area_m2([shapely.reverse(shapes.HOLE)])[0]
    )


def test_a_collection_counts_its_polygons() -> None:
    nested = shapely.GeometryCollection([shapes.COLLECTION, shapes.MULTIPART])
    assert [part.geom_type for part in polygon_parts(nested)] == ["Polygon"] * 3
    expected = area_m2([shapes.SQUARE, shapes.MULTIPART]).sum()
    assert area_m2([nested])[0] == pytest.approx(expected)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_a_line_is_as_long_as_its_pieces(steps: list[int]) -> None:
    lon = np.cumsum([0, *steps]) * 1e-4
    line = shapely.linestrings(lon, np.zeros(len(lon)))
    pieces = [shapely.LineString([(a, 0), (b, 0)]) for a, b in pairwise(lon)]
    assert length_m([line])[0] == pytest.approx(length_m(pieces).sum())


def test_a_square_millimetre_of_overlap_is_measured_to_a_thousandth() -> None:
    # A tenth of a metre by a centimetre: geodesic areas keep their digits when tiny.
    thin = geometry_array(shapely.box(120, 30, 120.000001, 30.0000001))
    m_lon, m_lat = metres_per_degree(30.0)
    assert area_m2(thin)[0] == pytest.approx(m_lon * 1e-6 * m_lat * 1e-7, rel=1e-3)


def test_a_drawing_refuses_a_place_drawn_twice() -> None:
    with pytest.raises(ValueError, match="drawn twice"):
        Drawing("a.a")
