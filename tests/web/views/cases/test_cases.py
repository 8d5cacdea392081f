"""The pages of cases, through a browser's requests, as several roles."""

import csv
import html
import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.cases.default_positions import accept
from gridmgmt.settings import Settings
from gridmgmt.store.cases.cases import get_case, list_events
from gridmgmt.store.schema import audit_log, cases, responders
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.factories import make_edition, two_streets
from tests.services.case_city import A1, A2, B1, case_file, row, take_in
from tests.web.conftest import Login, csrf_of
from web.views.cases import cases as view

SHANGHAI = ZoneInfo("Asia/Shanghai")


def numbers(page: str) -> list[str]:
    """The cases that a list shows, in its order."""
    return re.findall(r'<th scope="row"><a class="code" href="[^"]*">([^<]+)</a>', page)


def listed(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"/cases?{query}")
    assert answer.status_code == 200, answer.text
    return numbers(answer.text)


def send(client: FlaskClient, path: str, **data: object) -> Any:
    """Send a form of a case's page, with its token and the state it was shown in."""
    page = client.get(path.rpartition("/")[0]).text
    seen = re.search(r'name="seen_seq" value="(\d+)"', page)
    given = {"seen_seq": seen[1] if seen else "1", "csrf_token": csrf_of(page), **data}
    return client.post(path, data=given)


def audited(engine: Engine, action: str) -> list[Any]:
    query = sa.select(audit_log).where(audit_log.c.action == action).order_by(audit_log.c.id)
    with engine.connect() as conn:
        return list(conn.execute(query))


LISTS: dict[str, set[str]] = {
    "": {"C1", "C2", "C3", "C4", "C5"},
    "status=triage": {"C5"},
    "status=open": {"C1", "C3", "C4", "C5"},
    "status=disposed": {"C2"},
    "overdue=1": {"C1", "C4"},
    "deadline=without": {"C3", "C5"},
    "deadline=on_time": {"C2"},
    "deadline=overdue&as_of=2026-03-03+09:00": set(),
    "unlocated=1": {"C5"},
    "reason=unlocated": {"C5"},
    "reason=no_owner": set(),
    "responder=S1": {"C1", "C2"},
    "area=street:A": {"C1", "C2", "C3"},
    "area=cell:B1": {"C4"},
    "area=street:A&edition=1": {"C1", "C2", "C3"},
    "category=E1&responder=S2": {"C4"},
    "class=component": set(),
    "from=2026-03-02&to=2026-03-02": {"C1", "C2", "C3", "C4", "C5"},
    "from=2026-03-03": set(),
    "q=C": {"C1", "C2", "C3", "C4", "C5"},
    "q=C4": {"C4"},
    "q=坑": {"C1"},
    "q=甲路": {"C1"},
}


def test_a_list_shows_what_its_address_asks_for(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    assert {query: set(listed(client, query)) for query in LISTS} == LISTS


def test_every_number_of_the_overview_leads_to_as_many_cases(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher")
    page = client.get("/?from=2026-03-01&to=2026-03-10").text
    links = re.findall(r'<a href="(/cases\?[^"]*)">([\d,]+)</a>', page)
    assert links
    for address, count in links:
        query = address.replace("&amp;", "&").partition("?")[2]
        assert len(listed(client, query)) == int(count), address


def test_numbers_and_lists_leave_cases_at_a_default_position_out_alike(
    city: Engine, login: Login
) -> None:
    with city.begin() as conn:
        assert accept(conn, A1, actor="wang") == 2
    client = login("dispatcher")
    assert set(listed(client, "mark=default_position")) == {"C1", "C2"}
    assert set(listed(client, "unmarked=default_position")) == {"C3", "C4", "C5"}
    assert set(listed(client, "area=street:A&unmarked=default_position")) == {"C3"}
    assert (
        "without: Default coordinate"
        in client.get("/cases?unmarked=default_position&lang=en").text
    )
    page = client.get("/?from=2026-03-01&to=2026-03-10&lang=en").text
    ranking = page[page.index('id="ranking"') :]
    assert "At a default coordinate" in ranking
    links = re.findall(r'<a href="(/cases\?[^"]*)">([\d,]+)</a>', page)
    apart = [(address, count) for address, count in links if "&amp;mark=" in address]
    of = {address.partition("deadline=")[2].partition("&")[0]: said for address, said in apart}
    assert (of[""], of["overdue"]) == ("2", "1")
    in_areas = [address for address, _ in links if "area=" in address]
    assert in_areas
    assert all("unmarked=" in address for address in in_areas)
    for address, count in links:
        query = address.replace("&amp;", "&").partition("?")[2]
        assert len(listed(client, query)) == int(count), address
    # The panel of the map says how many it leaves out, and both numbers lead to their cases.
    panel = client.get("/map/areas/cell/A1?from=2026-03-01&to=2026-03-10&lang=en").text
    assert "Left out, at a default coordinate:" in panel
    links = re.findall(r'<a href="(/cases\?[^"]*)">([\d,]+)</a>', panel)
    assert [count for address, count in links if "&amp;mark=" in address] == ["2"]
    assert (
        "At a default coordinate"
        not in client.get("/?from=2026-04-01&to=2026-04-02&lang=en").text
    )


UNREADABLE = [
    "unmarked=x",
    "from=yesterday",
    "from=0001-01-01",
    "to=9999-12-31",
    "from=2026-03-03&to=2026-03-02",
    "status=lost",
    "deadline=soon",
    "sort=colour",
    "after=x",
    "before=%00",
    "area=street",
    "edition=x",
    "as_of=soon",
    "q=%00",
    "category=%00",
]


def test_an_address_that_cannot_be_read_says_so(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    answers = {query: client.get(f"/cases?{query}").status_code for query in UNREADABLE}
    assert answers == dict.fromkeys(UNREADABLE, 400)


def test_an_area_nobody_knows_is_not_found(city: Engine, login: Login) -> None:
    assert login("dispatcher").get("/cases?area=street:Z").status_code == 404


def test_a_list_is_sorted_and_paged_by_key(
    city: Engine, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmgmt.services.cases.lists.PAGE_ROWS", 2)
    client = login("dispatcher")
    page = client.get("/cases?sort=case_no").text
    seen = [numbers(page)]
    while found := re.search(r'href="([^"]+)" rel="next"', page):
        page = client.get(found[1].replace("&amp;", "&")).text
        seen.append(numbers(page))
    assert seen == [["C1", "C2"], ["C3", "C4"], ["C5"]]
    found = re.search(r'href="([^"]+)" rel="prev"', page)
    assert found
    assert numbers(client.get(found[1].replace("&amp;", "&")).text) == ["C3", "C4"]


def test_who_may_not_see_personal_data_finds_none_by_searching_for_them(
    city: Engine, login: Login
) -> None:
    assert listed(login("commander"), "q=坑") == []
    assert audited(city, "read_personal") == []
    assert listed(login("dispatcher"), "q=坑") == ["C1"]
    searched, shown = audited(city, "read_personal")
    assert (searched.actor, searched.subject) == ("dispatcher", "cases")
    assert searched.detail == {"command": "search texts"}
    # The list that was found shows an address.
    assert (shown.actor, shown.detail) == (
        "dispatcher",
        {"command": "list", "case_nos": ["C1"]},
    )


def test_who_may_read_the_texts_of_all_its_cases_searches_them(
    city: Engine, login: Login
) -> None:
    texts, numbers_only = "编号、描述或地址", "编号开头"
    own = login("responder", responder_code="S1")
    assert texts in own.get("/cases").text
    assert listed(own, "q=坑") == ["C1"]
    noted = [one.detail["command"] for one in audited(city, "read_personal")]
    assert noted.count("search texts") == 1
    assert listed(login("responder", "two", responder_code="S2"), "q=坑") == []
    assert listed(login("street_chief", area=("street", "A")), "q=坑") == ["C1"]
    assert listed(login("street_chief", "all"), "q=坑") == [], "no area says which are its own"
    collector = login("collector")
    given = {"category": "E1", "description": "大坑", "reported_at": "2026-03-05T08:30"}
    token = csrf_of(collector.get("/cases/new").text)
    where = collector.post("/cases/new", data={**given, "csrf_token": token}).location
    assert listed(collector, "q=坑") == [where.rpartition("/")[2]]
    page = login("commander").get("/cases").text
    assert numbers_only in page
    assert texts not in page


def test_a_text_that_is_found_at_no_late_case_is_searched_for_at_all_times(
    city: Engine, login: Login
) -> None:
    with city.begin() as conn:
        years = "UPDATE cases SET reported_at = reported_at - interval '2 years'"
        conn.execute(sa.text(f"{years} WHERE case_no = 'C1'"))
    client = login("dispatcher")
    page = client.get("/cases?q=坑&lang=zh").text
    assert numbers(page) == []
    assert "文字检索范围：" in page
    (link,) = re.findall(r'href="([^"]*)">检索全部时间<', page)
    assert numbers(client.get(html.unescape(link)).text) == ["C1"]


def test_an_account_of_an_area_sees_that_area_only(city: Engine, login: Login) -> None:
    client = login("dispatcher", area=("street", "B"))
    assert listed(client) == ["C4"]
    # To this account there is no such street.
    assert client.get("/cases?area=street:A").status_code == 404
    for path in ("/cases/C1", "/cases/C5", "/cases/C1/position.json", "/cases/C1/area.json"):
        assert client.get(path).status_code == 404, path
    token = csrf_of(client.get("/cases/C4").text)
    given = {"responder": "S2", "text": "x", "seen_seq": 1, "csrf_token": token}
    assert client.post("/cases/C1/assign", data=given).status_code == 404


def test_a_responder_sees_its_own_cases_with_their_personal_data(
    city: Engine, login: Login
) -> None:
    client = login("responder", responder_code="S1")
    assert sorted(listed(client)) == ["C1", "C2"]
    page = client.get("/cases/C1").text
    assert "甲路1号" in page
    assert client.get("/cases/C4").status_code == 404
    assert [entry.subject for entry in audited(city, "read_personal")] == ["cases", "case C1"]


def test_personal_data_are_shown_to_who_dispatches_only(city: Engine, login: Login) -> None:
    page = login("commander").get("/cases/C1").text
    assert "坑洞" not in page
    assert "甲路1号" not in page
    assert audited(city, "read_personal") == []
    page = login("duty_chief").get("/cases/C1").text
    assert "坑洞" in page
    (entry,) = audited(city, "read_personal")
    assert (entry.actor, entry.subject) == ("duty_chief", "case C1")


def test_a_case_is_explained_in_the_language_of_the_page_alone(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher")
    chinese = client.get("/cases/C1").text
    english = client.get("/cases/C1?lang=en").text
    for page in (chinese, english):
        assert ("适用的最具体规则是" in page) is (page is chinese)
        assert ("The most specific rule that applies" in page) is (page is english)
    assert "the same answer" in english
    assert "结果相同" in chinese


def test_every_action_is_offered_by_role_and_state(city: Engine, login: Login) -> None:
    def offered(role: str, no: str, **limits: object) -> set[str]:
        page = login(role, **limits).get(f"/cases/{no}").text
        return set(re.findall(r'<details class="action" id="(\w+)"', page))

    everything = {"place", "assign", "bounce", "dispose", "supervise"}
    assert offered("duty_chief", "C1") == everything
    assert offered("duty_chief", "C5") == {"place", "assign"}
    assert offered("duty_chief", "C2") == {"close"}
    assert offered("dispatcher", "C1") == {"place", "assign", "bounce"}
    assert offered("acceptor", "C5") == {"place"}
    assert offered("responder", "C1", responder_code="S1") == {"bounce", "dispose"}
    assert offered("commander", "C1") == set()


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [
        ("commander", {"place", "assign", "dispose", "close"}),
        ("acceptor", {"assign", "dispose", "close"}),
        ("dispatcher", {"dispose", "close"}),
    ],
)
def test_what_a_role_may_not_do_is_refused_by_the_server(
    city: Engine, login: Login, role: str, forbidden: set[str]
) -> None:
    client = login(role)
    token = csrf_of(client.get("/cases").text)
    for action in forbidden:
        answer = client.post(f"/cases/C1/{action}", data={"csrf_token": token})
        assert answer.status_code == 403, action


def test_an_unlocated_case_is_put_on_the_map_then_disposed_of_and_closed(
    city: Engine, login: Login
) -> None:
    client = login("duty_chief")
    lon, lat = map(str, B1)
    answer = send(client, "/cases/C5/place", lon=lon, lat=lat, text="按电话")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases/C5#top")
    now = datetime.now(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")
    assert send(client, "/cases/C5/dispose", at=now, text="已清理").status_code == 303
    assert send(client, "/cases/C5/close", at=now).status_code == 303
    with city.connect() as conn:
        case = get_case(conn, "C5")
        assert (case.location.area_code, case.responder_code, case.status) == (
            "B1",
            "S2",
            "closed",
        )
        events = list_events(conn, "C5")
    assert [(event.kind, event.actor) for event in events[1:]] == [
        ("placed", "duty_chief"),
        ("disposed", "duty_chief"),
        ("closed", "duty_chief"),
    ]
    page = client.get("/cases/C5").text
    for words in ("人工定位", "按电话", "已清理"):
        assert words in page


def test_a_case_is_given_to_another_with_a_reason_that_its_page_tells(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher")
    assert send(client, "/cases/C1/assign", responder="S2", text="一队支援").status_code == 303
    page = client.get("/cases/C1?lang=en").text
    assert "A person, dispatcher, gave it to 二中队 (S2)" in page
    assert "The reason given: 一队支援" in page
    assert "一队支援" not in login("commander").get("/cases/C1").text
    assert listed(login("responder", responder_code="S2")) != []


def test_what_cannot_be_done_shows_the_form_again_with_what_was_typed(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher")
    answer = send(client, "/cases/C1/assign?lang=zh", responder="S1", text="打错了")
    assert answer.status_code == 400
    assert "打错了" in answer.text
    assert re.search(r'<details class="action" id="assign" open>', answer.text)
    noted = [entry.subject for entry in audited(city, "read_personal")]
    assert noted == ["case C1", "case C1"], "the page that says so shows them again"
    answer = send(client, "/cases/C5/place", lon="121.5", lat="31.2")
    assert answer.status_code == 400
    answer = send(client, "/cases/C5/place", lon="", lat="")
    assert answer.status_code == 400
    early = {"at": "2020-01-01T08:00", "text": "x"}
    answer = send(login("duty_chief"), "/cases/C1/dispose?lang=zh", **early)
    assert "2020-01-01 08:00 早于上报时间（" in answer.text


def test_who_acted_is_named_and_stands_by_a_login_only_without_a_name(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher", "wang", name="王伟")
    stale = client.get("/cases/C1").text
    assert send(client, "/cases/C1/assign", responder="S2", text="支援").status_code == 303
    page = client.get("/cases/C1").text
    history, why = (
        page.partition(f'id="{part}-heading"')[2].partition("</section>")[0]
        for part in ("history", "why")
    )
    assert "王伟" in history
    assert "tester" in history, "who imported the file has no account"
    assert "王伟" in why
    assert "wang" not in history + why
    given = {"seen_seq": "1", "csrf_token": csrf_of(stale), "responder": "OA", "text": "y"}
    assert "王伟" in client.post("/cases/C1/assign", data=given).text
    send(login("duty_chief", "li", name="李娜"), "/cases/C1/supervise")
    again = login("duty_chief", "zhao").get("/cases/C1").text
    assert "李娜" in again.partition('id="again"')[2].partition("</label>")[0]


def test_a_case_changed_meanwhile_is_not_changed_again(city: Engine, login: Login) -> None:
    first, second = login("dispatcher"), login("duty_chief")
    page = second.get("/cases/C1").text
    stale = {"seen_seq": "1", "csrf_token": csrf_of(page), "responder": "OA", "text": "y"}
    assert send(first, "/cases/C1/assign", responder="S2", text="x").status_code == 303
    answer = second.post("/cases/C1/assign", data=stale)
    assert answer.status_code == 409
    assert "dispatcher" in answer.text
    with city.connect() as conn:
        assert get_case(conn, "C1").responder_code == "S2"


def test_a_form_without_its_token_changes_nothing(city: Engine, login: Login) -> None:
    given = {"seen_seq": 1, "responder": "S2", "text": "x"}
    assert login("dispatcher").post("/cases/C1/assign", data=given).status_code == 400
    with city.connect() as conn:
        assert get_case(conn, "C1").responder_code == "S1"


def test_a_case_put_out_of_sight_leads_back_to_the_list(city: Engine, login: Login) -> None:
    client = login("dispatcher", area=("street", "B"))
    lon, lat = map(str, A2)
    answer = send(client, "/cases/C4/place", lon=lon, lat=lat)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/cases?status=triage&sort=due_at",
    )


def test_a_case_is_reported_located_and_numbered(city: Engine, login: Login) -> None:
    client = login("collector")
    given = {
        "category": "E1",
        "reported_at": "2026-03-05T08:30",
        "lon": str(B1[0]),
        "lat": str(B1[1]),
        "description": "新坑",
        "csrf_token": csrf_of(client.get("/cases/new").text),
    }
    answer = client.post("/cases/new", data=given)
    assert answer.status_code == 303
    assert re.fullmatch(r"/cases/R20260305-\d{6}", answer.headers["Location"])
    page = client.get(answer.headers["Location"]).text
    assert "二中队" in page
    assert "新坑" in page, "whoever wrote it may read it"
    form = client.get("/cases/new").text
    assert answer.headers["Location"] in form
    assert "/cases/C1" not in form


def test_an_unfit_report_says_everything_and_keeps_what_was_typed(
    city: Engine, login: Login
) -> None:
    client = login("acceptor")
    given = {
        "category": "E1",
        "reported_at": "2031-03-05T08:30",
        "lon": "120",
        "description": "新坑",
        "csrf_token": csrf_of(client.get("/cases/new").text),
    }
    answer = client.post("/cases/new?lang=en", data=given)
    assert answer.status_code == 400
    for words in ("lies in the future\n", "Longitude is given but Latitude is empty", "新坑"):
        assert words in answer.text
    chinese = client.post("/cases/new?lang=zh", data={**given, "due_at": "soon"}).text
    assert "处置截止：“soon”不是日期" in chinese
    assert "上报时间 2031-03-05T08:30 晚于当前时间" in chinese
    assert "due_at：" not in chinese


def test_who_types_a_deadline_before_the_report_is_told(city: Engine, login: Login) -> None:
    client = login("acceptor")
    token = csrf_of(client.get("/cases/new").text)
    given = {"category": "E1", "reported_at": "2026-03-05T08:30", "due_at": "2026-03-04T08:30"}
    answer = client.post("/cases/new", data={**given, "csrf_token": token})
    assert answer.status_code == 400
    assert "处置截止 2026-03-04T08:30 早于上报时间" in answer.text


def test_who_reports_where_nobody_answers_is_told(city: Engine, login: Login) -> None:
    client = login("acceptor")
    token = csrf_of(client.get("/cases/new").text)
    given = {"category": "E1", "reported_at": "2026-03-05T08:30", "csrf_token": token}
    answer = client.post("/cases/new", data=given, follow_redirects=True)
    assert "待研判：未定位" in answer.text


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_export_holds_what_the_list_shows(city: Engine, login: Login) -> None:
    client = login("duty_chief")
    for query in ("", "status=open&sort=case_no", "overdue=1", "area=street:A"):
        answer = client.get(f"/cases/export?headings=machine&{query}")
        assert answer.status_code == 200
        rows = rows_of(answer.data.decode("utf-8"))
        assert [row["case_no"] for row in rows] == listed(client, query)
    assert "address" not in rows[0]
    noted = [entry.detail["command"] for entry in audited(city, "read_personal")]
    assert set(noted) == {"list"}, "the lists beside show addresses, the files have none"
    book = openpyxl.load_workbook(
        io.BytesIO(client.get("/cases/export?headings=machine&format=xlsx&q=C1").data),
        read_only=True,
    )
    assert [row[0] for row in book.active.values] == ["case_no", "C1"]
    book.close()


def test_a_file_has_the_language_of_the_page_and_the_local_day(
    city: Engine, login: Login
) -> None:
    client = login("duty_chief")
    answer = client.get("/cases/export?q=C1")
    (row,) = rows_of(answer.data.decode("utf-8"))
    assert row["案件编号"] == "C1"
    assert row["案件状态"] in ("待研判", "已派遣", "已处置", "结案")
    assert row["时限情况"] in ("按期处置", "超期处置", "超期未处置", "未到期", "未设处置截止")
    assert "地址" not in row
    day = datetime.now(Settings().tz)
    name = answer.headers["Content-Disposition"]
    assert re.search(r'"cases_(\d{8})\.csv"', name)
    assert f"{day:%Y}" in name
    (row,) = rows_of(client.get("/cases/export?q=C1&lang=en").data.decode("utf-8"))
    assert row["Case number"] == "C1"
    assert client.get("/cases/export?headings=both").status_code == 400


def test_links_of_a_list_keep_every_ticked_box(
    city: Engine, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmgmt.services.cases.lists.PAGE_ROWS", 2)
    with city.begin() as conn:
        conn.execute(
            sa.text(
                "UPDATE cases SET channel = CASE WHEN case_no < 'C3' THEN 'patrol'"
                " WHEN case_no < 'C5' THEN 'by phone, at night' END"
            )
        )
    client = login("duty_chief")
    query = {"channel": ["patrol", '"by phone, at night"'], "sort": "case_no"}
    page = client.get("/cases", query_string=query).text
    assert numbers(page) == ["C1", "C2"]
    found = re.search(r'href="([^"]+)" rel="next"', page)
    assert found
    assert numbers(client.get(html.unescape(found[1])).text) == ["C3", "C4"]
    found = re.search(r'href="(/cases/export[^"]*format=csv)"', page)
    assert found
    rows = rows_of(client.get(html.unescape(found[1])).data.decode("utf-8"))
    assert [row["案件编号"] for row in rows] == ["C1", "C2", "C3", "C4"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("edition=9", 404),
        ("edition=0", 404),
        ("edition=0&area=street:A", 404),
        ("unlocated_in=9", 404),
        ("unlocated=maybe", 400),
        ("category=E1&category=E2", 400),
        ("edition=1", 200),
        ("unlocated_in=1", 200),
    ],
)
def test_a_list_is_of_what_was_asked_or_refused(
    city: Engine, login: Login, query: str, status: int
) -> None:
    assert login("dispatcher").get(f"/cases?{query}").status_code == status


def test_the_history_shows_changed_times_on_the_clock_of_the_bureau(
    city: Engine, login: Login, tmp_path: Path
) -> None:
    with city.begin() as conn:
        for at in ("2026-03-09T02:00Z", "2026-03-10T02:30Z"):
            path = case_file(tmp_path, [row("C3", A2, due_at=at)])
            assert take_in(conn, path, update_known=True).updated == 1
    page = login("duty_chief").get("/cases/C3?lang=en").text
    history = page[page.index('id="history-heading"') :]
    assert "Due at: filled in as 2026-03-09 10:00" in history
    assert "Due at: from 2026-03-09 10:00 to 2026-03-10 10:30" in history


def test_a_filter_tells_its_instant_on_the_clock_of_the_bureau(
    city: Engine, login: Login
) -> None:
    chief = login("duty_chief")
    page = chief.get("/cases?overdue=1&as_of=2026-03-03T09:00:00.521839%2B00:00").text
    chips = re.findall(r'case-chip" href="[^"]*">([^<]*)', page)
    assert [chip.strip() for chip in chips] == ["超期未处置", "截至 2026-03-03 17:00"]


def test_a_deadline_at_the_end_of_the_calendar_breaks_no_page(
    city: Engine, login: Login
) -> None:
    # Older versions stored it; no clock east of London can show it.
    end = sa.text("UPDATE cases SET due_at = '9999-12-31T23:59:59Z' WHERE case_no = 'C1'")
    with city.begin() as conn:
        conn.execute(end)
    client = login("duty_chief")
    for path in ("/cases", "/cases/C1", "/", "/cases?overdue=1", "/cases/export?format=xlsx"):
        assert client.get(path).status_code == 200
    assert "9999-12-31 23:59" in client.get("/cases/C1").text
    (row,) = rows_of(client.get("/cases/export?q=C1").data.decode("utf-8"))
    assert row["处置截止"].startswith("9999-12-31 23:59:59")


def test_personal_data_leave_only_with_who_may_see_them(city: Engine, login: Login) -> None:
    asked = "/cases/export?q=C1&personal=1&headings=machine"
    (row,) = rows_of(login("duty_chief").get(asked).data.decode())
    assert row["address"] == "甲路1号"
    assert [entry.actor for entry in audited(city, "read_personal")] == ["duty_chief"]
    (row,) = rows_of(login("commander").get(asked).data.decode())
    assert "address" not in row
    assert login("dispatcher").get(asked).status_code == 403


def test_a_long_list_is_written_by_a_job_for_who_asked_only(
    city: Engine,
    login: Login,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(view, "MOST_AT_ONCE", 3)
    client = login("duty_chief")
    assert client.get("/cases/export?q=C1").mimetype == "text/csv"
    page = client.get("/cases/export?status=open&sort=case_no&personal=1&headings=machine").text
    found = re.search(r'action="(/cases/export[^"]*)"', page)
    assert found
    answer = client.post(found[1].replace("&amp;", "&"), data={"csrf_token": csrf_of(page)})
    job_id = int(answer.headers["Location"].rpartition("/")[2])
    assert client.get(f"/cases/exports/{job_id}").status_code == 404, "not written yet"
    run_job(city, KINDS, job_id, settings)
    with client.get(f"/cases/exports/{job_id}") as answer:
        rows = rows_of(answer.data.decode())
    assert [row["case_no"] for row in rows] == ["C1", "C3", "C4", "C5"]
    assert rows[0]["address"] == "甲路1号"
    assert login("commander").get(f"/cases/exports/{job_id}").status_code == 404
    assert f"/cases/exports/{job_id}" in client.get(f"/jobs/{job_id}").text


def test_a_case_is_judged_by_another_edition_without_being_changed(
    city: Engine, login: Login
) -> None:
    levels = two_streets()
    del levels["cell"]
    with city.begin() as conn:
        make_edition(conn, levels)
        before = get_case(conn, "C1")
    page = login("dispatcher").get("/cases/C1?edition=2&lang=en").text
    part = page[page.index('id="elsewhere"') :]
    assert "A街道办" in part
    assert "nothing of this is stored" in part
    assert login("commander").get("/cases/C1?edition=9").status_code == 404
    with city.connect() as conn:
        assert get_case(conn, "C1") == before


def test_the_small_map_gets_the_case_its_area_and_what_lies_around(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher")

    def labels(part: str) -> list[str]:
        found = client.get(f"/cases/{part}.json").json
        return [one["properties"]["label"] for one in found["features"]]

    assert labels("C1/position") == ["C1"]
    assert labels("C1/area") == ["A1"]
    assert labels("C1/candidates") == []
    assert labels("C1/around") == ["A"]
    assert labels("C5/area") == []
    assert len(labels("C5/around")) == 8, "the grid, to put the case on"


def test_what_a_case_holds_is_shown_as_text(city: Engine, login: Login) -> None:
    nasty = '<script>alert("x")</script>'
    with city.begin() as conn:
        conn.execute(
            cases.update()
            .where(cases.c.case_no == "C1")
            .values(address=nasty, description=nasty, channel=nasty)
        )
    client = login("duty_chief")
    send(client, "/cases/C1/assign", responder="S2", text=nasty)
    for path in ("/cases/C1", "/cases?q=C1", f"/cases?q={nasty}"):
        page = client.get(path).text
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in client.get("/cases/C1").text


def test_a_case_number_may_hold_any_sign(city: Engine, login: Login) -> None:
    client = login("duty_chief")
    for no in ("杭城管〔2026〕12号", "2026/03/12", "a b?c#d%"):
        given = {"category": "E1", "case_no": no, "reported_at": "2026-03-05T08:30"}
        given["csrf_token"] = csrf_of(client.get("/cases/new").text)
        where = client.post("/cases/new", data=given).headers["Location"]
        page = client.get(where).text
        assert f"<h1>{no}</h1>" in page.replace("\n", "")
        (other,) = re.findall(r'href="(/cases/[^"]+lang=..)"', page)
        assert f"<h1>{no}</h1>" in client.get(other).text.replace("\n", "")
        client.get("/cases?lang=zh")
        assert send(client, f"{where}/assign", responder="S2", text="x").status_code == 303


def test_a_case_nobody_knows_is_not_found(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    for path in ("/cases/C99", "/cases/C99/position.json", "/cases/C99/around.json"):
        assert client.get(path).status_code == 404
    assert client.get("/cases/C%00").status_code in {400, 404}


def test_a_forgotten_case_says_since_when_and_shows_no_texts(
    city: Engine, login: Login
) -> None:
    client = login("duty_chief")
    assert "坑洞" in client.get("/cases/C1").text
    with city.begin() as conn:
        closed = "UPDATE cases SET status = 'closed', closed_at = '2026-03-05Z'"
        conn.execute(sa.text(f"{closed} WHERE case_no = 'C1'"))
        conn.execute(sa.text("SELECT forget_cases_v1('2026-04-01Z', 10)"))
    for client_of in (client, login("commander")):
        page = client_of.get("/cases/C1").text
        assert "个人信息" in page
        assert re.search(r"已于 \d{4}-\d\d-\d\d \d\d:\d\d 清除", page)
        assert "坑洞" not in page
        assert "甲路1号" not in page


def test_a_case_begins_with_who_has_it_the_call_and_the_way_there(
    city: Engine, login: Login
) -> None:
    with city.begin() as conn:
        conn.execute(
            responders.update().where(responders.c.code == "S1").values(phone="139 0000 0000")
        )
    page = login("dispatcher").get("/cases/C1").text
    assert "由一中队主办：依据17号" in page
    assert 'href="tel:13900000000"' in page
    assert f'href="geo:{A1[1]:.6f},{A1[0]:.6f}"' in page
    own = login("responder", responder_code="S1").get("/cases/C1").text
    assert 'href="tel:13900000000"' not in own, "nobody calls himself"
    assert "尚无主办单位（尚未定位）" in login("dispatcher").get("/cases/C5").text
    assert "tel:" not in login("commander").get("/cases/C1").text


def test_a_report_keeps_how_accurate_the_device_is(city: Engine, login: Login) -> None:
    client = login("collector")
    position = {"lon": str(B1[0]), "lat": str(B1[1]), "accuracy_m": "12"}
    given = {"category": "E1", **position, "csrf_token": csrf_of(client.get("/cases/new").text)}
    answer = client.post("/cases/new", data=given)
    with city.connect() as conn:
        case = get_case(conn, answer.headers["Location"].rpartition("/")[2])
    assert case.given.accuracy_m == 12


def test_why_a_case_went_there_is_all_chinese_on_a_chinese_page(
    city: Engine, login: Login
) -> None:
    with city.begin() as conn:
        conn.execute(sa.text("DELETE FROM duties WHERE target_code = 'A1'"))
    page = login("duty_chief").get("/cases/C1").text
    why = page.split('id="why-heading"')[1].split("</section>")[0]
    assert "结果不同" in why
    # Codes and names of coordinate systems have capitals, digits or three letters.
    assert re.findall(r"[a-z]{4,}", re.sub(r"<[^>]+>", " ", why)) == []
    assert "English" not in why
