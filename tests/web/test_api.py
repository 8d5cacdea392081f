import json
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.services.accounts import accounts, counted_attempts, tokens
from gridmgmt.settings import Settings
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.schema import audit_log
from tests.factories import make_edition, make_level, two_streets
from tests.services.case_city import A1, B1, FAR_AWAY
from tests.web.conftest import PASSWORD, Login
from web import create_app
from web.door import bearer


class Program:
    """Calls the API with a token."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query: object) -> TestResponse:
        return self.client.get(f"/api/v1{path}", query_string=query, headers=self.headers)

    def post(self, path: str, data: Any) -> TestResponse:
        return self.client.post(f"/api/v1{path}", json=data, headers=self.headers)


def program(app: Flask, engine: Engine, role: str, name: str = "", **limits: Any) -> Program:
    now = datetime.now(UTC)
    with engine.begin() as conn:
        account = accounts.create(
            conn, name or role, role, PASSWORD, must_change=False, actor="t", **limits
        )
        secret = tokens.create(conn, account, "a test", days=1, now=now).secret
    return Program(app.test_client(), secret)


@pytest.fixture
def chief(app: Flask, city: Engine) -> Program:
    return program(app, city, "duty_chief")


def numbers(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["case_no"] for one in answer.get_json()["cases"]]


def actions(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(
            conn.execute(sa.select(audit_log.c.action).order_by(audit_log.c.id)).scalars()
        )


# Who is let in


def test_without_a_token_every_operation_answers_401_in_json(
    app: Flask, login: Login, city: Engine
) -> None:
    paths = ["cases", "cases/C1", "cases/C1/explanation", "areas", "areas/cell/A1", "locate"]
    for client in (app.test_client(), login("administrator"), login("duty_chief")):
        for path in paths:
            answer = client.get(f"/api/v1/{path}")
            assert answer.status_code == 401, path
            assert answer.get_json()["status"] == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert client.post("/api/v1/cases", json={"category": "E1"}).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic dTpw", "Token {}", "Bearer {}x", "{}"]
)
def test_a_header_that_is_no_good_token_opens_nothing(chief: Program, header: str) -> None:
    secret = chief.headers["Authorization"].removeprefix("Bearer ")
    given = {"Authorization": header.replace("{}", secret)}
    assert chief.client.get("/api/v1/cases", headers=given).status_code == 401


def test_a_token_opens_no_page(chief: Program) -> None:
    answer = chief.client.get("/cases", headers=chief.headers)
    assert answer.status_code in {303, 404}


def test_a_disabled_account_is_out_at_once(chief: Program, city: Engine) -> None:
    assert chief.get("/cases").status_code == 200
    with city.begin() as conn:
        accounts.set_active(conn, "duty_chief", active=False, actor="t")
    assert chief.get("/cases").status_code == 401


def test_what_the_role_does_not_allow_answers_403(app: Flask, city: Engine) -> None:
    officer = program(app, city, "gis_officer")
    assert officer.get("/cases").status_code == 403
    assert officer.post("/cases", {"category": "E1"}).status_code == 403
    assert officer.get("/areas").status_code == 200
    squad = program(app, city, "responder", responder_code="S1")
    assert squad.get("/areas").status_code == 403


@pytest.mark.parametrize("most", [2, 600])
def test_a_token_used_too_often_waits(
    settings: Settings, engine: Engine, city: Engine, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    app = create_app(replace(settings, api_calls=most))
    chief = program(app, city, "duty_chief")
    limit, now = tokens.calls(most), datetime.now(UTC)

    class StoppedClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return now

    # Calls are counted minute by minute, and none must end between two of these.
    monkeypatch.setattr(bearer, "datetime", StoppedClock)
    with city.begin() as conn:
        for _ in range(most - 1):
            counted_attempts.count(conn, limit, "1", now=now)
    # A failing call counts as well as any.
    assert [chief.get("/cases/nothing").status_code for _ in range(2)] == [404, 429]
    answer = chief.get("/cases")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert answer.get_json()["status"] == 429
    assert program(app, city, "acceptor").get("/cases").status_code == 200
    app.extensions["gridmgmt"].engine.dispose()


# What is answered


def test_cases_are_listed_newest_first_a_page_at_a_time(chief: Program) -> None:
    assert numbers(chief.get("/cases")) == ["C5", "C4", "C3", "C2", "C1"]
    seen, after = [], {}
    while True:
        answer = chief.get("/cases", limit=2, **after).get_json()
        seen.append([one["case_no"] for one in answer["cases"]])
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert seen == [["C5", "C4"], ["C3", "C2"], ["C1"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "disposed"}, ["C2"]),
        ({"responder": "S1"}, ["C2", "C1"]),
        ({"area": "street:A"}, ["C3", "C2", "C1"]),
        ({"area": "cell:B1"}, ["C4"]),
        ({"unlocated": "true"}, ["C5"]),
        ({"status": "dispatched", "area": "cell:A1"}, ["C1"]),
        ({"responder": "nobody"}, []),
        (
            {"category": "E1", "from": "2026-03-02", "to": "2026-03-02"},
            ["C5", "C4", "C3", "C2", "C1"],
        ),
        ({"category": "E2"}, []),
        ({"from": "2026-03-03"}, []),
        ({"to": "2026-03-01"}, []),
    ],
)
def test_cases_are_filtered(chief: Program, query: dict[str, str], expected: list) -> None:
    assert numbers(chief.get("/cases", **query)) == expected


def test_a_case_is_read_with_what_happened_to_it(chief: Program) -> None:
    told = chief.get("/cases/C1").get_json()
    assert told["category"] == "E1"
    assert told["reported_at"] == "2026-03-02T09:30:00+08:00"
    assert told["position"] == {"lon": A1[0], "lat": A1[1]}
    assert (told["edition"], told["level"], told["area"]) == (1, "cell", "A1")
    assert told["responder"] == "S1"
    assert told["candidates"] == ["A1"]
    assert [event["kind"] for event in told["events"]] == ["reported"]


def test_an_explanation_tells_the_reason_in_both_languages(chief: Program) -> None:
    told = chief.get("/cases/C1/explanation").get_json()
    assert told["same_again"] is True
    assert told["trace"]["area"] == "A1"
    assert len(told["sentences"]["zh"]) == len(told["sentences"]["en"]) > 2
    assert "一中队" in "".join(told["sentences"]["zh"])
    assert "phones" not in told


def test_personal_data_are_left_out_unless_asked_for_and_then_audited(
    chief: Program, city: Engine
) -> None:
    before = actions(city)
    for path in ("/cases", "/cases/C1", "/cases/C1/explanation"):
        text = json.dumps(chief.get(path).get_json(), ensure_ascii=False)
        assert "坑洞" not in text
        assert "甲路" not in text
    assert actions(city) == before
    told = chief.get("/cases/C1", personal="true").get_json()
    assert (told["description"], told["address"]) == ("坑洞", "甲路1号")
    assert "phones" in chief.get("/cases/C1/explanation", personal="true").get_json()
    assert actions(city) == [*before, "read_personal", "read_personal"]


def test_personal_data_are_for_the_dispatching_roles_and_the_responder_of_the_case(
    app: Flask, city: Engine
) -> None:
    planner = program(app, city, "planner")
    assert planner.get("/cases/C1").status_code == 200
    assert planner.get("/cases/C1", personal="true").status_code == 403
    squad = program(app, city, "responder", responder_code="S1")
    assert squad.get("/cases/C1", personal="true").get_json()["description"] == "坑洞"


def test_the_cases_of_an_area_are_those_that_lie_in_it_under_an_edition(
    chief: Program, city: Engine
) -> None:
    before = {code: numbers(chief.get("/cases", area=f"street:{code}")) for code in "AB"}
    levels = two_streets()
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    levels["cell"] = make_level("cell", cells, parents=dict.fromkeys(cells, "B"))
    with city.begin() as conn:
        number = make_edition(conn, levels)
    assert before["A"]
    assert set(numbers(chief.get("/cases", area="street:B"))) == {*before["A"], *before["B"]}
    for code, edition, wanted in (("A", number, []), ("A", 1, before["A"])):
        found = numbers(chief.get("/cases", area=f"street:{code}", edition=edition))
        assert found == wanted
    assert chief.get("/cases", area="street:A", edition=99).status_code == 404


def test_what_is_out_of_sight_is_not_there(app: Flask, city: Engine) -> None:
    squad = program(app, city, "responder", "squad", responder_code="S2")
    assert numbers(squad.get("/cases")) == ["C4"]
    street = program(app, city, "dispatcher", "street", area=("street", "A"))
    assert numbers(street.get("/cases")) == ["C3", "C2", "C1"]
    # As of a street that is nowhere.
    assert street.get("/cases", area="street:B").status_code == 404
    for caller, case_no in ((squad, "C1"), (street, "C4"), (street, "C5")):
        assert caller.get(f"/cases/{case_no}").status_code == 404
        assert caller.get(f"/cases/{case_no}/explanation").status_code == 404
        assert caller.get("/cases", after=case_no).status_code == 400
    assert street.get("/areas/street/B").status_code == 404
    assert street.get("/areas/street/A").status_code == 200
    assert street.get("/locate", lon=B1[0], lat=B1[1]).status_code == 403
    assert {one["parent"] for one in street.get("/areas").get_json()["areas"]} <= {"A", None}
    streets = street.get("/areas", level="street").get_json()["areas"]
    assert [one["code"] for one in streets] == ["A"]


# Reporting


def test_a_case_is_reported_located_and_routed(chief: Program, city: Engine) -> None:
    given = {
        "case_no": "P-1",
        "category": "E1",
        "reported_at": "2026-03-02T09:30:00+08:00",
        "lon": A1[0],
        "lat": A1[1],
        "description": "乱堆物料",
        "channel": "热线",
    }
    answer = chief.post("/cases", given)
    assert answer.status_code == 201, answer.text
    told = answer.get_json()
    assert (told["area"], told["responder"], told["status"]) == ("A1", "S1", "dispatched")
    assert "description" not in told
    assert answer.headers["Location"] == "/api/v1/cases/P-1"
    assert chief.get("/cases/P-1", personal="true").get_json()["description"] == "乱堆物料"
    assert "report_case" in actions(city)


def test_a_report_that_comes_again_changes_nothing_and_another_content_is_refused(
    chief: Program,
) -> None:
    given = {"case_no": "P-1", "category": "E1", "reported_at": "2026-03-02T09:30:00+08:00"}
    assert chief.post("/cases", given).status_code == 201
    assert chief.post("/cases", given).status_code == 200
    refused = chief.post("/cases", {**given, "category": "E2"})
    assert refused.status_code == 409
    assert "category" in refused.get_json()["message"]


def test_a_report_without_number_and_time_gets_them(chief: Program) -> None:
    first = chief.post("/cases", {"category": "E1"}).get_json()
    second = chief.post("/cases", {"category": "E1"}).get_json()
    assert first["case_no"] != second["case_no"]
    assert first["unlocated_reason"] == "no_position"


def test_a_position_in_another_datum_is_brought_over(chief: Program) -> None:
    given = {"category": "E1", "lon": 120.15729, "lat": 30.24994, "crs": "gcj02"}
    told = chief.post("/cases", given).get_json()
    assert told["given"] == {"x": 120.15729, "y": 30.24994, "crs": "gcj02"}
    assert told["position"]["lon"] != given["lon"]


@pytest.mark.parametrize("case_no", ["2026/17", "a b", "a?b#c", "街-1", "%2F"])
def test_a_case_of_an_odd_number_is_found_where_its_address_says(
    chief: Program, case_no: str
) -> None:
    answer = chief.post("/cases", {"case_no": case_no, "category": "E1"})
    assert answer.status_code == 201, answer.text
    where = answer.headers["Location"].removeprefix("/api/v1")
    assert chief.get(where).get_json()["case_no"] == case_no
    assert chief.get(f"{where}/explanation").get_json()["case_no"] == case_no


@pytest.mark.parametrize("case_no", ["a//b", "..", "../x", "new"])
def test_a_number_that_cannot_stand_in_an_address_is_refused(
    chief: Program, case_no: str
) -> None:
    answer = chief.post("/cases", {"case_no": case_no, "category": "E1"})
    assert answer.status_code == 400
    assert "cannot stand in an address" in answer.text


@pytest.mark.parametrize(
    ("given", "status", "where"),
    [
        ({}, 422, "category"),
        ({"category": ""}, 422, "category"),
        ({"category": "E1", "lon": "x"}, 422, "lon"),
        ({"category": "E1", "lon": 1e300, "lat": 1}, 422, "lon"),
        ({"category": "E1", "planet": "Mars"}, 422, "planet"),
        ({"category": "E1", "closed_at": "2026-03-02T09:30:00Z"}, 422, "closed_at"),
        ({"category": "E1", "reported_at": "2026-03-02"}, 422, "reported_at"),
        ({"category": "E1", "reported_at": "2026-03-02T09:30:00"}, 422, "reported_at"),
        ({"category": "E1", "reported_at": "0001-01-01T00:00:00+14:00"}, 422, "reported_at"),
        ({"category": "E1", "description": "a\0b"}, 422, "description"),
        ({"category": "E1", "description": "\ud800"}, 422, "description"),
        ({"category": "E1", "lon": 120.1}, 400, None),
        ({"category": "nothing"}, 400, None),
        ({"category": "E1", "lon": 200, "lat": 100}, 400, None),
        ({"category": "E1", "lon": 120, "lat": 30, "crs": "/etc/passwd"}, 400, None),
        ({"category": "E1", "lon": 120, "lat": 30, "crs": "a.prj"}, 400, None),
        ({"category": "E1", "lon": 120, "lat": 30, "crs": "+proj=longlat"}, 400, None),
        ({"category": "E1", "reported_at": "2100-01-01T00:00:00Z"}, 400, None),
        ([], 422, None),
        ("x", 422, None),
    ],
)
def test_a_report_that_is_unfit_says_why_and_stores_nothing(
    chief: Program, given: Any, status: int, where: str | None
) -> None:
    answer = chief.post("/cases", given)
    assert answer.status_code == status, answer.text
    told = answer.get_json()
    assert told["message"]
    if where is not None:
        assert where in told["errors"]["json"]
    assert len(numbers(chief.get("/cases"))) == 5


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"9" * 5000, "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"", "application/json", 422),
        (b"null", "application/json", 422),
        (b"category=E1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
    ],
)
def test_a_body_that_is_no_json_is_refused_in_json(
    chief: Program, body: bytes, kind: str, status: int
) -> None:
    answer = chief.client.post(
        "/api/v1/cases", data=body, content_type=kind, headers=chief.headers
    )
    assert (answer.status_code, answer.get_json()["status"]) == (status, status), answer.text


# Areas and positions


def test_areas_are_listed_a_page_at_a_time_without_outlines(chief: Program) -> None:
    told = chief.get("/areas").get_json()
    assert told["edition"] == 1
    assert [(one["code"], one["children"]) for one in told["areas"]] == [("A", 4), ("B", 4)]
    first = chief.get("/areas", level="cell", limit=5).get_json()
    rest = chief.get("/areas", level="cell", limit=5, after=first["next"]).get_json()
    codes = [one["code"] for page in (first, rest) for one in page["areas"]]
    assert codes == ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]
    assert rest["next"] is None
    inside = chief.get("/areas", parent="street:B").get_json()["areas"]
    assert [one["parent"] for one in inside] == ["B"] * 4
    assert "geometry" not in inside[0]


def test_an_area_is_read_with_its_outline_and_what_it_lies_in(chief: Program) -> None:
    told = chief.get("/areas/cell/A1").get_json()
    assert told["geometry"]["type"] == "MultiPolygon"
    ring = told["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]
    assert [120.15, 30.25] in ring
    assert [one["code"] for one in told["within"]] == ["A"]
    assert 250_000 < told["area_m2"] < 300_000


def test_the_outline_of_an_area_is_the_stored_one_to_the_last_byte(
    app: Flask, engine: Engine
) -> None:
    hair = [(120.12999999, 30.1), (120.12999999, 30.20000001), (120.13, 30.3)]
    hole = [(0.10000001, 0.2), (0.1, 0.30000003), (0.2, 0.3)]
    awkward = {
        "H": shapely.MultiPolygon([shapely.Polygon(hair)]),
        "P": shapely.MultiPolygon(
            [shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)], [hole]), shapely.box(2, 2, 3, 3)]
        ),
    }
    with engine.begin() as conn:
        make_edition(conn, {"cell": make_level("cell", awkward)})
        stored = areas_in(conn, 1)["cell"]
    officer = program(app, engine, "gis_officer")
    for code, shape in zip(stored.codes, stored.geoms, strict=True):
        told = officer.get(f"/areas/cell/{code}").get_json()["geometry"]
        assert shapely.to_wkb(shapely.from_geojson(json.dumps(told))) == shapely.to_wkb(shape)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/areas/cell/Z9", {}, 404),
        ("/areas/planet/A", {}, 404),
        ("/areas", {"level": "planet"}, 404),
        ("/areas", {"edition": 99}, 404),
        ("/areas", {"edition": 0}, 400),
        ("/areas", {"parent": "A"}, 400),
        ("/areas", {"after": "planet:A"}, 404),
        ("/areas", {"limit": 501}, 400),
        ("/areas", {"colour": "red"}, 400),
        ("/areas/cell/A1", {"level": "cell"}, 400),
        ("/cases", {"colour": "red"}, 400),
        ("/cases", {"status": "lost"}, 400),
        ("/cases", {"from": "2026-03-03", "to": "2026-03-02"}, 400),
        ("/cases", {"from": "0001-01-01"}, 400),
        ("/cases", {"limit": 0}, 400),
        ("/cases", {"limit": "many"}, 400),
        ("/cases", {"area": "cell"}, 400),
        ("/cases", {"area": "cell:Z9"}, 404),
        ("/cases", {"after": "nothing"}, 400),
        ("/cases/C1", {"personal": "yes please"}, 400),
        ("/cases/nothing", {}, 404),
        ("/cases/nothing/explanation", {}, 404),
        ("/cases/C1", {"x": "1"}, 400),
        ("/locate", {"lon": 120}, 400),
        ("/locate", {"lon": "nan", "lat": 30}, 400),
        ("/locate", {"lon": 500, "lat": 30}, 400),
        ("/locate", {"lon": 120, "lat": 30, "crs": "EPSG:999999"}, 400),
        ("/locate", {"lon": 120, "lat": 30, "crs": "/etc/hostname.prj"}, 400),
        ("/locate", {"lon": 120, "lat": 30, "at": "yesterday"}, 400),
    ],
)
def test_a_question_that_is_unfit_says_so(
    chief: Program, path: str, query: dict[str, object], status: int
) -> None:
    answer = chief.get(path, **query)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["status"] == status
    assert "passwd" not in answer.text


def test_a_position_is_located_with_what_it_lies_in(chief: Program) -> None:
    told = chief.get("/locate", lon=A1[0], lat=A1[1]).get_json()
    assert [(one["level"], one["code"]) for one in told["areas"]] == [
        ("cell", "A1"),
        ("street", "A"),
    ]
    assert told["candidates"] == ["A1"]
    assert told["unlocated_reason"] is None
    away = chief.get("/locate", lon=FAR_AWAY[0], lat=FAR_AWAY[1]).get_json()
    assert (away["areas"], away["unlocated_reason"]) == ([], "outside")
    early = chief.get(
        "/locate", lon=A1[0], lat=A1[1], at="2025-12-31T23:59:59+08:00"
    ).get_json()
    assert (early["edition"], early["unlocated_reason"]) == (None, "before_first_edition")


def test_a_position_in_metres_is_located(chief: Program) -> None:
    told = chief.get("/locate", lon=514_672.6, lat=3_347_812.9, crs="EPSG:4549").get_json()
    assert told["areas"][0]["code"] == "A1", told


# The frame


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/v1/cases", 405),
        ("PUT", "/api/v1/cases/C1", 405),
    ],
)
def test_what_routing_refuses_is_answered_in_json_too(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.get_json()["status"] == status
    assert status != 405 or "GET" in answer.headers["Allow"]


def test_the_description_is_open_complete_and_names_no_address_outside(
    client: FlaskClient,
) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    described = answer.get_json()
    assert set(described["paths"]) == {
        "/api/v1/cases",
        "/api/v1/cases/{case_no}",
        "/api/v1/cases/{case_no}/explanation",
        "/api/v1/areas",
        "/api/v1/areas/{level}/{code}",
        "/api/v1/areas/{level}/{code}/figures",
        "/api/v1/areas/{level}/{code}/history",
        "/api/v1/drafts/{label}/approve",
        "/api/v1/drafts/{label}/edits",
        "/api/v1/drafts/{label}/edits/redo",
        "/api/v1/drafts/{label}/edits/undo",
        "/api/v1/drafts/{label}/impact",
        "/api/v1/drafts/{label}/impact/jobs",
        "/api/v1/drafts/{label}/impact/jobs/{number}",
        "/api/v1/drafts/{label}/rebase",
        "/api/v1/drafts/{label}/repairs",
        "/api/v1/drafts/{label}/return",
        "/api/v1/drafts/{label}/review",
        "/api/v1/drafts/{label}/submit",
        "/api/v1/exports/{layer}",
        "/api/v1/locate",
    }
    text = answer.text
    assert "http://" not in text
    assert "https://" not in text
    refs = {part.split('"')[0] for part in text.split('"$ref":"')[1:]}
    for ref in refs:
        assert ref.startswith("#/")
        found: Any = described
        for step in ref.removeprefix("#/").split("/"):
            found = found[step]


def test_no_answer_of_the_api_sets_a_cookie(chief: Program) -> None:
    for answer in (chief.get("/cases"), chief.get("/cases/nothing"), chief.post("/cases", {})):
        assert "Set-Cookie" not in answer.headers


def test_counting_is_kept_although_the_request_failed(chief: Program, city: Engine) -> None:
    chief.get("/cases/nothing")
    with city.begin() as conn:
        counted = conn.execute(sa.text("SELECT sum(count) FROM attempts")).scalar_one()
    assert counted == 1


def test_a_parameter_that_is_given_twice_is_refused(chief: Program) -> None:
    twice = [("category", "E1"), ("category", "E2")]
    for path in ("/cases", "/areas/street/A/figures"):
        answer = chief.client.get(f"/api/v1{path}", query_string=twice, headers=chief.headers)
        assert answer.status_code == 400, answer.text
        assert "category" in answer.text


def test_cases_under_an_edition_that_does_not_exist_are_refused(chief: Program) -> None:
    assert chief.get("/cases", edition=9).status_code == 404
    assert chief.get("/cases", edition=1).status_code == 200
