import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.services.accounts import displays
from gridmgmt.store.schema import cases
from gridmgmt.store.situation.density_breaks import list_breaks
from tests.services.map_city import make_map_city
from tests.web.conftest import Login
from tests.web.views.situation.test_map import configuration

SHAPES = "/map/shapes/2/cell/far.json"
FIGURES = "/map/figures.json?edition=2&level=cell&from=2026-01-01&to=2026-03-31"
DENSITY = "/map/density.json?edition=2&from=2026-01-01&to=2026-03-31&bandwidth_m=200"
DEMOLITIONS = "/map/demolitions.json?from=2026-01-01&to=2026-03-31"
TIMELINE = "/map/timeline.json?step=week"
SEARCH = "/map/search.json?q=A"
EVERYTHING = (SHAPES, FIGURES, DENSITY, DEMOLITIONS, TIMELINE, SEARCH)


@pytest.fixture
def map_city(engine: Engine, tmp_path: Path) -> Engine:
    with engine.begin() as conn:
        make_map_city(conn, tmp_path, cases=60)
    return engine


@pytest.fixture
def commander(map_city: Engine, login: Login) -> FlaskClient:
    return login("commander")


def read(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    told: dict[str, Any] = json.loads(answer.get_data())
    return told


def test_nobody_gets_the_map_without_logging_in(client: FlaskClient) -> None:
    assert {client.get(address).status_code for address in EVERYTHING} <= {303, 401}


def test_every_answer_comes_compressed_to_who_takes_it(commander: FlaskClient) -> None:
    for address in EVERYTHING:
        packed = commander.get(address, headers={"Accept-Encoding": "gzip"})
        plain = commander.get(address, headers={"Accept-Encoding": "identity"})
        assert packed.headers.get("Content-Encoding") == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in packed.headers["Vary"]
        told = json.loads(gzip.decompress(packed.get_data()))
        assert told.keys() == json.loads(plain.get_data()).keys()


def test_outlines_are_asked_for_again_only_when_they_changed(commander: FlaskClient) -> None:
    answer = commander.get(SHAPES)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    tag = answer.headers["ETag"]
    again = commander.get(SHAPES, headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    version = tag.split('"')[1].split("-")[0]
    for_ever = commander.get(f"{SHAPES}?v={version}")
    assert for_ever.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    wrong = commander.get(f"{SHAPES}?v=another")
    assert wrong.headers["Cache-Control"] == "private, no-cache"


def test_figures_stand_in_the_order_of_the_outlines(commander: FlaskClient) -> None:
    shapes, figures = read(commander.get(SHAPES)), read(commander.get(FIGURES))
    assert set(figures) == {
        "edition",
        "level",
        "from",
        "to",
        "as_of",
        "category",
        "columns",
        "breaks",
        "elsewhere",
        "classes",
    }
    names = {"cases", "open", "overdue", "on_time", "late", "without_due", "provisional"}
    colours = {"shrunk_rate", "is_uncertain", "cases_per_km2"}
    assert set(figures["columns"]) == names | colours
    assert set(figures["breaks"]) == {"cases_per_km2", "on_time"}
    assert set(figures["breaks"]["cases_per_km2"]) == {"fixed", "fitted"}
    assert {len(column) for column in figures["columns"].values()} == {len(shapes["codes"])}
    elsewhere = figures["elsewhere"]
    assert elsewhere["outside_case_scope"] is False
    counted = sum(figures["columns"]["cases"])
    assert counted + elsewhere["unlocated"] + elsewhere["unlocated_here"] == 60


def test_a_density_fills_its_grid(commander: FlaskClient) -> None:
    told = read(commander.get(DENSITY))
    assert len(told["values"]) == told["rows"] * told["cols"]
    assert (told["unit"], told["days"], told["bandwidth_m"]) == ("cases/km²", 90, 200.0)


def test_structures_and_timeline_and_search_have_their_columns(commander: FlaskClient) -> None:
    told = read(commander.get(DEMOLITIONS))
    assert told["codes"] == ["D1", "D2"]
    assert told["standing"] == [False, True]
    assert told["days"] == ["2026-02-10", None]
    timeline = read(commander.get(TIMELINE))
    assert (timeline["step"], sum(timeline["cases"])) == ("week", 60)
    (first, *_) = read(commander.get(SEARCH))["results"]
    assert (first["kind"], first["level"], first["code"], first["label"]) == (
        "area",
        "street",
        "A",
        "A",
    )
    assert len(first["bounds"]) == 4


def test_without_a_period_the_thirty_days_up_to_the_last_case_are_shown(
    commander: FlaskClient,
) -> None:
    told = read(commander.get("/map/figures.json?level=street"))
    assert (told["from"], told["to"]) == ("2026-03-02", "2026-03-31")


def test_what_cannot_be_answered_is_said(commander: FlaskClient) -> None:
    wanted = {
        "/map/shapes/9/cell/far.json": 404,
        "/map/shapes/2/nope/far.json": 404,
        "/map/shapes/2/cell/middle.json": 404,
        "/map/shapes/99999999999/cell/far.json": 404,
        "/map/figures.json?edition=2&level=nope": 404,
        "/map/figures.json?edition=2": 404,
        "/map/figures.json?edition=two&level=cell": 400,
        "/map/figures.json?level=cell&from=2026-02-30": 400,
        "/map/figures.json?level=cell&from=2026-03-02&to=2026-03-01": 400,
        "/map/figures.json?level=cell&to=9999-12-31": 400,
        "/map/figures.json?level=cell&from=0001-01-01&to=0001-01-02": 400,
        "/map/density.json?bandwidth_m=1": 400,
        "/map/density.json?bandwidth_m=nan": 400,
        "/map/density.json?edition=7": 404,
        "/map/timeline.json?step=hour": 400,
    }
    assert {one: commander.get(one).status_code for one in wanted} == wanted


def test_an_account_limited_to_a_street_gets_that_street_only(
    map_city: Engine, login: Login, commander: FlaskClient
) -> None:
    chief = login("street_chief", "chief_of_a", area=("street", "A"))
    shapes, figures = read(chief.get(SHAPES)), read(chief.get(FIGURES))
    assert shapes["codes"] == ["A1", "A2", "A3", "A4", "A5"]
    assert len(figures["columns"]["cases"]) == 5
    assert figures["elsewhere"]["outside_case_scope"] is True
    assert figures["elsewhere"]["unlocated"] == 0
    everything = read(commander.get(FIGURES))
    assert figures["columns"]["cases"] == everything["columns"]["cases"][:5]
    assert sum(read(chief.get(TIMELINE))["cases"]) < 60
    assert read(chief.get(DEMOLITIONS))["codes"] == ["D1"]
    assert {
        one["code"][0] for one in read(chief.get("/map/search.json?q=B"))["results"]
    } == set()
    # The outlines of the two accounts do not share a name in any cache.
    assert chief.get(SHAPES).headers["ETag"] != commander.get(SHAPES).headers["ETag"]


def test_a_responder_gets_the_figures_of_its_own_cases(map_city: Engine, login: Login) -> None:
    squad = login("responder", "squad_2", responder_code="S2")
    figures = read(squad.get(FIGURES))
    shown = sum(figures["columns"]["cases"]) + figures["elsewhere"]["unlocated_here"]
    with map_city.connect() as conn:
        own = conn.exec_driver_sql(
            "SELECT count(*) FROM cases WHERE responder_code = 'S2'"
        ).scalar_one()
    assert shown == own > 0


@pytest.mark.parametrize("role", ["gis_officer", "administrator"])
def test_who_sees_the_map_but_no_case_gets_figures_and_finds_no_case(
    map_city: Engine, login: Login, role: str
) -> None:
    somebody = login(role)
    figures = read(somebody.get(FIGURES))
    assert sum(figures["columns"]["cases"]) > 0
    assert read(somebody.get("/map/search.json?q=M00"))["results"] == []


def at_point(told: dict[str, Any], lon: float, lat: float) -> float:
    """Return the density of the pixel around a point."""
    column = int((lon - told["west"]) / (told["east"] - told["west"]) * told["cols"])
    row = int((told["north"] - lat) / (told["north"] - told["south"]) * told["rows"])
    value: int = told["values"][row * told["cols"] + column]
    return value * float(told["scale"])


def test_commander_and_street_chief_read_one_density_at_one_point(
    map_city: Engine, login: Login, commander: FlaskClient
) -> None:
    chief = login("street_chief", "chief_of_a", area=("street", "A"))
    whole, part = read(commander.get(DENSITY)), read(chief.get(DENSITY))
    for lon, lat in ((120.1516, 30.2516), (120.1560, 30.2570), (120.1602, 30.2530)):
        assert at_point(part, lon, lat) == at_point(whole, lon, lat) > 0
    assert len(part["values"]) < len(whole["values"])
    assert part["bandwidth_m"] == whole["bandwidth_m"]
    assert part["classes"]["fixed"] == whole["classes"]["fixed"]
    # How many cases there are elsewhere is not for the chief.
    assert (part["cases"], part["at_default"]) == (None, None)


def test_who_answers_its_own_cases_is_told_why_it_sees_no_density(
    map_city: Engine, login: Login
) -> None:
    squad = login("responder", "squad", responder_code="S1")
    answer = squad.get(DENSITY, headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert "all cases of the city" in answer.get_json()["message"]
    told = configuration(squad.get("/map").text)
    assert "全市全部案件" in told["no_density"]
    assert told["state"]["layer"] == "cases"
    assert configuration(login("commander").get("/map").text)["no_density"] is None


BOX = "west=120.15&south=30.25&east=120.172&north=30.261"
CASES = f"/map/cases.json?from=2026-01-01&to=2026-03-31&{BOX}"


def test_single_cases_are_those_of_the_list_with_nothing_personal(
    map_city: Engine, login: Login, commander: FlaskClient
) -> None:
    told = read(commander.get(CASES))
    assert set(told) == {"total", "numbers", "lon", "lat", "categories", "states"}
    assert told["total"] == len(told["numbers"]) == len(set(told["numbers"])) > 20
    assert set(told["states"]) <= {"open", "overdue", "done"}
    listed = commander.get("/cases?from=2026-01-01&to=2026-03-31&size=500").text
    assert all(number in listed for number in told["numbers"][:20])
    of_category = read(commander.get(f"{CASES}&category=E2"))
    assert set(of_category["categories"]) == {"E2"}
    chief = login("street_chief", "chief_of_a", area=("street", "A"))
    seen = set(read(chief.get(CASES))["numbers"])
    assert seen < set(told["numbers"])
    squad = login("responder", "squad", responder_code="S1")
    own = read(squad.get(CASES))["numbers"]
    assert own
    assert {squad.get(f"/cases/{number}").status_code for number in own} == {200}
    assert login("gis_officer").get(CASES).status_code == 403


@pytest.mark.parametrize(
    "box",
    [
        "west=120&south=30&east=121&north=30.1",
        "west=120.2&south=30&east=120.1&north=30.1",
        "west=120&south=30&east=120.1",
        "west=120&south=30&east=x&north=30.1",
    ],
)
def test_a_box_of_single_cases_is_a_near_view(commander: FlaskClient, box: str) -> None:
    assert commander.get(f"/map/cases.json?{box}").status_code == 400


def test_before_the_first_edition_there_is_nothing_to_show(login: Login) -> None:
    assert login("commander").get("/map/density.json").status_code == 409


def test_a_wall_screen_is_shown_the_classes_though_it_stores_nothing(
    app: Flask, map_city: Engine
) -> None:
    with map_city.begin() as conn:
        # January is a full month: its first day has a case.
        first = sa.select(sa.func.min(cases.c.case_no)).scalar_subquery()
        new_year = {"reported_at": datetime(2026, 1, 1, 1, tzinfo=UTC)}
        conn.execute(cases.update().where(cases.c.case_no == first).values(new_year))
        made = displays.create(conn, "大厅", area=None, actor="a test", now=datetime.now(UTC))
    screen = app.test_client()
    screen.get(f"/display/{made.secret}")
    april = "edition=2&level=cell&from=2026-04-01&to=2026-04-30"
    shown = read(screen.get(f"/map/figures.json?{april}"))["classes"]
    again = read(screen.get(f"/map/figures.json?{april}&open=1"))["classes"]
    assert (shown["months"], shown) == (3, again)
    with map_city.connect() as conn:
        assert list_breaks(conn) == []
    assert screen.get(CASES).status_code == 303
