import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.position_signs import PositionSigns

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
