"""Cases about components: tied to the nearest of their class, or left to a person."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.cases.case import GivenCase, UnroutedReason
from gridmgmt.domain.judging.explanation import explain
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.responsibility.component import Component, ComponentState
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.geometry.crs.crs import WGS84
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.services.cases import reports
from gridmgmt.services.cases.reports import Report
from gridmgmt.services.cases.stories import explain as explanation
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.components import put_components
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.zones import put_zones
from tests.factories import SOUTH, WEST, square
from tests.services.answering import make_city, objects

RULES = JudgingRules(ZoneInfo("Asia/Shanghai"))
NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
LON, LAT = WEST + 0.001, SOUTH + 0.001
COVER, STOP = "C0101-1", "C0204-1"


@pytest.fixture
def city(conn):
    make_city(conn)
    component = CategoryClass.COMPONENT
    put_categories(
        conn,
        [
            Category(COVER, "井盖", None, component, class_code="0101"),
            Category(STOP, "站亭", None, component, class_code="0204"),
            Category("E0101-1", "违建", None, CategoryClass.EVENT, class_code="0101"),
        ],
    )
    put_zones(conn, [Zone("Z1", ZoneKind.CAMPUS, "校区")], objects(multipolygon(square(0, 0))))
    add_duties(
        conn,
        [
            Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.ZONE, None, "Z1", None),
            Duty(0, "S1", DutyRole.ASSIST, DutyTarget.AREA, "street", "A", None),
            Duty(0, "S2", DutyRole.ASSIST, DutyTarget.AREA, "street", "A", None),
        ],
    )
    return conn


def east(metres):
    return LON + metres / float(metres_per_degree([LAT])[0][0])


def register(conn, **covers):
    """Register covers: how many metres east of the cases, and the owner or whatever is said."""
    stated, points = [], []
    for code, (metres, said) in covers.items():
        facts = said if isinstance(said, dict) else {"owner_code": said}
        stated.append(Component(code, **{"class_code": "0101", **facts}))
        points.append(shapely.Point(east(metres), LAT))
    put_components(conn, stated, objects(*points))


def report(conn, number, lon):
    cells = {
        "case_no": number,
        "category": COVER,
        "reported_at": NOON.isoformat(),
        "lon": str(lon),
        "lat": str(LAT),
    }
    reports.report(conn, Report(cells, "t", RULES, WGS84))


def judged_again(conn):
    return explanation(conn, "C1", rules=RULES, personal=False, actor="t")


def found(conn, wanted):
    return sorted(case.given.case_no for case in list_cases(conn, wanted, limit=100))


def judge(conn, category=COVER, *, lonlat=(LON, LAT), rules=RULES, **given):
    case = GivenCase("C1", category, NOON, *lonlat, **given)
    return Judge(conn, rules).judge_one(case, lonlat)


def test_the_owner_of_the_nearest_component_goes_before_a_zone(city):
    register(city, A=(4, "S1"), B=(9, "H"))
    judged = judge(city)
    assert judged.surroundings.components == (("A", 4.0), ("B", 9.0))
    decision = judged.decision
    assert (decision.responder, decision.rule, decision.component) == ("S1", "component", "A")
    assert decision.duty_ids == ()


def test_who_assists_and_oversees_comes_from_the_duties(city):
    register(city, A=(4, "S1"))
    decision = judge(city).decision
    assert (decision.assistants, decision.overseers) == (("S2",), ("CA", "H"))


@pytest.mark.parametrize(("away_m", "rule"), [(15.0, "component"), (15.001, "zone")])
def test_the_reach_is_inclusive(city, away_m, rule):
    register(city, A=(away_m, "S1"))
    judged = judge(city)
    assert judged.decision.rule == rule
    assert bool(judged.surroundings.components) == (rule == "component")


def test_a_deployment_sets_the_reach(city):
    register(city, A=(20, "S1"))
    assert judge(city).decision.responder == "S2"
    wide = replace(RULES, component_m=20.0)
    assert judge(city, rules=wide).decision.responder == "S1"


@pytest.mark.parametrize("category", [STOP, "E0101-1", "E1", "X9"])
def test_components_of_another_class_do_not_count(city, category):
    register(city, A=(1, "S1"))
    judged = judge(city, category)
    assert (judged.surroundings.components, judged.decision.rule) == ((), "zone")


def test_a_category_that_is_a_class_by_its_own_code_has_its_components(city):
    register(city, A=(1, {"class_code": "E1", "owner_code": "S1"}))
    assert judge(city, "E1").decision.component == "A"


def test_a_removed_component_is_out_of_the_question(city):
    register(city, A=(1, {"owner_code": "S1", "state": ComponentState.REMOVED}))
    assert judge(city).surroundings.components == ()


@pytest.mark.parametrize(
    ("apart_m", "accuracy_m", "rules"),
    [(1.0, None, RULES), (5.0, 5.0, RULES), (3.0, 1.0, replace(RULES, candidate_m=3.0))],
)
def test_two_owners_that_cannot_be_told_apart_wait_for_a_person(
    city, apart_m, accuracy_m, rules
):
    register(city, A=(2, "S2"), B=(2 + apart_m, "S1"))
    judged = judge(city, accuracy_m=accuracy_m, rules=rules)
    decision = judged.decision
    assert (decision.responder, decision.reason) == (None, UnroutedReason.SEVERAL_DISPOSERS)
    assert (decision.rule, decision.disposers) == ("component", ("S1", "S2"))
    assert decision.component is None
    assert [code for code, _ in judged.surroundings.components] == ["A", "B"]


def test_two_owners_that_can_be_told_apart_are_none(city):
    register(city, A=(2, "S2"), B=(3.001, "S1"))
    assert judge(city).decision.component == "A"


def test_two_components_of_one_owner_are_no_question(city):
    register(city, A=(2, "S1"), B=(2, {"maintainer_code": "S1"}))
    assert (judge(city).decision.component, judge(city).decision.responder) == ("A", "S1")


def test_a_component_whose_units_are_unknown_is_told_and_decides_nothing(city):
    register(city, A=(2, "WATER"), B=(9, "S1"))
    decision = judge(city).decision
    assert (decision.responder, decision.rule, decision.component) == ("S2", "zone", "A")


def test_beside_one_that_has_an_owner_it_does_not_count(city):
    register(city, A=(2, "WATER"), B=(2.5, "S1"))
    assert judge(city).decision.component == "B"


def test_the_first_unit_that_is_a_responder_disposes(city):
    units = {"owner_code": "WATER", "maintainer_code": "H", "manager_code": "S1"}
    register(city, A=(1, units))
    assert judge(city).decision.responder == "H"
    register(city, A=(1, {**units, "owner_code": "S1"}))
    assert judge(city).decision.responder == "S1"


def test_the_same_distance_goes_by_the_smaller_code(city):
    register(city, B=(-3, "S1"), A=(3, "S1"))
    judged = judge(city)
    assert judged.surroundings.components == (("A", 3.0), ("B", 3.0))


def test_cases_are_found_by_the_component_they_are_tied_to(city):
    register(city, A=(0, "S1"), B=(40, "S1"))
    for number, metres in (("C1", 1), ("C2", 3), ("C3", 39), ("C4", 20)):
        report(city, number, east(metres))
    tied = {code: found(city, CaseFilter(component=code)) for code in ("A", "B", "none")}
    assert tied == {"A": ["C1", "C2"], "B": ["C3"], "none": []}


def test_the_explanation_tells_the_component_and_its_replay_gives_the_same(city):
    register(city, A=(4.2, {"name": "公交站", "owner_code": "S1"}))
    report(city, "C1", LON)
    told = judged_again(city)
    sentences = explain("C1", told.trace, told.names, "en")
    assert "Component 公交站 (A), of the class it is about, is 4.2 m away." in sentences
    assert told.trace["settings"]["component_m"] == 15.0
    assert told.replay.is_same
    register(city, A=(4.2, {"name": "公交站", "owner_code": "H"}))
    again = judged_again(city)
    assert ("responder", "S1", "H") in again.replay.differences
    assert again.replay.duty_changes == ()


def test_a_trace_from_before_components_is_still_told_and_replayed(city):
    report(city, "C1", LON)
    city.execute(sa.text("UPDATE cases SET trace = trace #- '{settings,component_m}'"))
    told = judged_again(city)
    assert explain("C1", told.trace, told.names, "en")
    assert told.replay.is_same


def test_a_case_without_a_position_or_outside_is_not_tied(city):
    register(city, A=(0, "S1"))
    case = GivenCase("C1", COVER, NOON)
    judged = Judge(city, RULES).judge_one(case, None)
    assert (judged.surroundings, judged.decision.component) == (None, None)


def test_the_nearest_is_what_brute_force_finds(city):
    rng = np.random.default_rng(7)
    n = 300
    lon, lat = LON + rng.uniform(0, 0.002, n), LAT + rng.uniform(0, 0.002, n)
    classes = rng.choice(["0101", "0204"], n)
    codes = [f"K{i:03d}" for i in range(n)]
    stated = [
        Component(code, str(kind), owner_code="S1")
        for code, kind in zip(codes, classes, strict=True)
    ]
    put_components(city, stated, objects(*shapely.points(lon, lat)))
    for _ in range(40):
        x, y = LON + rng.uniform(0, 0.002), LAT + rng.uniform(0, 0.002)
        found = judge(city, STOP, lonlat=(x, y)).surroundings.components
        m_lon, m_lat = metres_per_degree([y])
        away = np.hypot((lon - x) * m_lon[0], (lat - y) * m_lat[0])
        wanted = sorted(
            (round(float(away[i]), 3), codes[i])
            for i in np.flatnonzero((classes == "0204") & (away <= 15))
        )
        assert [(metres, code) for code, metres in found] == wanted
