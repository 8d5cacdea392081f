"""The form in which a case is reported: the deadline by the time limit of its category."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.responsibility.categories import put_categories
from tests.web.conftest import Login, csrf_of

LIMITS = {"ONE": "2紧急工作时", "SEVERAL": "1紧急工作时制止|3天", "WORDS": "及时", "NONE": None}


@pytest.fixture
def acceptor(city: Engine, login: Login) -> FlaskClient:
    with city.begin() as conn:
        put_categories(conn, [Category(c, f"类 {c}", time_limit=t) for c, t in LIMITS.items()])
    return login("acceptor")


def offered(client: FlaskClient, category: str, at: str = "2026-03-05T08:30") -> object:
    query = {"category": category, "reported_at": at}
    answer = client.get("/cases/new/limits.json", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_form_is_offered_every_limit_with_its_deadline(acceptor: FlaskClient) -> None:
    assert offered(acceptor, "ONE") == [
        {"text": "2紧急工作时", "due_at": "2026-03-05T10:30", "why_not": None}
    ]
    assert offered(acceptor, "SEVERAL") == [
        {"text": "1紧急工作时制止", "due_at": "2026-03-05T09:30", "why_not": None},
        {"text": "3天", "due_at": "2026-03-08T08:30", "why_not": None},
    ]
    assert offered(acceptor, "WORDS") == [
        {"text": "及时", "due_at": None, "why_not": "“及时”未写明时间长度"}
    ]
    assert offered(acceptor, "NONE") == []


def test_no_limits_are_offered_for_what_is_no_category_or_no_time(
    acceptor: FlaskClient,
) -> None:
    for category, at, status in (
        ("X", "2026-03-05T08:30", 404),
        ("", "2026-03-05T08:30", 404),
        ("a\0b", "2026-03-05T08:30", 400),
        ("ONE", "soon", 400),
        ("ONE", "", 400),
    ):
        query = {"category": category, "reported_at": at}
        answer = acceptor.get("/cases/new/limits.json", query_string=query)
        assert answer.status_code == status, (category, at)


def page_of(city: Engine, client: FlaskClient, **given: str) -> tuple[str, str]:
    """Report a case; return its number and what the page says then."""
    data = {"reported_at": "2026-03-05T08:30", **given}
    data["csrf_token"] = csrf_of(client.get("/cases/new").text)
    answer = client.post("/cases/new", data=data)
    assert answer.status_code == 303, answer.text
    where = answer.headers["Location"]
    return where.rpartition("/")[2], client.get(where).text


@pytest.mark.parametrize(
    ("given", "due", "mark", "said"),
    [
        ({"category": "ONE"}, "2026-03-05 10:30", True, "按自然时间推算"),
        # The script fills in what it shows.
        (
            {"category": "ONE", "due_limit": "2紧急工作时", "due_at": "2026-03-05T10:30"},
            "2026-03-05 10:30",
            True,
            "为暂定时限。",
        ),
        (
            {"category": "ONE", "due_limit": "2紧急工作时", "due_at": "2026-03-05T12:00"},
            "2026-03-05 12:00",
            False,
            "为直接填报。",
        ),
        ({"category": "ONE", "due_by_hand": "1"}, "–", False, ""),
        ({"category": "SEVERAL", "due_limit": "3天"}, "2026-03-08 08:30", True, "3天"),
        (
            {"category": "SEVERAL"},
            "–",
            False,
            "类别 SEVERAL 有多个处置时限（1紧急工作时制止 | 3天），未设处置截止。",
        ),
        ({"category": "WORDS"}, "–", False, "未设处置截止：“及时”未写明时间长度。"),
        ({"category": "NONE"}, "–", False, ""),
    ],
)
def test_the_page_of_the_case_shows_its_deadline_and_whether_it_is_provisional(
    city: Engine, acceptor: FlaskClient, given: dict[str, str], due: str, mark: bool, said: str
) -> None:
    number, page = page_of(city, acceptor, **given)
    (shown,) = re.findall(r"<dt>处置截止</dt><dd>\s*([^<]*?)\s*<", page)
    assert shown == due
    badge = 'state-neutral">暂定时限</span>'
    assert (badge in page) is mark
    assert said in page
    with city.connect() as conn:
        assert get_case(conn, number).given.due_provisional is mark
    assert (badge in acceptor.get(f"/cases?q={number}").text) is mark


def test_a_limit_of_another_category_is_refused_and_what_was_typed_stays(
    acceptor: FlaskClient,
) -> None:
    given = {"category": "ONE", "reported_at": "2026-03-05T08:30", "due_limit": "3天"}
    given["csrf_token"] = csrf_of(acceptor.get("/cases/new").text)
    answer = acceptor.post("/cases/new", data={**given, "due_by_hand": "1"})
    assert answer.status_code == 400
    assert (
        "&#39;3天&#39; 不是类别 ONE 的处置时限；该类别的处置时限为：2紧急工作时" in answer.text
    )
    assert 'data-chosen="3天"' in answer.text
    assert 'name="due_by_hand" value="1"' in answer.text
