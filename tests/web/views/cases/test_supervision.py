"""Superiors see what is overdue, by whom, and press the responders."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.domain.cases.case import CaseEventKind
from gridmgmt.store.cases.cases import list_events
from gridmgmt.store.schema import cases
from tests.web.conftest import Login
from tests.web.views.cases.test_cases import audited, send

A = ("street", "A")


@pytest.fixture
def late(city: Engine) -> Engine:
    """C1 and C3 in A, C4 in B are overdue of a responder, C5 in no area of nobody."""
    with city.begin() as conn:
        due = {"due_at": datetime.now(UTC) - timedelta(hours=30)}
        wanted = cases.c.case_no.in_(("C1", "C3", "C4", "C5"))
        done = {"disposed_at": None, "closed_at": None}
        dispatched = sa.case((cases.c.responder_code.is_(None), "triage"), else_="dispatched")
        conn.execute(cases.update().where(wanted).values(**due, **done, status=dispatched))
    return city


def test_a_street_chief_sees_what_is_overdue_in_the_street_and_by_whom(
    late: Engine, login: Login
) -> None:
    page = login("street_chief", area=A).get("/supervision?lang=en").text
    assert "/cases/C1" in page
    assert "/cases/C4" not in page, "of another street"
    assert re.search(r'href="/cases\?deadline=overdue&amp;[^"]*responder=S1">1<', page)
    assert 'href="/cases/C1?act=supervise&amp;back=%2Fsupervision' in page
    page = login("street_chief", "b", area=("cell", "A2")).get("/supervision?lang=en").text
    assert "/cases/C3" in page
    assert "/cases/C1" not in page
    everything = login("duty_chief").get("/supervision?lang=en").text
    assert {n for n in range(1, 6) if f"/cases/C{n}" in everything} == {1, 3, 4, 5}
    assert "Nobody yet" in everything


def test_every_number_leads_to_as_many_cases(late: Engine, login: Login) -> None:
    not_due_yet = {
        "due_at": datetime.now(UTC) + timedelta(hours=30),
        "disposed_at": None,
        "closed_at": None,
        "status": "dispatched",
        "responder_code": "S1",
        "unrouted_reason": None,
    }
    with late.begin() as conn:
        conn.execute(cases.update().where(cases.c.case_no == "C2").values(**not_due_yet))
    for client in (login("duty_chief"), login("street_chief", area=A)):
        page = client.get("/supervision").text
        numbers = re.findall(r'href="(/cases\?[^"]*as_of=[^"]*)">(\d+)<', page)
        assert len(numbers) >= 2
        for link, number in numbers:
            listed = client.get(html.unescape(link)).text
            assert listed.count("data-case=") == int(number), link
        assert len({number for _, number in numbers}) > 1, "open ones are not all overdue"


def test_who_lets_most_wait_comes_first_and_who_is_in_time_is_not_listed(
    late: Engine, login: Login
) -> None:
    in_time = {"due_at": datetime.now(UTC) + timedelta(hours=30), "disposed_at": None}
    with late.begin() as conn:
        for case_no, values in {
            "C2": {
                **in_time,
                "closed_at": None,
                "status": "dispatched",
                "responder_code": "S2",
            },
            "C3": {"responder_code": "S1"},
            "C1": {"responder_code": "H"},
            "C4": {"responder_code": "S1"},
        }.items():
            conn.execute(cases.update().where(cases.c.case_no == case_no).values(**values))
    page = login("duty_chief").get("/supervision").text
    overdue = re.findall(r'href="/cases\?deadline=overdue&amp;[^"]*">(\d+)</a>', page)
    whose = re.findall(
        r'href="/cases\?deadline=overdue&amp;[^"]*?(responder=\w+|status=\w+)', page
    )
    assert whose == ["responder=S1", "status=triage", "responder=H"]
    assert overdue == ["2", "1", "1"]


def test_what_is_due_nowhere_says_what_to_do(city: Engine, login: Login) -> None:
    with city.begin() as conn:
        conn.execute(cases.update().values(due_at=None))
    page = login("street_chief", area=A).get("/supervision?lang=en").text
    assert "Nothing is overdue in your areas" in page
    assert "/cases?status=open&amp;sort=due_at" in page


def test_pressing_stands_in_the_history_and_before_the_responder(
    late: Engine, login: Login
) -> None:
    chief = login("street_chief", area=A)
    answer = send(chief, "/cases/C1/supervise", text="今天必须办结")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases/C1#top")
    with late.connect() as conn:
        newest = list_events(conn, "C1")[-1]
    assert newest.kind is CaseEventKind.SUPERVISED
    assert (newest.actor, newest.detail) == ("street_chief", {"text": "今天必须办结"})
    assert audited(late, "supervise_case")[0].actor == "street_chief"
    squad = login("responder", responder_code="S1")
    assert "今天必须办结" in squad.get("/cases/C1").text
    listed = squad.get("/cases?status=open&sort=due_at").text
    assert " 已督办" in listed


def test_nobody_presses_twice_within_hours_without_saying_so(
    late: Engine, login: Login
) -> None:
    chief = login("street_chief", area=A)
    send(chief, "/cases/C1/supervise")
    answer = send(chief, "/cases/C1/supervise", text="再催一次")
    assert answer.status_code == 409
    assert "督办案件 C1；如仍需督办" in answer.text
    assert "再催一次" in answer.text, "what was typed stays"
    assert 'name="again"' in answer.text
    assert send(chief, "/cases/C1/supervise", again="1").status_code == 303
    with late.connect() as conn:
        kinds = [one.kind for one in list_events(conn, "C1")]
    assert kinds.count(CaseEventKind.SUPERVISED) == 2


def test_what_nobody_has_or_is_disposed_of_is_not_pressed(late: Engine, login: Login) -> None:
    chief = login("duty_chief")
    assert send(chief, "/cases/C5/supervise").status_code == 409
    assert "act=supervise" not in login("responder", responder_code="S1").get("/cases").text


def test_who_supervises_an_area_reads_the_texts_of_its_cases(
    late: Engine, login: Login
) -> None:
    page = login("street_chief", area=A).get("/cases/C1").text
    assert "坑洞" in page
    assert "甲路1号" in page
    assert len(audited(late, "read_personal")) == 1
    # Without an area nothing says which cases it oversees.
    assert "坑洞" not in login("street_chief", "of_all").get("/cases/C1").text
