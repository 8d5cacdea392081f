import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.crs.position_signs import PositionSigns

NUMBERS = st.sampled_from([0.0, 30.2, 120.1, -95.0, 181.0, 500_000.0, np.nan, np.inf])
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8)


def signs(points: list[tuple[float, float]]) -> PositionSigns:
    return PositionSigns.of([x for x, _ in points], [y for _, y in points])


@given(POINTS, POINTS)
def test_the_signs_of_two_pieces_add_up_to_those_of_the_whole(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    assert signs(one) + signs(other) == signs(one + other)


def test_nothing_looks_like_anything() -> None:
    nothing = signs([])
    assert not nothing.look_projected
    assert not nothing.look_like_degrees
    assert not nothing.look_swapped
    assert not signs([(0.0, 0.0)]).look_like_degrees


def test_metres_and_swapped_axes_show_in_the_numbers() -> None:
    assert signs([(521000, 3350000), (522000, 3351000)]).look_projected
    assert not signs([(120.1, 30.1), (120.2, 91.0), (521000, 3350000)]).look_projected
    assert signs([(30.1, 120.1), (30.2, 120.2), (np.nan, 120.3)]).look_swapped
    assert signs([(34.05, -118.24)]).look_swapped
    assert not signs([(120.1, 30.1), (120.2, 91.0)]).look_swapped
    # Nearer than 90 degrees to Greenwich both orders are possible.
    assert not signs([(48.8, 2.3)]).look_swapped
    assert signs([(114.1, 22.5)]).look_like_degrees
    assert not signs([(500_000.0, 3_350_000.0)]).look_like_degrees
