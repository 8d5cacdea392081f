"""The overview: what is counted, from when, beside what, for whom."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.demolition import Demolition
from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rates import DeadlineCounts, Rate, sum_counts
from gridmgmt.services.situation.overview import Overview, overview
from gridmgmt.services.situation.reported_days import reported_days
from gridmgmt.store.cases.case_figures import Done, OverdueByAge
from gridmgmt.store.responsibility.demolitions import put_demolitions
from gridmgmt.store.situation.overview import DemolitionSums
from tests.factories import make_edition, make_level, square, two_streets
from tests.services.answering import make_city
from tests.services.case_city import A1, A2, B1, FAR_AWAY, case_file, give_duties, row, take_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Ten days, and long after them.
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 10), SHANGHAI)
NOW = datetime(2026, 3, 31, 16, tzinfo=UTC)
STREET_A = ("street", "A")

CASES = [
    row(
        "C1", A1, reported_at="2026-02-20 00:00", disposed_at="2026-03-02", due_at="2026-03-01"
    ),
    row(
        "C2", A1, reported_at="2026-03-01 00:00", disposed_at="2026-03-01", due_at="2026-03-02"
    ),
    row("C3", A1, reported_at="2026-03-01 23:59", closed_at="2026-03-05", due_at="2026-03-04"),
    row("C4", A2, reported_at="2026-03-10 23:59", due_at="2026-03-30 23:59"),
    row("C5", B1, reported_at="2026-03-03 12:00", due_at="2026-03-08 12:00"),
    row("C6", B1, reported_at="2026-03-03 12:00"),
    row("C7", FAR_AWAY, reported_at="2026-03-04 12:00", due_at="2026-03-28 23:59"),
    row(
        "C8", B1, reported_at="2026-03-11 00:00", disposed_at="2026-03-11", due_at="2026-03-30"
    ),
]


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_city(conn)
    give_duties(conn)
    take_in(conn, case_file(tmp_path, CASES), now=NOW)
    return conn


def seen(conn: Connection, period: Period = PERIOD, **asked: object) -> Overview:
    wanted = {"now": NOW, "area": None, "level": None, **asked}
    return overview(conn, period, **wanted)  # type: ignore[arg-type]


def test_a_period_begins_and_ends_at_midnight_of_the_bureau(city: Connection) -> None:
    shown = seen(city)
    assert shown.figures.reported == 6
    assert [day.day for day in shown.trend] == PERIOD.each_day()
    assert [day.counts.cases for day in shown.trend] == [2, 0, 2, 1, 0, 0, 0, 0, 0, 1]


def test_deadlines_are_judged_from_now(city: Connection) -> None:
    shown = seen(city)
    assert shown.figures.as_of == NOW
    assert shown.figures.counts == DeadlineCounts(
        cases=6, open=4, without_due=1, on_time=1, late=1, overdue=3
    )
    assert shown.figures.counts.on_time_rate == Rate(1, 5)
    at_its_end = seen(city, now=PERIOD.end).figures.counts
    assert at_its_end == DeadlineCounts(
        cases=6, open=4, without_due=1, on_time=1, late=1, overdue=1
    )


def test_what_was_done_counts_when_it_was_done(city: Connection) -> None:
    shown = seen(city)
    assert shown.figures.done == Done(disposed=3, closed=1)
    assert shown.trend[0].done == Done(disposed=1)
    assert shown.trend[4].done == Done(disposed=1, closed=1)


def test_the_period_before_is_as_long_and_judged_as_long_after_its_days(
    city: Connection,
) -> None:
    shown = seen(city, Period(date(2026, 3, 11), date(2026, 3, 20), SHANGHAI))
    assert shown.before is not None
    assert shown.before.period == PERIOD
    assert shown.before.as_of == NOW - timedelta(days=10)
    assert shown.before.counts == seen(city, now=shown.before.as_of).figures.counts


def test_a_time_of_which_nothing_is_known_is_not_compared_with(city: Connection) -> None:
    shown = seen(city)
    assert shown.before is None
    assert shown.first_day == date(2026, 2, 20)


def test_the_last_day_stands_beside_the_day_before_it(city: Connection) -> None:
    day = Period(date(2026, 3, 4), date(2026, 3, 4), SHANGHAI)
    shown = seen(city, day)
    assert (shown.today.day, shown.today.counts.cases) == (date(2026, 3, 4), 1)
    assert (shown.yesterday.day, shown.yesterday.counts.cases) == (date(2026, 3, 3), 2)


def test_who_is_needed_is_asked_now_whatever_the_period(city: Connection) -> None:
    waiting = seen(city, Period(date(2026, 3, 5), date(2026, 3, 5), SHANGHAI)).waiting
    assert waiting.by_reason == {
        UnroutedReason.UNLOCATED: 1,
        UnroutedReason.NO_DISPOSER: 0,
        UnroutedReason.SEVERAL_DISPOSERS: 0,
        UnroutedReason.UNCERTAIN: 0,
        UnroutedReason.BOUNCED: 0,
    }
    assert waiting.overdue == OverdueByAge(
        under_a_day=0, one_to_three_days=1, three_to_seven_days=1, over_a_week=1
    )
    assert waiting.overdue.cases == 3


def test_an_age_begins_where_the_one_before_ends(city: Connection) -> None:
    due = datetime(2026, 3, 8, 4, tzinfo=UTC)
    ages = [seen(city, now=due + timedelta(days=days)).waiting.overdue for days in (0, 1, 3, 7)]
    assert [age.cases for age in ages] == [0, 1, 1, 1]
    assert [age.one_to_three_days for age in ages] == [0, 1, 0, 0]
    assert [age.three_to_seven_days for age in ages] == [0, 0, 1, 0]
    assert [age.over_a_week for age in ages] == [0, 0, 0, 1]


def test_whoever_is_limited_to_an_area_sees_the_figures_of_that_area(city: Connection) -> None:
    shown = seen(city, area=STREET_A)
    assert shown.area_name == "A"
    assert shown.figures.counts == DeadlineCounts(cases=3, open=1, on_time=1, late=1, overdue=1)
    assert shown.figures.done == Done(disposed=3, closed=1)
    assert shown.waiting.by_reason[UnroutedReason.UNLOCATED] == 0
    assert shown.waiting.overdue.cases == 1
    assert shown.ranking is not None
    assert shown.ranking.level.name == "cell"
    assert {one.code for one in shown.ranking.areas} == {"A1", "A2", "A3", "A4"}


def test_an_area_that_no_edition_has_holds_nothing(city: Connection) -> None:
    shown = seen(city, area=("street", "gone"))
    assert shown.figures.reported == 0
    assert shown.waiting.is_empty


def test_streets_are_ranked_and_with_the_unlocated_their_sums_equal_the_citys(
    city: Connection,
) -> None:
    shown = seen(city)
    ranking = shown.ranking
    assert ranking is not None
    assert ranking.level.name == "street"
    assert {one.code: one.counts.cases for one in ranking.areas} == {"A": 3, "B": 2}
    assert (ranking.unlocated.cases, ranking.elsewhere.cases) == (1, 0)
    counted = [one.counts for one in ranking.areas]
    assert sum_counts([*counted, ranking.unlocated, ranking.elsewhere]) == shown.figures.counts


def test_a_street_without_a_case_is_listed(city: Connection) -> None:
    ranking = seen(city, Period(date(2026, 4, 1), date(2026, 4, 2), SHANGHAI)).ranking
    assert ranking is not None
    assert {one.code for one in ranking.areas} == {"A", "B"}


def test_cases_in_leaves_without_a_street_are_counted_apart(
    conn: Connection, tmp_path: Path
) -> None:
    levels = two_streets()
    levels["cell"].parent_codes[levels["cell"].codes == "B1"] = None
    make_city(conn)
    make_edition(conn, levels)
    take_in(conn, case_file(tmp_path, CASES), now=NOW)
    ranking = seen(conn).ranking
    assert ranking is not None
    assert (ranking.unlocated.cases, ranking.elsewhere.cases) == (1, 2)


def test_cases_are_ranked_by_the_borders_of_the_edition_in_force(
    conn: Connection, tmp_path: Path
) -> None:
    make_city(conn)
    take_in(conn, case_file(tmp_path, CASES), now=NOW)
    before = seen(conn).ranking
    # All that was A is B now, but for the cases nothing else changes.
    levels = two_streets()
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    levels["cell"] = make_level("cell", cells, parents=dict.fromkeys(cells, "B"))
    make_edition(conn, levels, effective_from=NOW - timedelta(hours=1))
    after = seen(conn).ranking
    assert before is not None
    assert after is not None
    assert (before.edition, after.edition) == (1, 2)
    was, now = ({one.code: one.counts for one in rank.areas} for rank in (before, after))
    assert now == {"A": DeadlineCounts(), "B": was["A"] + was["B"]}
    assert was["A"].cases > 0
    assert after.unlocated == before.unlocated


def test_a_level_that_cannot_be_ranked_is_named(city: Connection) -> None:
    with pytest.raises(NotFoundError):
        seen(city, level="cell")


def test_demolitions_are_summed_by_their_own_three_counts(city: Connection) -> None:
    inside = shapely.multipolygons([square(0.1, 0.1, 0.01, 0.01)])
    point = shapely.Point(*B1)
    stated = [
        Demolition(
            "D1",
            demolished_on=date(2026, 3, 1),
            claimed_m2=80.0,
            measured_m2=75.5,
            cases_count=1,
            sites_count=2,
            households_count=3,
        ),
        Demolition("D2", demolished_on=date(2026, 3, 10), sites_count=4),
        Demolition("D3", demolished_on=date(2026, 3, 11), claimed_m2=1.0),
        Demolition("D4"),
    ]
    shapes = np.array([inside, point, point, point], dtype=object)
    put_demolitions(city, stated, shapes)
    assert seen(city).figures.demolitions == DemolitionSums(2, 80.0, 1, 75.5, 1, 1, 6, 3)
    in_a = seen(city, area=STREET_A).figures.demolitions
    assert in_a == DemolitionSums(1, 80.0, 0, 75.5, 0, 1, 2, 3)


def test_nothing_stored_gives_zeros_and_no_ranking(conn: Connection) -> None:
    assert reported_days(conn, SHANGHAI) is None
    shown = seen(conn)
    assert shown.figures.counts == DeadlineCounts()
    assert shown.figures.counts.on_time_rate.percent() == "–"
    assert shown.ranking is None
    assert shown.before is None
