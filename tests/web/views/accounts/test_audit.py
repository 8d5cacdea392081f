"""The audit log as an administrator reads it."""

import re

from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts
from gridmgmt.store.accounts.audit import record
from tests.web.conftest import PASSWORD, Login


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_a_change_stands_there_with_before_and_after(engine: Engine, login: Login) -> None:
    with engine.begin() as conn:
        accounts.create(conn, "li", "planner", PASSWORD, actor="chief")
        accounts.set_active(conn, "li", active=False, actor="chief")
    said = text_of(login("administrator").get("/audit?actor=chief&lang=en").text)
    assert "Disabled an account" in said
    assert "May log in yes no" in said
    assert said.rindex("Disabled an account") < said.rindex("Made an account")


def test_markup_in_the_log_is_text(engine: Engine, login: Login) -> None:
    mean = "<script>alert(1)</script>"
    with engine.begin() as conn:
        record(conn, mean, mean, mean, {mean: mean, "before": {mean: 1}, "after": {mean: 2}})
    page = login("administrator").get("/audit").text
    assert mean not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_next_page_keeps_the_filter(engine: Engine, login: Login) -> None:
    administrator = login("administrator")
    with engine.begin() as conn:
        for number in range(51):
            record(conn, "li", "place_case", f"case C{number}", {})
    page = administrator.get("/audit?actor=li").text
    assert "case C50<" in page
    assert "case C0<" not in page
    (older,) = re.findall(r'href="([^"]+)" rel="next"', page)
    following = administrator.get(older.replace("&amp;", "&")).text
    assert "case C0<" in following
    assert 'rel="next"' not in following


def test_what_cannot_be_looked_for_is_said(login: Login) -> None:
    administrator = login("administrator")
    for query in ("from=soon", "after=x", "actor=%00", "to=1000-01-01"):
        assert administrator.get(f"/audit?{query}").status_code == 400, query


def test_a_filter_that_finds_nothing_says_so(login: Login) -> None:
    page = login("administrator").get("/audit?actor=nobody&lang=en").text
    assert "Nothing of the kind was done." in page


def test_others_do_not_read_it(login: Login) -> None:
    for role in ("commander", "duty_chief", "gis_officer"):
        assert login(role).get("/audit").status_code == 403


def test_who_and_on_what_are_found_as_the_page_prints_them(
    engine: Engine, login: Login
) -> None:
    administrator = login("administrator")
    with engine.begin() as conn:
        accounts.create(conn, "wang", "planner", PASSWORD, name="王伟", actor="chief")
        record(conn, "wang", "place_case", "case SYN-1", {})
        record(conn, "zhao", "place_case", "case SYN-2", {})
    for actor in ("王伟", "王", "wang", "WAN"):
        page = administrator.get("/audit", query_string={"actor": actor}).text
        assert "SYN-1" in page, actor
        assert "SYN-2" not in page, actor
    for subject in ("案件 SYN-", "案件SYN-", "Case SYN-", "case SYN-"):
        page = administrator.get("/audit", query_string={"subject": subject}).text
        assert "SYN-1" in page, subject
        assert "SYN-2" in page, subject
    assert "SYN-1" not in administrator.get("/audit?subject=案件 SYN-2").text


def test_values_of_fixed_sets_stand_in_words(engine: Engine, login: Login) -> None:
    administrator = login("administrator")
    detail = {"before": {"status": "dispatched"}, "after": {"status": "disposed"}}
    with engine.begin() as conn:
        record(conn, "li", "dispose_case", "case C1", {**detail, "unrouted": "bounced"})
    said = text_of(
        administrator.get("/audit?actor=li&lang=zh").text.split("<pre")[1].split("</pre>")[1]
    )
    assert "已派遣 已处置" in said
    assert "退单" in said
