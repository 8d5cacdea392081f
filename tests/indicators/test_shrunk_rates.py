import numpy as np
import pytest
from esda.smoothing import Spatial_Empirical_Bayes
from hypothesis import given
from hypothesis import strategies as st
from libpysal.weights import W, block_weights
from scipy.stats import binomtest

from gridmgmt.indicators.shrunk_rates import (
    UNCERTAIN_WIDTH,
    are_uncertain,
    interval_widths,
    is_uncertain,
    shrunk_on_time_rates,
)

# An area: its group, the cases on time and those that were not.
areas = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 40)),
    min_size=2,
    max_size=30,
)


def columns(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    group, on_time, missed = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return on_time, on_time + missed, group


@given(rows=areas)
def test_rates_are_those_of_esda_for_weights_by_group(rows: list[tuple[int, int, int]]) -> None:
    # esda divides by the cases of each area and by the rate of each group, so it takes areas
    # with cases, in groups that missed something and have more than one area.
    on_time, due, group = columns(rows)
    kept = due > 0
    for one in np.unique(group):
        here = kept & (group == one)
        if here.sum() < 2 or (due - on_time)[here].sum() == 0:
            kept &= group != one
    if not kept.any():
        return
    on_time, due, group = on_time[kept], due[kept], group[kept]
    siblings = block_weights(group, silence_warnings=True).neighbors
    weights = W(siblings, id_order=list(range(len(group))), silence_warnings=True)
    esdas = 1 - Spatial_Empirical_Bayes(due - on_time, due, weights).r.ravel()
    ours = shrunk_on_time_rates(on_time, due, group)
    np.testing.assert_allclose(ours, esdas, atol=1e-12)


@given(rows=areas)
def test_a_rate_lies_between_its_own_and_that_of_its_group(
    rows: list[tuple[int, int, int]],
) -> None:
    on_time, due, group = columns(rows)
    found = shrunk_on_time_rates(on_time, due, group)
    assert (np.isnan(found) == (due == 0)).all()
    for at in np.flatnonzero(due):
        here = group == group[at]
        ends = sorted((on_time[at] / due[at], on_time[here].sum() / due[here].sum()))
        assert ends[0] - 1e-9 <= found[at] <= ends[1] + 1e-9


def test_one_case_hardly_moves_a_colour_and_many_do() -> None:
    # Siblings that really differ, one with a single late case and one with two hundred.
    on_time, due = [95, 70, 90, 0, 100], [100, 100, 100, 1, 200]
    found = shrunk_on_time_rates(on_time, due, [0] * 5)
    whole = sum(on_time) / sum(due)
    assert abs(found[3] - whole) < 0.1
    assert abs(found[4] - 0.5) < 0.02


def test_a_group_that_kept_every_deadline_is_all_on_time() -> None:
    assert shrunk_on_time_rates([1, 30], [1, 30], [7, 7]).tolist() == [1.0, 1.0]


def test_an_area_without_siblings_keeps_its_own_rate() -> None:
    assert shrunk_on_time_rates([1, 0], [4, 2], [1, 2]).tolist() == [0.25, 0.0]


def test_without_areas_there_are_no_rates() -> None:
    assert shrunk_on_time_rates([], [], []).tolist() == []
    assert interval_widths([], []).tolist() == []


@given(counts=st.tuples(st.integers(0, 300), st.integers(0, 300)).filter(any))
def test_intervals_are_those_of_wilson(counts: tuple[int, int]) -> None:
    on_time, due = counts[0], sum(counts)
    wilson = binomtest(on_time, due).proportion_ci(method="wilson")
    assert interval_widths([on_time], [due])[0] == pytest.approx(wilson.high - wilson.low)


@pytest.mark.parametrize(
    ("on_time", "due", "uncertain"),
    [
        (0, 0, True),
        (1, 1, True),
        (3, 3, True),
        (4, 4, False),  # all of four: hardly a bad cell
        (4, 5, True),
        (7, 8, False),
        (5, 11, True),
        (6, 12, False),
        (20, 400, False),
    ],
)
def test_few_cases_leave_a_rate_open(on_time: int, due: int, *, uncertain: bool) -> None:
    assert is_uncertain(on_time, due) is uncertain
    assert are_uncertain([on_time], [due]).tolist() == [uncertain]


def test_the_rule_of_the_legend_is_half_of_all_rates() -> None:
    # The words on the page say 50 points.
    assert UNCERTAIN_WIDTH == 0.5
