"""What bounces of a small city tell: borders, matters, and what to look at."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.judging.bounces import Border, Look, Matter, Proposal
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.services.cases.bounces import BouncesAsked, find_bounces
from gridmgmt.services.cases.lists import names_of
from gridmgmt.store.cases.cases import cases_by_no
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.components import put_components
from gridmgmt.store.responsibility.duties import list_duties
from tests.services.answering import objects
from tests.services.bounce_city import EAST_OF_A2, WEST_OF_B1, fill
from tests.services.case_city import NOW, SHANGHAI

EVERYTHING = BouncesAsked(JudgingRules(SHANGHAI))


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    fill(conn, tmp_path)
    return conn


def test_cases_at_a_border_that_end_on_its_other_side_propose_the_border(
    city: Connection,
) -> None:
    (border,) = find_bounces(city, EVERYTHING).report.borders
    assert border.key == Border("A2", "B1")
    assert sorted(border.case_nos) == ["E0", "W0", "W1", "W2"]
    assert border.bounced_by == {"OA": 3, "S2": 1}
    assert border.ended_with == {"S2": 3, "OA": 1}
    assert border.proposal == Proposal(Look.BORDER, 4, 4)


def test_a_matter_that_goes_one_way_proposes_the_duty_that_gave_it(city: Connection) -> None:
    found = find_bounces(city, EVERYTHING)
    (duty,) = [one for one in list_duties(city) if one.responder_code == "S1"]
    matters = {one.key: one for one in found.report.matters}
    told = matters[Matter("A", "E1")]
    assert (told.cases, told.at_borders) == (7, 3)
    assert told.proposal == Proposal(Look.DUTY, 3, 4, "S1", "H", (duty.id,))
    assert found.letters[duty.id] == "17号"
    assert matters[Matter("A", "E2")].is_small
    assert matters[Matter("A", "E2")].proposal is None
    assert found.areas["A"] == "A"


def test_how_near_a_border_is_can_be_said(city: Connection) -> None:
    near = replace(EVERYTHING, reach_m=5.0)
    assert find_bounces(city, near).report.borders == ()
    with pytest.raises(InputError, match="give metres from 0 to 1000"):
        find_bounces(city, replace(EVERYTHING, reach_m=float("nan")))


def test_matters_are_told_by_the_level_asked_for(city: Connection) -> None:
    found = find_bounces(city, replace(EVERYTHING, level="cell"))
    assert Matter("A1", "E1") in {one.key for one in found.report.matters}
    with pytest.raises(NotFoundError):
        find_bounces(city, replace(EVERYTHING, level="planet"))


@pytest.mark.parametrize(("days", "bounces"), [(-1, 0), (0, 9)])
def test_a_period_has_its_own_bounces(city: Connection, days: int, bounces: int) -> None:
    until = NOW + timedelta(days=days, seconds=1)
    assert find_bounces(city, replace(EVERYTHING, until=until)).report.bounces == bounces
    since = NOW + timedelta(seconds=1)
    assert find_bounces(city, replace(EVERYTHING, since=since)).report.bounces == 0


def test_a_limit_to_an_area_leaves_the_others_out(city: Connection) -> None:
    found = find_bounces(city, replace(EVERYTHING, within=("street", "B")))
    assert [row.case_no for row in found.rows] == ["E0"]


def test_a_list_tells_who_bounced_what_waits(city: Connection) -> None:
    some = cases_by_no(city, ["M0", "M3"])
    assert names_of(city, list(some.values())).bounced_by == {"M3": "S1"}


def test_the_other_side_is_judged_by_the_rules_of_the_deployment(city: Connection) -> None:
    put_categories(
        city, [Category("E1", "井盖", None, CategoryClass.COMPONENT, class_code="0101")]
    )
    # Five metres north of the cases at the border.
    covers = [shapely.Point(lon, lat + 4.5e-5) for lon, lat in (WEST_OF_B1, EAST_OF_A2)]
    stated = [Component(code, "0101", owner_code="H") for code in ("K1", "K2")]
    put_components(city, stated, objects(*covers))
    (border,) = find_bounces(city, EVERYTHING).report.borders
    assert border.proposal is None
    rules = replace(EVERYTHING.rules, component_m=1.0)
    (border,) = find_bounces(city, replace(EVERYTHING, rules=rules)).report.borders
    assert border.proposal == Proposal(Look.BORDER, 4, 4)
