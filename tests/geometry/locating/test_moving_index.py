import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.locating.moving_index import MovingIndex
from gridmgmt.geometry.locating.near_index import NearIndex

WEST, SOUTH = 120.15, 30.25

steps = st.integers(0, 5)
coarse = st.tuples(steps, steps).map(lambda at: (WEST + at[0] * 1e-4, SOUTH + at[1] * 1e-4))
fine = st.tuples(st.floats(WEST - 5e-4, WEST + 1e-3), st.floats(SOUTH - 5e-4, SOUTH + 1e-3))
positions = st.one_of(coarse, fine)
numbers = st.integers(0, 9)
# A place to be put at, or None: to be taken away.
moves = st.lists(st.tuples(numbers, st.none() | positions), max_size=40)


@given(moves, positions, st.sampled_from([0.0, 11.132, 40.0, 500.0]))
def test_after_any_moves_it_finds_what_a_new_index_of_the_same_points_finds(
    made: list[tuple[int, tuple[float, float] | None]],
    asked: tuple[float, float],
    reach_m: float,
) -> None:
    index, there = MovingIndex(), dict[int, tuple[float, float]]()
    for number, place in made:
        if place is not None:
            index.put(number, *place)
            there[number] = place
        elif number in there:
            index.remove(number)
            del there[number]
    standing = sorted(there)
    points = np.array([shapely.Point(there[number]) for number in standing], dtype=object)
    lon, lat = np.array([asked[0]]), np.array([asked[1]])
    _, found, metres = NearIndex(points).near(lon, lat, reach_m)
    expected = [(standing[k], m) for k, m in zip(found.tolist(), metres.tolist(), strict=True)]
    assert index.near(*asked, reach_m) == expected
    assert len(index) == len(there)


def test_nothing_is_near_nowhere_and_nothing_lies_there() -> None:
    index = MovingIndex()
    assert index.near(WEST, SOUTH, 50.0) == []
    index.put(1, WEST, SOUTH)
    assert index.near(float("nan"), SOUTH, 50.0) == []
    with pytest.raises(ValueError, match="no place for a point"):
        index.put(2, WEST, float("inf"))
    with pytest.raises(KeyError):
        index.remove(2)
    assert index.near(WEST, SOUTH, 0.0) == [(1, 0.0)]
