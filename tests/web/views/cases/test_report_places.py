"""What the form of a report is told before it is sent: areas, who gets it, roads, warnings."""

import re
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.areas.surroundings import RoadSegment, Zone, ZoneKind
from gridmgmt.domain.responsibility.component import Component, ComponentState
from gridmgmt.services.cases.actions import assign, bounce
from gridmgmt.store.cases.cases import cases_by_no, get_case
from gridmgmt.store.responsibility.components import put_components
from gridmgmt.store.responsibility.road_segments import put_road_segments
from gridmgmt.store.responsibility.zones import put_zones
from tests.services.answering import objects
from tests.services.bounce_city import act
from tests.services.case_city import A1, A2, B1, FAR_AWAY
from tests.web.conftest import Login, csrf_of

BOX = {"west": "120.15", "south": "30.25", "east": "120.17", "north": "30.255"}


@pytest.fixture
def roads(city: Engine) -> Engine:
    """A road along A1 and one along B1, and a lamp in each of these cells."""
    lines = [
        shapely.MultiLineString([[(lon - 0.002, lat + 0.0003), (lon + 0.002, lat + 0.0003)]])
        for lon, lat in (A1, B1)
    ]
    lamps = [shapely.Point(A1[0] + 0.0001, A1[1]), shapely.Point(*B1)]
    removed = Component("L-3", "0101", "旧灯", state=ComponentState.REMOVED)
    with city.begin() as conn:
        segments = [RoadSegment("R-A", "甲路", 15.0), RoadSegment("R-B", "乙路", 15.0)]
        put_road_segments(conn, segments, objects(*lines))
        stated = [Component("L-1", "0101", "一号灯"), Component("L-2", "0101"), removed]
        put_components(conn, stated, objects(*lamps, lamps[0]))
    return city


def told(client: FlaskClient, at: tuple[float, float], **more: str) -> Any:
    query = {"lon": str(at[0]), "lat": str(at[1]), **more}
    answer = client.get("/cases/new/preview.json", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_area_is_told_at_once_and_who_gets_it_with_the_category(
    city: Engine, login: Login
) -> None:
    client = login("collector")
    before = told(client, A1)
    assert (before["place"], before["who"], before["warnings"]) == ("属：A / A1", "", [])
    assert told(client, A1, category="E1")["who"] == "由一中队主办：依据17号"
    assert told(client, B1, category="E1")["who"] == "由二中队主办"
    # Nobody has a duty there, but the office of the street.
    assert told(client, A2, category="E1")["who"] == "由A街道办主办"


def test_what_is_told_is_what_becomes_of_the_report(city: Engine, login: Login) -> None:
    client = login("acceptor")
    for number, at in enumerate((A1, A2, B1)):
        lon, lat = map(str, at)
        said = told(client, at, category="E1", reported_at="2026-03-05T08:30")["who"]
        given = {"category": "E1", "lon": lon, "lat": lat, "case_no": f"P{number}"}
        given |= {"reported_at": "2026-03-05T08:30"}
        given["csrf_token"] = csrf_of(client.get("/cases/new").text)
        page = client.post("/cases/new", data=given, follow_redirects=True).text
        assert said in page
        with city.connect() as conn:
            assert cases_by_no(conn, [f"P{number}"])


def test_a_position_where_no_case_arises_is_explained(city: Engine, login: Login) -> None:
    client = login("collector")
    far = told(client, FAR_AWAY, category="E1")
    assert (far["place"], far["who"], far["address"]) == ("", "", "")
    assert far["warnings"] == ["该位置在本市网格范围之外，无主办单位。位置有误请移动图钉。"]
    early = told(client, A1, category="E1", reported_at="1999-01-01T08:00")
    assert "尚无生效的网格版本" in early["warnings"][0]
    with city.begin() as conn:
        zone = Zone("Z1", ZoneKind.VENDOR, "早市")
        put_zones(
            conn, [zone], objects(shapely.MultiPolygon([shapely.Point(A1).buffer(0.001)]))
        )
    assert "固定摊点群" in told(client, A1, category="E1")["warnings"][0]


def test_a_position_that_is_too_inaccurate_is_decided_by_a_person(
    city: Engine, login: Login
) -> None:
    found = told(login("collector"), (120.1549, 30.2525), category="E1", accuracy_m="900")
    assert found["who"] == ""
    assert "由派遣员确定主办单位" in found["warnings"][0]


def test_an_address_is_proposed_from_areas_roads_and_components(
    roads: Engine, login: Login
) -> None:
    client = login("collector")
    assert told(client, A1)["address"] == "A 甲路，一号灯附近"
    assert told(client, B1)["address"] == "B 乙路", "a lamp without a name says nothing"
    assert told(client, A2)["address"] == "A"


def test_an_account_of_one_area_learns_nothing_of_others(roads: Engine, login: Login) -> None:
    client = login("collector", area=("street", "A"))
    assert told(client, A1, category="E1")["who"] == "由一中队主办：依据17号"
    outside = told(client, B1, category="E1")
    assert (outside["place"], outside["who"], outside["address"]) == ("", "", "")
    assert "不在您的辖区内" in outside["warnings"][0]
    # The same words as where there is no city at all.
    assert told(client, FAR_AWAY, category="E1") == outside
    found = client.get("/cases/new/places.json", query_string=BOX).json
    assert {one["properties"]["label"] for one in found["features"]} == {"甲路", "一号灯"}


def test_roads_and_components_in_view_are_shown(roads: Engine, login: Login) -> None:
    client = login("collector")
    found = client.get("/cases/new/places.json", query_string=BOX).json
    labels = [
        (one["properties"]["class"], one["properties"]["label"]) for one in found["features"]
    ]
    assert labels == [
        ("road_segment", "甲路"),
        ("road_segment", "乙路"),
        ("place", "一号灯"),
        ("place", "L-2"),
    ]
    elsewhere = {"west": "1", "south": "1", "east": "2", "north": "2"}
    assert client.get("/cases/new/places.json", query_string=elsewhere).json["features"] == []


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"lon": "120"},
        {"lon": "x", "lat": "30"},
        {"lon": "999", "lat": "30"},
        {"lon": "120", "lat": "30", "accuracy_m": "far"},
        {"lon": "120", "lat": "30", "reported_at": "soon"},
    ],
)
def test_what_is_no_question_is_refused(
    city: Engine, login: Login, query: dict[str, str]
) -> None:
    client = login("collector")
    assert client.get("/cases/new/preview.json", query_string=query).status_code == 400
    assert client.get("/cases/new/places.json", query_string=query).status_code == 400


def test_a_category_nobody_knows_is_not_found(city: Engine, login: Login) -> None:
    query = {"lon": "120.15", "lat": "30.25", "category": "nothing"}
    answer = login("collector").get("/cases/new/preview.json", query_string=query)
    assert answer.status_code == 404


def test_who_reports_finds_places_but_no_cases_on_its_map(roads: Engine, login: Login) -> None:
    def found(client: FlaskClient, words: str) -> list[str]:
        query = {"q": words, "places": "1"}
        results = client.get("/map/search.json", query_string=query).json["results"]
        return [one["code"] for one in results]

    page = login("collector").get("/cases/new").text
    assert '"search": "/map/search.json?places=1\\u0026edition=1"' in page
    assert found(login("dispatcher"), "路") == ["R-A", "R-B"]
    assert found(login("dispatcher"), "C1") == []
    limited = login("collector", "li", area=("street", "A"))
    assert found(limited, "路") == ["R-A"]
    assert found(limited, "B1") == []


def test_who_reports_may_have_the_outlines_of_its_map(city: Engine, login: Login) -> None:
    page = login("collector").get("/cases/new").text
    assert "/map/shapes/{edition}/{level}/{zoom}.json" in page
    assert '"places": "/cases/new/places.json"' in page


def placed(client: FlaskClient, number: str, at: tuple[float, float]) -> Any:
    """What is told before a case is put somewhere."""
    query = {"lon": str(at[0]), "lat": str(at[1])}
    answer = client.get(f"/cases/{number}/placing.json", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def put(client: FlaskClient, number: str, at: tuple[float, float]) -> str:
    page = client.get(f"/cases/{number}").text
    (seen,) = re.findall(r'name="seen_seq" value="(\d+)"', page)[:1]
    given = {
        "seen_seq": seen,
        "csrf_token": csrf_of(page),
        "lon": str(at[0]),
        "lat": str(at[1]),
    }
    answer = client.post(f"/cases/{number}/place", data=given, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return client.get(f"/cases/{number}").text


@pytest.mark.parametrize("at", [A1, A2, B1])
def test_what_is_told_before_placing_is_what_becomes_of_the_case(
    city: Engine, login: Login, at: tuple[float, float]
) -> None:
    client = login("dispatcher")
    found = placed(client, "C5", at)
    assert found["place"].startswith("属：")
    assert found["warnings"] == []
    with city.connect() as conn:
        assert get_case(conn, "C5").location.area_code is None, "nothing was stored"
    assert found["who"] in put(client, "C5", at)
    assert found["who"].startswith("由")


def test_who_was_chosen_by_a_person_is_told_to_keep_the_case(
    city: Engine, login: Login
) -> None:
    with city.begin() as conn:
        assign(conn, act(conn, "C5"), responder_code="H", reason="急办")
    client = login("dispatcher")
    found = placed(client, "C5", A1)
    assert (found["place"], found["who"]) == ("属：A / A1", "由总街长主办：人工派遣")
    assert found["who"] in put(client, "C5", A1)


def test_a_case_that_was_returned_waits_where_its_own_unit_answers(
    city: Engine, login: Login
) -> None:
    with city.begin() as conn:
        bounce(conn, act(conn, "C1"), reason="不属于我队")
    client = login("dispatcher")
    here = placed(client, "C1", A1)
    assert here["who"] == ""
    assert here["warnings"] == ["可以提交，由派遣员确定主办单位：退单。"]
    assert placed(client, "C1", B1)["who"] == "由二中队主办"


def test_a_place_without_areas_or_out_of_sight_is_told_before_placing(
    city: Engine, login: Login
) -> None:
    far = placed(login("dispatcher"), "C5", FAR_AWAY)
    assert (far["place"], far["who"]) == ("", "")
    assert "网格范围之外" in far["warnings"][0]
    limited = login("dispatcher", "li", area=("street", "B"))
    outside = placed(limited, "C4", A1)
    assert (outside["place"], outside["who"]) == ("", "")
    assert "您此后看不到该案件" in outside["warnings"][0]


def test_a_position_is_chosen_in_one_way_on_every_page(city: Engine, login: Login) -> None:
    client = login("acceptor")
    form, case = client.get("/cases/new").text, client.get("/cases/C5").text
    for part in (
        'id="position-place"',
        "js/position_preview.js",
        "places.json",
        "/map/shapes/",
    ):
        assert part in form, part
        assert part in case, part
    assert 'data-url="/cases/C5/placing.json"' in case
    assert 'id="my-position"' not in case, "who dispatches sits elsewhere"
    assert re.search(r'<details class="action" id="place" open>', case)
    assert re.search(r'<details class="action" id="place">', client.get("/cases/C1").text)
    assert "position-place" not in login("commander").get("/cases/C5").text
