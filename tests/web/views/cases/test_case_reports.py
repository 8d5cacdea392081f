"""The form in which a case is reported: its deadline, its defaults, and sending it once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.store.cases.cases import get_case, list_events
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.schema import role_permissions
from tests.services.case_city import A1
from tests.web.conftest import Login, csrf_of
from tests.web.pressing import press
from tests.web.views.cases.test_cases import send

A1_TEXT = {"lon": str(A1[0]), "lat": str(A1[1])}
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
        # Nobody said when: it is reported when it is sent.
        ("ONE", "", 200),
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
    assert "“3天”不是类别 ONE 的处置时限；该类别的处置时限为：2紧急工作时" in answer.text
    assert 'data-chosen="3天"' in answer.text
    assert 'name="due_by_hand" value="1"' in answer.text


def sent(client: FlaskClient, **given: str) -> TestResponse:
    """Send the form as its script does, with the token that a page of it had."""
    page = client.get("/cases/new").text
    data = {"category": "E1", "csrf_token": csrf_of(page), "token": token_of(page), **given}
    return client.post("/cases/new", data=data, headers={"Accept": "application/json"})


def token_of(page: str) -> str:
    (found,) = re.findall(r'name="token" id="token" value="([0-9a-f]{32})"', page)
    return str(found)


def cases_of(city: Engine) -> int:
    with city.connect() as conn:
        return int(conn.execute(sa.text("SELECT count(*) FROM cases")).scalar_one())


def test_nobody_is_asked_for_what_the_program_knows(city: Engine, login: Login) -> None:
    page = login("collector").get("/cases/new").text
    for name in ("case_no", "channel", "due_at"):
        assert f'name="{name}"' not in page, name
    fold = page.partition('id="report-more"')[2].partition("</details>")[0]
    assert 'name="reported_at" type="datetime-local" value=""' in fold
    assert " open" not in page.partition('id="report-more"')[2].partition(">")[0]
    # Who takes in what others say may know more than the program.
    taking = login("acceptor").get("/cases/new").text
    for name in ("case_no", "channel", "due_at"):
        assert f'name="{name}"' in taking.partition('id="report-more"')[2], name


def test_a_report_is_of_now_and_of_the_channel_of_its_role(city: Engine, login: Login) -> None:
    client = login("collector")
    before = datetime.now(UTC).replace(microsecond=0)
    number = sent(client).json["location"].rpartition("/")[2]
    with city.connect() as conn:
        given = get_case(conn, number).given
    assert before <= given.reported_at <= datetime.now(UTC)
    assert given.channel == "监督员上报"
    assert number.startswith("R")


def test_categories_begin_with_those_the_account_reported_last(
    city: Engine, login: Login
) -> None:
    client = login("collector")
    assert 'data-recent="[]"' in client.get("/cases/new").text
    for category in ("E1", "E2", "E1"):
        assert sent(client, category=category).status_code == 201
    page = client.get("/cases/new").text
    assert 'data-recent="[&#34;E1&#34;, &#34;E2&#34;]"' in page
    assert 'data-recent="[]"' in login("acceptor").get("/cases/new").text


def test_a_form_that_is_sent_twice_makes_one_case(city: Engine, login: Login) -> None:
    client = login("collector")
    before = cases_of(city)
    token = token_of(client.get("/cases/new").text)
    first, second = (sent(client, token=token, description="井盖") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json == second.json
    assert cases_of(city) == before + 1
    assert "已存在" in client.get(first.json["location"]).text
    # A browser without scripts is led to the same page.
    data = {"category": "E1", "description": "井盖", "token": token}
    data["csrf_token"] = csrf_of(client.get("/cases/new").text)
    answer = client.post("/cases/new", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, first.json["location"])
    assert cases_of(city) == before + 1


def test_two_taps_at_once_make_one_case(city: Engine, login: Login) -> None:
    clients = [login("collector"), login("collector")]
    token = token_of(clients[0].get("/cases/new").text)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: sent(one, token=token, category="E2"), clients))
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json == answers[1].json


def test_a_form_that_was_changed_after_sending_says_what_it_became(
    city: Engine, login: Login
) -> None:
    client = login("collector")
    token = token_of(client.get("/cases/new").text)
    number = sent(client, token=token).json["location"].rpartition("/")[2]
    refused = sent(client, token=token, category="E2")
    assert refused.status_code == 409
    assert f"本表单已提交，案件编号为 {number}" in refused.json["message"]
    again = sent(client, token=refused.json["token"], category="E2")
    assert again.status_code == 201
    assert not again.json["location"].endswith(number)


def test_the_token_of_another_account_means_nothing(city: Engine, login: Login) -> None:
    token = token_of(login("collector").get("/cases/new").text)
    first = sent(login("collector"), token=token).json["location"]
    assert sent(login("acceptor"), token=token).json["location"] != first


def test_a_refused_form_is_told_why_and_gets_a_new_token(city: Engine, login: Login) -> None:
    client = login("collector")
    answer = sent(client, lon="120")
    assert answer.status_code == 400
    assert "填写了 经度，但 纬度 为空" in answer.json["message"]
    assert re.fullmatch("[0-9a-f]{32}", answer.json["token"])
    assert sent(client, token="no token").json["message"] == "请重新打开表单"


def sent_without_position(client: FlaskClient, **given: str) -> str:
    answer = sent(client, **given)
    assert answer.status_code == 201, answer.text
    return str(answer.json["location"]).rpartition("/")[2]


def test_who_reported_without_a_position_says_later_where_it_lies(
    city: Engine, login: Login
) -> None:
    client = login("collector", "li", name="李娜")
    number = sent_without_position(client)
    page = client.get(f"/cases/{number}")
    assert '<details class="action" id="place" open>' in page.text
    assert 'id="my-position"' in page.text, "who reports may stand there"
    preview = client.get(f"/cases/{number}/placing.json", query_string=A1_TEXT).json
    assert preview["who"] == "由一中队主办：依据17号"
    after = press(client, page, "确定位置", **A1_TEXT, text="井盖旁")
    assert "案件已定位。" in after.text
    history = after.text.partition('id="history-heading"')[2]
    assert "定位到地图" in history or "人工定位" in history
    assert "李娜" in history
    with city.connect() as conn:
        case = get_case(conn, number)
        placed = list_events(conn, number)[-1]
    assert (case.location.area_code, case.responder_code) == ("A1", "S1")
    assert (placed.kind, placed.actor) == ("placed", "li")


def test_once_it_has_a_position_its_author_moves_it_no_more(city: Engine, login: Login) -> None:
    client = login("collector")
    for given in (A1_TEXT, {}):
        number = sent_without_position(client, **given)
        if not given:
            assert send(client, f"/cases/{number}/place", **A1_TEXT).status_code == 303
        page = client.get(f"/cases/{number}").text
        assert 'id="place"' not in page
        assert "position-place" not in page
        answer = send(client, f"/cases/{number}/place", seen_seq=seen(city, number), **A1_TEXT)
        assert answer.status_code == 403
        assert "只能为本人上报且尚无位置的案件定位" in answer.text


def test_nobody_places_what_another_reported(city: Engine, login: Login) -> None:
    number = sent_without_position(login("collector"))
    other = login("collector", "other")
    token = csrf_of(other.get("/cases/new").text)
    given = {"seen_seq": seen(city, number), "csrf_token": token, **A1_TEXT}
    assert other.post(f"/cases/{number}/place", data=given).status_code == 404
    # Who sees all cases and reports some does not place those of others either.
    with city.begin() as conn:
        for permission in ("see_cases", "report_cases"):
            row = {"role": "planner", "permission": permission}
            conn.execute(upsert(role_permissions).values(row).on_conflict_do_nothing())
    planner = login("planner")
    assert 'id="place"' not in planner.get(f"/cases/{number}").text
    given["csrf_token"] = csrf_of(planner.get("/cases/new").text)
    assert planner.post(f"/cases/{number}/place", data=given).status_code == 403
    own = sent_without_position(planner)
    assert send(planner, f"/cases/{own}/place", **A1_TEXT).status_code == 303
    with city.connect() as conn:
        assert get_case(conn, number).location.area_code is None


def test_what_a_file_brought_is_nobodys_own_report(city: Engine, login: Login) -> None:
    client = login("acceptor", "tester")
    page = client.get("/cases/C5").text
    assert "再报一件" not in page, "it came in a file of this account"
    assert "再报一件" in client.get(f"/cases/{sent_without_position(client)}").text


def test_after_sending_the_next_report_is_one_press_away(city: Engine, login: Login) -> None:
    client = login("collector")
    page = client.get(f"/cases/{sent_without_position(client)}").text
    assert re.search(r'href="/cases/new">(<i[^>]*></i>)? 再报一件</a>', page)


def seen(city: Engine, number: str) -> int:
    with city.connect() as conn:
        return get_case(conn, number).last_seq
