from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.domain.cases.case import CaseAction
from gridmgmt.sample.categories import load_categories
from gridmgmt.sample.city import City, build_city
from gridmgmt.sample.desk import build_desk
from gridmgmt.sample.plan import DAYS, FULL, SMALL

LOCAL = datetime.fromisoformat
MOMENTS = st.datetimes(LOCAL("2020-01-01"), LOCAL("2040-01-01"))


@given(now=MOMENTS)
@settings(max_examples=25, deadline=None)
def test_whenever_it_ends_its_desk_is_full_and_nothing_lies_in_the_future(
    small: City, now: datetime
) -> None:
    plan = SMALL.ending_at(now)
    desk = build_desk(plan, small.areas, load_categories())
    assert desk is not None
    assert (desk.cases.reported_at < plan.end).all()
    assert (desk.cases.reported_at > plan.first_day).all()
    reported = dict(zip(desk.cases.case_no, desk.cases.reported_at, strict=True))
    assert all(reported[step.case_no] < step.at < plan.end for step in desk.steps)
    # Cases are placed as they come in; nobody has pressed for one yet.
    unused = {CaseAction.PLACE, CaseAction.SUPERVISE}
    assert {step.action for step in desk.steps} == set(CaseAction) - unused
    by_form = [np.datetime64(cells["reported_at"]) for cells in desk.reported]
    assert all(at < plan.end for at in by_form)
    if plan.end > plan.last_day:
        assert any(at >= plan.last_day for at in by_form), "today has a case"
    left = desk.cases.outcome.due_at - plan.end
    assert ((left > np.timedelta64(0)) & (left <= np.timedelta64(1, "h"))).sum() >= 4


def test_a_city_whose_last_day_is_over_has_no_desk(small: City, full: City) -> None:
    assert small.desk is None
    assert full.desk is None


@pytest.mark.parametrize("now", [LOCAL("2024-02-29 00:00:01"), LOCAL("2027-07-04 13:30")])
def test_all_dates_of_a_city_move_with_its_end(now: datetime) -> None:
    plan = SMALL.ending_at(now)
    city = build_city(plan)
    cases = city.cases
    assert cases.reported_at.max() < np.datetime64(now)
    assert cases.reported_at.max() > np.datetime64(now - timedelta(days=2))
    assert cases.reported_at.min() >= plan.first_day
    assert len(cases.case_no) == SMALL.cases
    founded = f"{plan.first_day.astype('datetime64[Y]')}-01-01"
    current = [duty for duty in city.duties if duty.valid_from == founded]
    assert len(current) == len(city.duties) - 1
    assert set(city.zones.valid_from) == {founded}
    gone = [day for day in city.zones.valid_to if day]
    assert gone
    assert all(founded < day < str(plan.last_day) for day in gone)
    assert max(city.demolitions.demolished_on) <= str(now.date())


def test_a_fixed_last_day_is_whole() -> None:
    plan = FULL.ending_with(date(2025, 3, 31))
    assert str(plan.end) == "2025-04-01T00:00:00"
    assert plan.last_day - plan.first_day == np.timedelta64(DAYS - 1, "D")
    assert FULL.ending_with(date(2026, 10, 31)) == FULL


def test_the_places_of_a_desk_do_not_depend_on_the_hour(small: City) -> None:
    desks = [
        build_desk(SMALL.ending_at(now), small.areas, load_categories())
        for now in (LOCAL("2026-05-01 08:00"), LOCAL("2027-05-01 20:00"))
    ]
    assert desks[0] is not None
    assert desks[1] is not None
    np.testing.assert_array_equal(desks[0].cases.lon, desks[1].cases.lon)
