import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.drawing.inside_share import inside_share

SHAPE = (6, 8)
SQUARES = [
    shapely.box(column, row, column + 1, row + 1)
    for row in range(SHAPE[0])
    for column in range(SHAPE[1])
]
corners = st.lists(
    st.tuples(
        st.floats(0, SHAPE[1]) | st.integers(0, SHAPE[1]),
        st.floats(0, SHAPE[0]) | st.integers(0, SHAPE[0]),
    ),
    min_size=3,
    max_size=12,
)


@given(corners)
def test_the_share_of_each_square_is_the_area_shapely_measures(
    points: list[tuple[float, float]],
) -> None:
    outline = shapely.MultiPoint(points).buffer(0.7).intersection(shapely.box(0, 0, 8, 6))
    wanted = shapely.area(shapely.intersection(SQUARES, outline)).reshape(SHAPE)
    assert np.abs(inside_share(outline, SHAPE) - wanted).max() < 1e-9


def test_a_hole_and_a_second_part_count_as_what_they_are() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    outline = shapely.MultiPolygon([ring, shapely.box(5, 4, 6.5, 4.5)])
    share = inside_share(outline, SHAPE)
    assert share.sum() == pytest.approx(8.75)
    assert (share[1, 1], share[4, 5], share[4, 6]) == pytest.approx((0.0, 0.5, 0.25))


def test_the_direction_in_which_a_ring_runs_does_not_matter() -> None:
    outline = shapely.Polygon([(1.5, 1), (4, 5), (7, 2.5)])
    assert np.allclose(inside_share(outline, SHAPE), inside_share(outline.reverse(), SHAPE))
