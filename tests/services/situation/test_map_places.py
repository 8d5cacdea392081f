"""The map's structures, its timeline and its search."""

from datetime import date
from pathlib import Path

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.areas.surroundings import RoadSegment
from gridmgmt.errors import NotFoundError
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.situation.map_demolitions import demolitions
from gridmgmt.services.situation.map_search import search
from gridmgmt.services.situation.map_timeline import TimeStep, timeline
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.responsibility.road_segments import put_road_segments
from tests.services.answering import objects
from tests.services.case_city import A1, B1, SHANGHAI
from tests.services.map_city import ALL, make_map_city


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_map_city(conn, tmp_path, cases=120)
    return conn


def test_structures_have_a_footprint_or_a_point(city: Connection) -> None:
    found = demolitions(city, ALL)
    assert [one.code for one in found.structures] == ["D1", "D2"]
    assert [len(one) for one in found.polygons] == [1, 1]
    from_april = demolitions(city, type(ALL)(date(2026, 4, 1), date(2026, 4, 30), SHANGHAI))
    assert [one.code for one in from_april.structures] == ["D2", "D3"]
    assert from_april.polygons[1] == []
    (x, y), origin = from_april.points[1] or (0, 0), from_april.origin
    assert origin[0] + x * from_april.unit == pytest.approx(120.1531, abs=1e-6)
    assert origin[1] + y * from_april.unit == pytest.approx(30.2531, abs=1e-6)


def test_structures_of_one_area_lie_in_it(city: Connection) -> None:
    found = demolitions(city, ALL, edition=2, area=("street", "B"))
    assert [one.code for one in found.structures] == ["D2"]


@pytest.mark.parametrize("step", TimeStep)
def test_the_timeline_leaves_no_step_out_and_counts_every_case(
    city: Connection, step: TimeStep
) -> None:
    found = timeline(city, step, CaseFilter(), tz=SHANGHAI)
    assert sum(found.cases) == 120
    if step is TimeStep.MONTH:
        assert [start.isoformat()[:7] for start in found.starts] == [
            "2026-01",
            "2026-02",
            "2026-03",
        ]
    else:
        apart = {b - a for a, b in zip(found.starts[:-1], found.starts[1:], strict=True)}
        assert {gap.days for gap in apart} == {1 if step is TimeStep.DAY else 7}
    if step is TimeStep.WEEK:
        assert {start.weekday() for start in found.starts} == {0}


def test_a_day_of_the_timeline_is_a_day_of_the_bureau(conn: Connection, tmp_path: Path) -> None:
    make_map_city(conn, tmp_path, cases=60)
    found = timeline(conn, TimeStep.MONTH, CaseFilter(category="E1"), tz=SHANGHAI)
    first, *_ = found.starts
    limited = timeline(
        conn,
        TimeStep.MONTH,
        CaseFilter(category="E1", case_scope=area_case_scope(conn, ("street", "A"))),
        tz=SHANGHAI,
    )
    assert first == date(2026, 1, 1)
    assert 0 < sum(limited.cases) < sum(found.cases)


def test_without_a_case_there_is_no_timeline(conn: Connection) -> None:
    found = timeline(conn, TimeStep.DAY, CaseFilter(), tz=SHANGHAI)
    assert (found.starts, found.cases) == ([], [])


def codes(conn: Connection, words: str, **limits: object) -> list[tuple[str, str]]:
    asked: dict[str, object] = {"edition": 2, "area": None, "cases": ALL_CASES, **limits}
    return [(one.kind, one.code) for one in search(conn, words, **asked)]  # type: ignore[arg-type]


def test_search_finds_areas_cases_and_structures(city: Connection) -> None:
    assert codes(city, "a5") == [("area", "A5")]
    assert codes(city, " D1 ") == [("demolition", "D1")]
    assert codes(city, "棚") == [("demolition", "D1"), ("demolition", "D2")]
    cases = codes(city, "M00")
    assert len(cases) == 10
    assert cases[0] == ("case", "M0000")
    (area, *_) = search(city, "A5", edition=2, area=None, cases=None)
    west, south, east, north = area.bounds
    assert west < area.lon < east
    assert south < area.lat < north


def test_the_best_match_comes_first(city: Connection) -> None:
    assert codes(city, "A", cases=None)[:2] == [("area", "A"), ("area", "A1")]


@pytest.mark.parametrize("words", ["", "  ", "%", "_", "\\", "\0", "' OR 1=1 --", "x" * 5_000])
def test_words_that_stand_nowhere_find_nothing(city: Connection, words: str) -> None:
    assert codes(city, words) == []


def test_search_stays_within_what_an_account_sees(city: Connection) -> None:
    street = ("street", "B")
    case_scope = area_case_scope(city, street)
    assert codes(city, "A", area=street, cases=case_scope) == []
    assert codes(city, "D", area=street, cases=case_scope) == [("demolition", "D2")]
    everywhere, there = codes(city, "M01"), codes(city, "M01", area=street, cases=case_scope)
    assert set(there) < set(codes(city, "M01", cases=ALL_CASES)) or len(everywhere) == 10
    assert codes(city, "M", cases=None) == []
    own = codes(city, "M", cases=CaseScope(responder_code="nobody"))
    assert own == []


def test_search_in_an_edition_that_is_not_there_finds_no_area(city: Connection) -> None:
    with pytest.raises(NotFoundError):
        codes(city, "A", edition=9, area=("street", "A"))


@pytest.fixture
def roads(city: Connection) -> Connection:
    """A road along A1 and one along B1."""
    lines = [
        shapely.MultiLineString([[(lon - 0.002, lat), (lon + 0.002, lat)]])
        for lon, lat in (A1, B1)
    ]
    segments = [RoadSegment("R1", "甲路", 15.0), RoadSegment("R2", "乙路", 15.0)]
    put_road_segments(city, segments, objects(*lines))
    return city


def test_search_finds_roads_by_name_and_code(roads: Connection) -> None:
    assert codes(roads, "甲") == [("road_segment", "R1")]
    assert codes(roads, "r", cases=None) == [("road_segment", "R1"), ("road_segment", "R2")]
    (road,) = search(roads, "乙路", edition=2, area=None, cases=None)
    west, south, east, north = road.bounds
    assert west <= road.lon <= east
    assert south == road.lat == north


def test_search_finds_roads_that_meet_the_area_of_an_account_only(roads: Connection) -> None:
    assert codes(roads, "路", area=("street", "A"), cases=None) == [("road_segment", "R1")]
    assert codes(roads, "路", area=("street", "B"), cases=None) == [("road_segment", "R2")]


def test_search_of_places_finds_neither_cases_nor_structures(roads: Connection) -> None:
    assert codes(roads, "M00", only_places=True) == []
    assert codes(roads, "棚", only_places=True) == []
    assert codes(roads, "路", only_places=True) == codes(roads, "路")
    assert codes(roads, "a5", only_places=True) == [("area", "A5")]
