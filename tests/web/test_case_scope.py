"""What an account sees of cases and areas: the pages, their data, their files and the API."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts, tokens
from gridmgmt.settings import Settings
from gridmgmt.store.accounts.accounts import get_account
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.web.conftest import Login, csrf_of

DAYS = {"from": "2026-03-01", "to": "2026-03-31"}
ALL = {"C1", "C2", "C3", "C4", "C5"}
# Nobody limited to an area sees C5, which lies in none.
SEEN = {
    "everything": ("duty_chief", {}, ALL),
    "street A": ("duty_chief", {"area": ("street", "A")}, {"C1", "C2", "C3"}),
    "cell B1": ("duty_chief", {"area": ("cell", "B1")}, {"C4"}),
    "squad S1": ("responder", {"responder_code": "S1"}, {"C1", "C2"}),
    "what li reported": ("collector", {}, {"C3", "C5"}),
    "what li reported, of street A": ("collector", {"area": ("street", "A")}, {"C3", "C5"}),
    "S1 in B": ("responder", {"responder_code": "S1", "area": ("street", "B")}, set()),
}


def reported_by_li(city: Engine, numbers: set[str]) -> None:
    """Let li have reported these, and have imported C1 in a file, which is no report."""
    told = "UPDATE case_events SET actor = 'li', detail = detail - 'file' || :way"
    with city.begin() as conn:
        conn.execute(sa.text("ALTER TABLE case_events DISABLE TRIGGER USER"))
        way = {"way": '{"via": "form"}', "numbers": sorted(numbers)}
        where = " WHERE kind = 'reported' AND case_no = ANY(:numbers)"
        conn.execute(sa.text(told.replace(":way", "CAST(:way AS jsonb)") + where), way)
        conn.execute(sa.text("UPDATE case_events SET actor = 'li' WHERE case_no = 'C1'"))
        conn.execute(sa.text("ALTER TABLE case_events ENABLE TRIGGER USER"))


@pytest.fixture(params=SEEN)
def who(request: pytest.FixtureRequest, login: Login, city: Engine) -> tuple[FlaskClient, set]:
    role, limits, seen = SEEN[request.param]
    if role == "collector":
        reported_by_li(city, seen)
    return login(role, "li", **limits), seen


def test_the_list_shows_what_is_in_sight_and_what_is_not_is_not_there(who: tuple) -> None:
    client, seen = who
    page = client.get("/cases", query_string=DAYS).text
    assert {number for number in ALL if f"/cases/{number}" in page} == seen
    for number in ALL:
        for path in ("", "/position.json", "/around.json"):
            status = client.get(f"/cases/{number}{path}").status_code
            assert (status == 404) is (number not in seen), (number, path)


def test_nobody_acts_on_a_case_out_of_sight(who: tuple) -> None:
    client, seen = who
    token = csrf_of(client.get("/account").text)
    data = {"csrf_token": token, "seen_seq": "1", "seen": "1", "text": "x", "responder": "S1"}
    for number in ALL - seen:
        for act in ("place", "assign", "dispose", "close"):
            answer = client.post(f"/cases/{number}/{act}", data=data)
            assert answer.status_code in {403, 404}, (number, act)


def test_a_search_finds_what_is_in_sight(who: tuple) -> None:
    client, seen = who
    for number in ALL:
        found = client.get("/map/search.json", query_string={"q": number}).get_json()
        assert (number in {one["code"] for one in found["results"]}) is (number in seen), found
        listed = client.get("/cases", query_string={"q": number}).text
        assert (f"/cases/{number}" in listed) is (number in seen)


def test_the_file_of_the_list_holds_what_the_list_shows(who: tuple) -> None:
    client, seen = who
    answer = client.get(
        "/cases/export", query_string={**DAYS, "personal": "1", "headings": "machine"}
    )
    if answer.status_code == 403:
        return
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert {row["case_no"] for row in rows} == seen


def test_a_file_made_later_holds_what_its_asker_may_see_then(
    login: Login, city: Engine, settings: Settings
) -> None:
    client = login("duty_chief")
    token = csrf_of(client.get("/account").text)
    job = client.post("/cases/export", data={"csrf_token": token}).headers["Location"]
    with city.begin() as conn:
        accounts.change(
            conn,
            "duty_chief",
            role="commander",
            name="",
            area=("street", "B"),
            responder_code=None,
            actor="a test",
        )
    number = int(job.rsplit("/", 1)[-1])
    run_job(city, KINDS, number, settings)
    again = login("duty_chief")
    with again.get(f"/cases/exports/{number}") as made:
        text = made.get_data().decode("utf-8-sig")
    assert "C4" in text
    assert "C1" not in text
    assert "坑洞" not in text
    assert login("planner").get(f"/cases/exports/{number}").status_code == 404


def figures(client: FlaskClient, level: str) -> dict[str, Any]:
    asked = {"edition": "1", "level": level, **DAYS}
    answer = client.get("/map/figures.json", query_string=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_map_counts_what_an_area_account_sees(login: Login, city: Engine) -> None:
    every = figures(login("commander"), "cell")
    assert (sum(every["columns"]["cases"]), every["elsewhere"]["unlocated"]) == (4, 1)
    street = login("dispatcher", area=("street", "A"))
    seen = figures(street, "cell")
    assert sum(seen["columns"]["cases"]) == 3
    assert len(seen["columns"]["cases"]) == 4
    assert not seen["elsewhere"]["unlocated"]
    shapes = street.get("/map/shapes/1/cell/near.json").get_json()
    assert shapes["codes"] == ["A1", "A2", "A3", "A4"]
    density = street.get("/map/density.json", query_string={"edition": 1, **DAYS}).get_json()
    # One surface of all cases of the city, of which it sees its part.
    assert (density["cases"], density["rows"] > 0) == (None, True)
    steps = street.get("/map/timeline.json", query_string={"step": "month"}).get_json()
    assert sum(steps["cases"]) == 3
    assert street.get("/map/areas/cell/B1", query_string=DAYS).status_code == 404
    assert street.get("/map/areas/cell/A1", query_string=DAYS).status_code == 200


def test_areas_outside_are_not_there_for_an_area_account(login: Login, city: Engine) -> None:
    street = login("dispatcher", area=("street", "A"))
    page = street.get("/areas").text
    assert "/areas/street/B" not in page
    for path in ("/areas/street/B", "/areas/cell/B1"):
        assert street.get(path).status_code == 404
    for path in ("/areas/street/A", "/areas/cell/A1"):
        assert street.get(path).status_code == 200
    around = street.get("/areas/around.json", query_string={"area": "cell:B1"})
    assert around.status_code == 404
    results = street.get("/map/search.json", query_string={"q": "B1"}).get_json()["results"]
    assert results == []


def test_an_area_account_does_not_redraw_the_city(login: Login, city: Engine) -> None:
    officer = login("gis_officer", area=("street", "A"))
    assert officer.get("/drafts").status_code == 403


def test_the_overview_of_an_area_account_counts_its_area(login: Login, city: Engine) -> None:
    """The links behind the figures lead to lists of the same number of cases."""
    street = login("dispatcher", area=("street", "A"))
    page = street.get("/", query_string={**DAYS, "lang": "en"}).text
    assert "/cases/C4" not in page
    assert "B街道" not in page


def test_personal_data_are_for_the_dispatching_roles_and_the_cases_responder(
    login: Login, city: Engine
) -> None:
    seeing = {"acceptor", "duty_chief", "dispatcher"}
    for role in (
        "acceptor",
        "duty_chief",
        "dispatcher",
        "street_chief",
        "commander",
    ):
        page = login(role).get("/cases/C1").text
        assert ("坑洞" in page) is (role in seeing), role
        assert ("甲路1号" in page) is (role in seeing), role
        found = login(role).get("/cases", query_string={"q": "坑洞", **DAYS}).text
        assert ("/cases/C1" in found) is (role in seeing), role
    assert "坑洞" in login("responder", responder_code="S1").get("/cases/C1").text


def test_the_api_sees_what_the_pages_see(who: tuple, city: Engine) -> None:
    client, seen = who
    with city.begin() as conn:
        account = get_account(conn, "li")
        made = tokens.create(conn, account, "x", days=1, now=datetime.now(UTC))
    headers = {"Authorization": f"Bearer {made.secret}"}
    program = client.application.test_client()
    listed = program.get("/api/v1/cases", headers=headers).get_json()["cases"]
    assert {one["case_no"] for one in listed} == seen
    for number in ALL:
        answer = program.get(f"/api/v1/cases/{number}", headers=headers)
        assert (answer.status_code == 200) is (number in seen)
