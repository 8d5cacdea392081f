from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.indicators.rates import DeadlineCounts, Rate, count_deadlines

AS_OF = np.datetime64("2026-01-10T00:00", "us")


# Figures that bureaus published: numerator, denominator, percent (STANDARDS 2.7, DOMAIN).
@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [
        (911, 972, "93.72 %"),  # 天门 2016-12 结案率
        (737, 972, "75.82 %"),  # 天门 2016-12 按期结案率
        (902, 956, "94.35 %"),  # 天门 2016-12 事件
        (9, 16, "56.25 %"),  # 天门 2016-12 部件
        (150, 167, "89.82 %"),  # 三门峡 周报2021-7 一支队, published as 89.8
        (185, 193, "95.85 %"),  # 三门峡 周报2021-7 二支队, published as 95.9
        (1112, 1187, "93.68 %"),  # 三门峡 周报2021-7 total
        (14068, 14090, "99.84 %"),  # 江门 2024-07
        (5, 22, "22.73 %"),  # 开州 2022-02 视频
        (59173, 59274, "99.83 %"),  # 郑州高新
        (530_500, 532_100, "99.70 %"),  # 温州: 99.71 was counted before the inputs were rounded
        (2900, 4000, "72.50 %"),  # 文山 published 78.5: does not reconcile with its own counts
        (988, 1031, "95.83 %"),  # oil-fume purifiers, published as 96
    ],
)
def test_published_figures_come_out_of_their_counts(
    numerator: int, denominator: int, percent: str
) -> None:
    assert Rate(numerator, denominator).percent() == percent


def test_the_parts_of_tianmen_add_up_to_its_whole() -> None:
    assert (902 + 9, 956 + 16) == (911, 972)


def test_wenzhou_lies_in_the_interval_its_rounded_inputs_allow() -> None:
    low, high = 530_450 / 532_150, 530_550 / 532_050
    assert low < 0.9971 < high


def test_due_0_gives_none_shown_as_a_dash_and_not_100_percent() -> None:
    rate = DeadlineCounts(cases=3, open=1, without_due=2).on_time_rate
    assert rate.denominator == 0
    assert rate.value is None
    assert rate.percent() == "–"
    assert rate.shown() == "– (0/0)"


def test_halves_are_rounded_up_in_decimal_and_not_in_binary() -> None:
    assert Rate(1, 800).percent() == "0.13 %"  # 0.125 exactly
    assert Rate(201, 20000).percent() == "1.01 %"  # 1.005 is less than that in binary


@pytest.mark.parametrize(("numerator", "denominator"), [(2, 1), (-1, 3), (0, -1)])
def test_a_part_larger_than_its_whole_is_no_rate(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        Rate(numerator, denominator)


# due, done (days from the frozen instant, None: not), what the case counts as.
DEADLINES = [
    (None, None, "without_due"),
    (None, -1, "without_due"),
    (-2, -3, "on_time"),
    (-2, -2, "on_time"),  # at the very instant it was due
    (-2, -1, "late"),
    (1, -1, "on_time"),  # before its deadline came
    (-1, None, "overdue"),
    (-1, 1, "overdue"),  # disposed after the frozen instant: not yet
    (0, None, "pending"),  # due at the frozen instant: not past it
    (1, None, "pending"),
    (2, 1, "pending"),  # disposed later and still in time: not yet either
    (-1, 0, "late"),
]


@pytest.mark.parametrize(("due", "done", "kind"), DEADLINES)
def test_a_case_counts_once_looking_back_from_the_frozen_instant(
    due: int | None, done: int | None, kind: str
) -> None:
    counted = count_deadlines(instants([due]), instants([done]), AS_OF)
    is_open = done is None or done > 0
    kinds = {} if kind == "pending" else {kind: 1}
    assert counted == DeadlineCounts(cases=1, open=is_open, **kinds)
    assert counted.pending == (kind == "pending")


@pytest.mark.parametrize(("due", "done", "kind"), DEADLINES)
def test_a_provisional_deadline_counts_where_its_case_is_in_the_rate(
    due: int | None, done: int | None, kind: str
) -> None:
    cases = instants([due, due]), instants([done, done])
    counted = count_deadlines(*cases, AS_OF, np.array([True, False]))
    assert counted.provisional == (kind in ("on_time", "late", "overdue"))
    assert counted.due == 2 * counted.provisional


def instants(days: list[int | None]) -> np.ndarray:
    nat = np.datetime64("NaT", "us")
    return np.array(
        [nat if day is None else AS_OF + np.timedelta64(day, "D") for day in days],
        dtype="datetime64[us]",
    )


@given(st.lists(st.tuples(*[st.none() | st.integers(-3, 3)] * 2)))
def test_rates_stay_between_0_and_1_and_no_case_is_lost(
    cases: list[tuple[int | None, int | None]],
) -> None:
    due, done = ([case[k] for case in cases] for k in (0, 1))
    counted = count_deadlines(instants(due), instants(done), AS_OF)
    assert counted.cases == len(cases) == counted.without_due + counted.due + counted.pending
    assert counted.overdue <= counted.open
    for rate in (counted.on_time_rate, counted.disposal_rate):
        assert rate.value is None or 0.0 <= rate.value <= 1.0
    assert counted.on_time_rate.numerator <= counted.disposal_rate.numerator


def test_a_deadline_moves_nothing_between_instants_of_the_same_day() -> None:
    start = datetime(2026, 1, 9)  # noqa: DTZ001 - numpy knows no zones
    hours = [np.datetime64(start + timedelta(hours=h), "us") for h in range(3)]
    due = np.array([hours[1]], "datetime64[us]")
    never = np.array([np.datetime64("NaT")], "datetime64[us]")
    assert [count_deadlines(due, never, at).overdue for at in hours] == [0, 0, 1]
