"""Who came from somewhere goes back there, and never to another site."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.schema import cases
from tests.services.case_city import B1
from tests.web.conftest import Login
from tests.web.pressing import press
from tests.web.views.cases.test_cases import numbers, send
from web.pages import navigation

# Where the work of a dispatcher begins.
FIRST = "/cases?status=triage&sort=due_at"
ELSEWHERE = (
    "//example.org/cases",
    "https://example.org/cases",
    "/\\example.org",
    "\\\\example.org",
    "/\t/example.org",
    "\t//example.org",
    "//[",
    "javascript:alert(1)",
    "cases",
    "",
)


def opened(client: FlaskClient, page: str, number: str) -> TestResponse:
    """Follow the link of a case on a page."""
    links = re.findall(rf'<a class="code" href="([^"]*)">{number}<', client.get(page).text)
    assert len(links) == 1, links
    return client.get(html.unescape(links[0]))


def address(page: TestResponse) -> str:
    return page.request.full_path.rstrip("?")


def test_after_a_button_people_are_back_in_the_list_as_it_was(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher")
    there = "/cases?status=triage&sort=due_at"
    case = opened(client, there, "C5")
    assert 'href="/cases?status=triage&amp;sort=due_at">案件</a>' in case.text
    after = press(client, case, "确定位置", lon=str(B1[0]), lat=str(B1[1]))
    assert address(after) == there
    assert "C5：案件已定位。" in after.text
    assert "C5" not in numbers(after.text)


def test_what_was_refused_first_leads_back_all_the_same(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    case = opened(client, "/cases?q=C1", "C1")
    refused = press(client, case, "派遣", responder="S1", text="打错了")
    assert refused.status_code == 400
    after = press(client, refused, "派遣", responder="S2", text="支援")
    assert address(after) == "/cases?q=C1"


def test_who_presses_from_what_is_overdue_is_back_there(city: Engine, login: Login) -> None:
    with city.begin() as conn:
        due = {"due_at": datetime.now(UTC) - timedelta(hours=30)}
        conn.execute(cases.update().where(cases.c.case_no == "C1").values(**due))
    client = login("street_chief", area=("street", "A"))
    case = opened(client, "/supervision", "C1")
    assert ">超期督办</a>" in case.text.partition("breadcrumb")[2]
    assert address(press(client, case, "确认督办")) == "/supervision"


def test_who_came_from_nowhere_stays_at_the_case(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    case = client.get("/cases/C1")
    assert 'name="back"' not in case.text
    after = press(client, case, "派遣", responder="S2", text="支援")
    assert address(after) == "/cases/C1"


@pytest.mark.parametrize("back", ELSEWHERE)
def test_nobody_is_led_to_another_site(city: Engine, login: Login, back: str) -> None:
    client = login("dispatcher")
    case = client.get("/cases/C1", query_string={"back": back})
    assert case.status_code == 200
    assert 'name="back"' not in case.text
    assert "example.org" not in case.text.partition("breadcrumb")[2].partition("</nav>")[0]
    answer = send(client, "/cases/C1/assign", responder="S2", text="支援", back=back)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases/C1#top")
    with city.connect() as conn:
        chosen = f"{get_case(conn, 'C1').last_seq}:C1"
    batch = {"responder": "OA", "text": "x", "chosen": chosen, "back": back}
    answer = send(client, "/case-assignments/commit", **batch)
    assert (answer.status_code, answer.headers["Location"]) == (303, FIRST)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_a_login_leads_to_no_other_site(login: Login, wanted: str) -> None:
    answer = login("dispatcher").get("/login", query_string={"next": wanted})
    assert answer.status_code == 303
    assert answer.headers["Location"] == FIRST


def test_links_that_lead_on_keep_the_way_back(app: Flask) -> None:
    with app.test_request_context("/cases/C1?back=/supervision%3Foverdue%3D1"):
        assert navigation.kept_way_back() == "back=%2Fsupervision%3Foverdue%3D1"
    for other in ("/cases/C1", "/cases/C1?back=//example.org"):
        with app.test_request_context(other):
            assert navigation.kept_way_back() == ""
