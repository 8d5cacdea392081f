"""Where the ground of an area came from, in shares that sum to 1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.area_history import origins

PIECES = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.floats(0.01, 1e7)),
    max_size=4,
    unique_by=lambda p: p[0],
)


@given(PIECES, st.floats(0.1, 1e8))
def test_shares_sum_to_one_and_the_rest_came_from_no_area(
    pieces: list[tuple[str, float]], area_m2: float
) -> None:
    found = origins(pieces, area_m2)
    assert sum(one.share for one in found) == pytest.approx(1.0)
    assert {one.code for one in found} - {None} == {code for code, _ in pieces}
    rest = area_m2 - sum(m2 for _, m2 in pieces)
    nobody = [one for one in found if one.code is None]
    assert len(nobody) == (rest >= max(0.01, 1e-9 * area_m2))
    if nobody:
        assert found[-1] == nobody[0]
        assert nobody[0].m2 == pytest.approx(rest)


def test_dust_is_no_origin_and_no_ground_has_none() -> None:
    assert [one.code for one in origins([("A", 100.0), ("B", 0.009)], 100.0)] == ["A"]
    assert origins([], 0.0) == ()


def test_a_new_area_on_no_ground_of_others_came_from_none() -> None:
    [one] = origins([], 50.0)
    assert (one.code, one.m2, one.share) == (None, 50.0, 1.0)
