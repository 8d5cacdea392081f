import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.component import Component, ComponentState
from gridmgmt.services.responsibility.component_lists import PAGE_ROWS
from gridmgmt.store.responsibility.components import list_components, put_components
from tests.services.answering import objects
from tests.services.case_city import A1, A2, B1, NOW, case_file, row, take_in
from tests.web.conftest import Login
from tests.web.views.responsibility.test_duties import text_of
from tests.web.views.responsibility.test_layer_imports import post, send

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def register(city: Engine, tmp_path) -> Engine:
    """Two covers and a stop, of category E1 and E2, and a case tied to the first."""
    stated = [
        Component("K1", "E1", "一号井盖", "S2", "二中队", state=ComponentState.DAMAGED),
        Component("K2", "E1", HOSTILE, "WATER", "水务公司"),
        Component("P1", "E2", "站亭", "S1", state=ComponentState.REMOVED),
    ]
    points = objects(*(shapely.Point(at) for at in (A1, B1, A2)))
    with city.begin() as conn:
        put_components(conn, stated, points)
        report = take_in(conn, case_file(tmp_path, [row("T1", A1)]), now=NOW)
        assert report.new == 1
    return city


@pytest.fixture
def planner(register: Engine, login: Login) -> FlaskClient:
    client = login("planner")
    client.get("/?lang=en")
    return client


def test_the_register_is_listed_with_classes_units_and_states(planner: FlaskClient) -> None:
    said = text_of(planner.get("/components").text)
    assert "3 components" in said
    assert "占道 (2)" in said
    assert "K1 一号井盖 占道 E1 二中队 S2" in said
    assert "水务公司 WATER" in said
    assert "removed" in said


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("class=E2", ["P1"]),
        ("q=井盖", ["K1"]),
        ("q=k", ["K1", "K2"]),
        ("unit=S2", ["K1"]),
        ("q=%25", []),
        ("class=none", []),
        ("after=K1", ["K2", "P1"]),
    ],
)
def test_it_is_narrowed(planner: FlaskClient, query: str, codes: list[str]) -> None:
    page = planner.get(f"/components?{query}").text
    assert [code for code in ("K1", "K2", "P1") if f"/components/{code}" in page] == codes


def test_long_registers_come_page_by_page(register: Engine, planner: FlaskClient) -> None:
    more = [Component(f"X{i:03d}", "E1") for i in range(PAGE_ROWS)]
    with register.begin() as conn:
        put_components(conn, more, objects(*[shapely.Point(A1)] * len(more)))
    first = planner.get("/components").text
    assert "after=X046" in first
    rest = planner.get("/components?after=X046").text
    assert "/components/X049" in rest
    assert "To the beginning" in rest


def test_one_component_tells_who_gets_its_cases(planner: FlaskClient) -> None:
    first = planner.get("/components/K1").text
    assert "Cases about it go to 二中队." in text_of(first)
    assert "/cases?component=K1" in first
    assert "go by the duties of the place" in text_of(planner.get("/components/K2").text)
    assert "no case is tied to it any more" in text_of(planner.get("/components/P1").text)
    assert HOSTILE not in planner.get("/components/K2").text
    assert planner.get("/components/nowhere").status_code == 404


def test_its_map_shows_it_and_its_area(planner: FlaskClient) -> None:
    (point,) = planner.get("/components/K1/position.json").get_json()["features"]
    assert tuple(point["geometry"]["coordinates"]) == A1
    (area,) = planner.get("/components/K1/area.json").get_json()["features"]
    assert area["properties"]["label"] == "A1"


def test_an_account_limited_to_a_street_sees_its_components_only(
    register: Engine, login: Login
) -> None:
    limited = login("planner", "limited", area=("street", "B"))
    page = limited.get("/components?lang=en").text
    assert "/components/K2" in page
    assert "/components/K1" not in page
    assert "1 components" in text_of(page)
    assert "占道 (1)" in text_of(page)
    for path in ("K1", "K1/position.json", "K1/area.json"):
        assert limited.get(f"/components/{path}").status_code == 404


def test_a_case_shows_its_component_in_words_and_on_its_map(planner: FlaskClient) -> None:
    page = planner.get("/cases/T1").text
    assert '<a href="/components/K1">一号井盖' in page
    assert "It is tied to component 一号井盖 (K1)" in text_of(page)
    assert "/cases/T1/components.json" in page
    (shown,) = planner.get("/cases/T1/components.json").get_json()["features"]
    assert shown["properties"] == {"label": "一号井盖 K1", "href": "/components/K1"}
    assert "components.json" not in planner.get("/cases/C3").text


def test_cases_tied_to_a_component_are_a_list(planner: FlaskClient) -> None:
    page = planner.get("/cases?component=K1").text
    assert "Cases tied to component K1" in text_of(page)
    assert "/cases/T1" in page
    assert "/cases/C3" not in page
    assert "No case matches" in planner.get("/cases?component=K2").text


def test_a_register_is_taken_in_by_the_pages(register: Engine, login: Login) -> None:
    officer = login("gis_officer")
    officer.get("/?lang=en")
    text = (
        "ObjID,class,ObjName,DeptCode2,lon,lat\n"
        "K1,E1,新井盖,S1,120.1525,30.2525\n"
        "K9,E2,牌,GAS,120.16,30.25\n"
    )
    columns = send(officer, "components", text.encode(), "register.csv", crs="EPSG:4490")
    assert "ObjID" in columns.text
    preview = post(officer, columns.text)
    said = text_of(preview.text)
    assert "New 1" in said
    assert "Changed 1" in said
    assert "1 component(s) name only units that are not responders" in said
    applied = post(officer, preview.text)
    assert applied.location == "/components"
    with register.connect() as conn:
        found = {one.code: one for one in list_components(conn)[0]}
    assert (found["K1"].name, found["K1"].state) == ("新井盖", ComponentState.DAMAGED)
    assert found["K9"].owner_code == "GAS"
