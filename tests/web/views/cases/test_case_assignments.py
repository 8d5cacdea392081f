"""Give ticked cases of a list to one responder: tick, preview, confirm."""

import html
import re

from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.services.cases.actions import Acting, assign
from gridmgmt.store.cases.cases import get_case
from tests.services.case_city import NOW
from tests.web.conftest import Login, csrf_of


def ticks(client: FlaskClient) -> dict[str, str]:
    """Return the boxes of the list by case number."""
    page = client.get("/cases").text
    values = re.findall(r'name="chosen" value="([^"]*)"', page)
    return {value.partition(":")[2]: value for value in values}


def send(client: FlaskClient, path: str, chosen: list[str], **other: str) -> TestResponse:
    token = csrf_of(client.get("/cases").text)
    return client.post(path, data={"csrf_token": token, "chosen": chosen, **other})


def owners(engine: Engine, *numbers: str) -> list[str | None]:
    with engine.connect() as conn:
        return [get_case(conn, no).responder_code for no in numbers]


def test_only_cases_that_can_be_given_have_a_box(city: Engine, login: Login) -> None:
    assert set(ticks(login("dispatcher"))) == {"C1", "C3", "C4", "C5"}
    assert ticks(login("commander")) == {}
    assert ticks(login("responder", responder_code="S1")) == {}


def test_a_batch_is_shown_before_it_is_done(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    boxes = ticks(client)
    chosen = [boxes[no] for no in ("C1", "C3", "C4")]
    asked = send(client, "/case-assignments?lang=en", chosen, back="/cases?status=open")
    assert asked.status_code == 200
    assert "Chosen cases: 3" in asked.text
    given = {"text": "同一工地"}
    shown = send(client, "/case-assignments?lang=en", chosen, responder="二中队 · S2", **given)
    assert shown.status_code == 200
    assert "Give 2 cases to 二中队" in shown.text
    assert "S2 has the case already" in html.unescape(shown.text)
    assert owners(city, "C1", "C3", "C4") == ["S1", "OA", "S2"], "nothing is changed yet"
    done = send(client, "/case-assignments/commit?lang=en", chosen, responder="S2", **given)
    assert "2 cases are given to 二中队" in done.text
    assert owners(city, "C1", "C3", "C4") == ["S2", "S2", "S2"]


def test_a_whole_batch_leads_back_to_its_list(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    for back, there, code in (
        ("/cases?status=open", "/cases?status=open", "S2"),
        # Anything else leads to the first page of the account.
        ("//evil.test/", client.get("/").location or "/", "S1"),
    ):
        answer = send(
            client,
            "/case-assignments/commit",
            [ticks(client)["C1"]],
            back=back,
            responder=code,
            text="x",
        )
        assert answer.status_code == 303
        assert answer.location == there


def test_what_somebody_changed_meanwhile_is_said_and_kept(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    boxes = ticks(client)
    with city.begin() as conn:
        other = Acting("C1", get_case(conn, "C1").last_seq, "li", now=NOW)
        assign(conn, other, responder_code="CA", reason="先派")
    done = send(
        client,
        "/case-assignments/commit?lang=en",
        [boxes["C1"], boxes["C3"]],
        responder="S2",
        text="x",
    )
    assert done.status_code == 200
    assert "li changed the case meanwhile (Given to a responder)." in done.text
    assert owners(city, "C1", "C3") == ["CA", "S2"]


def test_a_batch_that_cannot_begin_keeps_what_was_typed(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    chosen = [ticks(client)["C1"]]
    for other in (
        {"responder": "S2", "text": " "},
        {"responder": "nobody", "text": "why"},
        {"responder": "", "text": "why"},
        {"responder": "中队", "text": "why"},
    ):
        answer = send(client, "/case-assignments", chosen, **other)
        assert answer.status_code == 400, other
        assert f'name="chosen" value="{chosen[0]}"' in answer.text
        assert other["text"].strip() in answer.text
        assert 'role="alert"' in answer.text
    assert owners(city, "C1") == ["S1"]


def test_no_box_of_another_shape_gives_a_case(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    for wrong in ("C1", ":C1", "x:C1", "١:C1", "9" * 30 + ":C1"):
        answer = send(client, "/case-assignments/commit", [wrong], responder="S2", text="x")
        assert answer.status_code == 400, wrong
    assert "tick" in send(client, "/case-assignments?lang=en", []).text
