"""The case desk: what a row says, and the queues with their counts."""

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.store.schema import audit_log
from tests.services.case_city import SHANGHAI
from tests.web.conftest import Login
from web.pages import case_queues

# Who reads the address of which case of its list, by hand from the table of roles; C1 has one.
READS = {
    "acceptor": True,
    "duty_chief": True,
    "dispatcher": True,
    "responder": True,
    "street_chief": False,
    "collector": False,
    "commander": False,
    "planner": False,
}


def rows(client: FlaskClient, query: str = "") -> dict[str, str]:
    """Return the text of each row of a list by its case."""
    page = client.get(f"/cases?lang=zh&{query}").text
    found = re.findall(r'<tr data-case="([^"]*)">(.*?)</tr>', page, re.S)
    plain = {case_no: re.sub(r"<[^>]*>", " ", row) for case_no, row in found}
    return {no: " ".join(html.unescape(row).split()) for no, row in plain.items()}


@pytest.mark.parametrize("role", READS)
def test_addresses_are_shown_to_who_may_read_them_and_noted(
    city: Engine, login: Login, role: str
) -> None:
    limits = {"responder_code": "S1"} if role == "responder" else {}
    shown = rows(login(role, **limits))
    assert {no for no, row in shown.items() if "甲路1号" in row} == (
        {"C1"} if READS[role] else set()
    )
    assert not any("坑洞" in row for row in shown.values())
    assert noted(city) == ([(role, ["C1"])] if READS[role] else [])


def noted(city: Engine) -> list[tuple[str, list[str]]]:
    """Return who read the addresses of which cases in a list, as noted in the audit log."""
    query = sa.select(audit_log).where(audit_log.c.action == "read_personal")
    with city.connect() as conn:
        entries = conn.execute(query.order_by(audit_log.c.id)).all()
    assert {one.detail["command"] for one in entries} <= {"list"}
    return [(one.actor, one.detail["case_nos"]) for one in entries]


def test_a_list_read_again_is_noted_once_an_hour_and_each_new_case_at_once(
    city: Engine, login: Login
) -> None:
    client = login("dispatcher")
    for _again in range(3):
        rows(client)
    assert noted(city) == [("dispatcher", ["C1"])]
    with city.begin() as conn:
        conn.execute(sa.text("UPDATE cases SET address = '乙路2号' WHERE case_no = 'C4'"))
    rows(client)
    rows(login("acceptor"))
    assert noted(city)[1:] == [("dispatcher", ["C4"]), ("acceptor", ["C1", "C4"])]
    with city.begin() as conn:
        conn.execute(sa.text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        conn.execute(sa.text("UPDATE audit_log SET at = at - interval '61 minutes'"))
        conn.execute(sa.text("ALTER TABLE audit_log ENABLE TRIGGER ALL"))
    rows(client)
    assert noted(city)[3:] == [("dispatcher", ["C1", "C4"])]


@pytest.fixture
def now(city: Engine) -> datetime:
    """The present; C1 is due today, C4 is late, C3 is not due yet."""
    at = datetime.now(SHANGHAI)
    tonight = at.replace(hour=23, minute=59, second=59)
    due = {
        "C1": min(at + timedelta(hours=5, minutes=30), tonight),
        "C3": at + timedelta(days=9),
    }
    due["C4"] = at - timedelta(days=2, hours=4, minutes=30)
    with city.begin() as conn:
        for case_no, due_at in due.items():
            conn.execute(
                sa.text(
                    "UPDATE cases SET due_at = :due, reported_at = :at WHERE case_no = :no"
                ),
                {
                    "due": due_at,
                    "no": case_no,
                    "at": at - timedelta(days=3, hours=1, minutes=5),
                },
            )
    return at


def test_a_row_says_how_old_a_case_is_and_how_much_time_it_has(
    now: datetime, login: Login
) -> None:
    shown = rows(login("dispatcher"))
    assert "剩余" in shown["C1"]
    assert "剩余 8 天 23 小时" in shown["C3"]
    assert "已超期 2 天 4 小时" in shown["C4"]
    assert all("已上报 3 天 1 小时" in shown[no] for no in ("C1", "C3", "C4"))
    assert "用时" in shown["C2"]
    # Without a deadline there is nothing left and nothing late.
    assert "剩余" not in shown["C5"]
    assert "超期" not in shown["C5"]


def queues(client: FlaskClient) -> dict[str, tuple[str, int]]:
    found = re.findall(
        r'class="queue[^"]*" href="([^"]*)" data-queue="([^"]*)".*?queue-count">([\d,]+)<',
        client.get("/cases").text,
    )
    return {name: (html.unescape(there), int(said)) for there, name, said in found}


def test_each_queue_leads_to_as_many_cases_as_it_says(now: datetime, login: Login) -> None:
    client = login("dispatcher")
    shown = queues(client)
    listed = {
        name: set(rows(client, there.partition("?")[2])) for name, (there, _) in shown.items()
    }
    assert listed == {
        "place": {"C5"},
        "assign": set(),
        "returned": set(),
        "due_today": {"C1"},
        "overdue": {"C4"},
    }
    assert {name: count for name, (_, count) in shown.items()} == {
        name: len(numbers) for name, numbers in listed.items()
    }


def test_a_responder_has_the_queues_of_its_own_cases(now: datetime, login: Login) -> None:
    shown = queues(login("responder", responder_code="S1"))
    assert {name: count for name, (_, count) in shown.items()} == {"due_today": 1, "overdue": 0}


def test_the_queue_that_is_shown_is_marked(now: datetime, login: Login) -> None:
    client = login("dispatcher")
    for name, (there, _) in queues(client).items():
        page = client.get(there).text
        marked = re.findall(r'data-queue="([^"]*)" aria-current="page"', page)
        assert marked == [name]
    assert (
        'aria-current="page"'
        not in client.get("/cases?status=closed")
        .text.partition('class="queues"')[2]
        .partition("</nav>")[0]
    )


LISTS = {
    "due=today": {"C1", "C4", "C2"},
    "due=today&deadline=pending": {"C1"},
    "reason=unlocated,bounced": {"C5"},
    "reason=no_owner,two_owners": set(),
    "status=triage&reason=unlocated": {"C5"},
}


def test_deadlines_and_reasons_filter_a_list(now: datetime, login: Login) -> None:
    client = login("dispatcher")
    assert {query: set(rows(client, query)) for query in LISTS} == LISTS
    assert client.get("/cases?reason=unlocated,nonsense").status_code == 400
    assert client.get("/cases?due=soon").status_code == 400


@pytest.fixture
def counting(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    from gridmgmt.services.statistics import sources  # noqa: PLC0415

    source = sources.count_in_columns(
        app.extensions["gridmgmt"].engine, tmp_path_factory.mktemp("columns")
    )
    source.refresh()
    yield
    sources._sources.clear()


def test_the_revision_changes_with_every_case_and_only_then(
    city: Engine, counting: None, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = login("dispatcher")
    # Every few minutes it is another one, for the times that are left.
    monkeypatch.setattr(case_queues, "_CLOCK_S", 10**10)

    def asked() -> str:
        told = client.get("/case-lists/revision.json").get_json()["revision"]
        assert isinstance(told, str)
        return told

    before = asked()
    assert f'data-revision="{before}"' in client.get("/cases").text
    assert asked() == before
    with city.begin() as conn:
        conn.execute(sa.text("UPDATE cases SET channel = 'x' WHERE case_no = 'C3'"))
    assert asked() != before


def test_without_columns_nobody_knows_the_revision(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    assert client.get("/case-lists/revision.json").get_json() == {"revision": None}
    assert 'data-revision=""' in client.get("/cases").text


def test_no_bare_reason_stands_where_a_disposer_belongs(city: Engine, login: Login) -> None:
    client = login("duty_chief")
    nobody = "尚无主办单位（尚未定位）"
    (row,) = re.findall(r'<tr data-case="C5">.*?</tr>', client.get("/cases").text, re.DOTALL)
    assert nobody in row
    page = client.get("/cases/C5").text
    assert re.search(rf"<dt>主办</dt><dd>\s*{nobody}</dd>", page)
    assert nobody in page.partition('class="case-now"')[2].partition("</p>")[0]
    assert nobody in client.get("/cases/export?q=C5").text
    elsewhere = client.get("/cases/C5?edition=1").text.partition('id="elsewhere"')[2]
    assert nobody in elsewhere


def test_the_head_of_a_case_says_the_time_left_as_lists_do(city: Engine, login: Login) -> None:
    client = login("duty_chief")
    page = client.get("/cases").text
    for number, due in (("C1", "超期"), ("C2", "提前"), ("C3", None)):
        (row,) = re.findall(rf'<tr data-case="{number}">.*?</tr>', page, re.DOTALL)
        lead = client.get(f"/cases/{number}").text.partition('class="page-lead"')[2]
        lead = lead.partition("</p>")[0]
        in_row = re.findall(r'<span data-clock>\s*<span class="(badge[^>]*>[^<]*)<', row)
        assert len(in_row) == (due is not None)
        for badge in in_row:
            assert due in badge
            assert badge in lead
        assert due is not None or lead.count('class="badge') == 1, "no deadline, no clock"


def test_who_is_limited_to_an_area_is_told_why_nothing_is_to_be_placed(
    city: Engine, login: Login
) -> None:
    said = "未定位的案件不属于任何区域"
    limited = login("dispatcher", "a", area=("street", "A")).get("/cases").text
    assert f"您的账号限定在A。{said}" in limited
    for client in (
        login("dispatcher"),
        login("street_chief", area=("street", "A")),
        login("responder", responder_code="S1", area=("street", "A")),
    ):
        assert said not in client.get("/cases").text
    # The queue itself is empty for that reason, and there alone.
    queue = "/cases?status=triage&reason=unlocated"
    assert rows(login("dispatcher"), queue.partition("?")[2])
    assert said in login("dispatcher", "a").get(queue).text
