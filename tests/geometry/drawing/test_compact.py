import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.arrays import objects
from gridmgmt.geometry.drawing.compact import CompactShapes, decode, encode
from tests.geometry.drawing.test_simplify import tessellation

UNITS = st.sampled_from([1e-5, 1e-6])


@given(st.integers(0, 10_000), UNITS)
def test_what_is_read_back_lies_within_half_a_unit(seed: int, unit: float) -> None:
    cells = tessellation(seed)
    back = decode(encode(cells, unit))
    # Both have vertices on the same borders: every vertex is near the other's border.
    assert shapely.hausdorff_distance(cells, back).max() <= unit * 0.5 * 2**0.5 + 1e-9
    assert len(back) == len(cells)


@given(st.integers(0, 10_000), UNITS)
def test_borders_that_are_shared_stay_shared(seed: int, unit: float) -> None:
    cells = tessellation(seed, side=3)
    assert shapely.coverage_is_valid(decode(encode(cells, unit)))


@given(
    st.lists(
        st.tuples(st.floats(-170, 170), st.floats(-80, 80), st.floats(1e-9, 1e-3)),
        min_size=1,
        max_size=8,
    ),
    UNITS,
)
def test_no_area_vanishes_and_rings_are_closed(
    squares: list[tuple[float, float, float]], unit: float
) -> None:
    geoms = objects(shapely.box(x, y, x + size, y + size) for x, y, size in squares)
    shapes = encode(geoms, unit)
    for area in shapes.polygons:
        assert area
        for ring in (ring for polygon in area for ring in polygon):
            steps = np.array(ring).reshape(-1, 2)
            assert len(steps) >= 4
            assert np.array_equal(steps[1:].sum(axis=0), [0, 0])
    back = decode(shapes)
    assert (shapely.area(back) > 0).all()
    assert shapely.hausdorff_distance(geoms, back).max() <= 2 * unit


def test_holes_and_parts_are_kept_and_those_too_small_left_out() -> None:
    part = shapely.box(0, 0, 1e-3, 1e-3).difference(shapely.box(4e-4, 4e-4, 6e-4, 6e-4))
    speck = shapely.box(2e-3, 2e-3, 2e-3 + 1e-8, 2e-3 + 1e-8)
    pinhole = shapely.box(3e-3, 0, 4e-3, 1e-3).difference(
        shapely.box(3.5e-3, 5e-4, 3.5e-3 + 1e-8, 5e-4 + 1e-8)
    )
    (area,) = encode([shapely.MultiPolygon([part, speck, pinhole])], 1e-5).polygons
    assert [len(polygon) for polygon in area] == [2, 1]


def test_no_geometry_has_no_polygon_and_no_area_has_an_origin() -> None:
    shapes = encode([None, shapely.Point(1, 2), shapely.box(0, 0, 1, 1)], 1e-5)
    assert [len(area) for area in shapes.polygons] == [0, 0, 1]
    assert decode(shapes)[0] is None
    assert encode([], 1e-5) == CompactShapes((0.0, 0.0), 1e-5, [])


def test_the_origin_is_short() -> None:
    shapes = encode([shapely.box(120.123456789, 30.0, 121, 31)], 1e-5)
    assert shapes.origin == pytest.approx((120.12346, 30.0), abs=1e-12)
    assert len(str(shapes.origin[0])) <= 9
