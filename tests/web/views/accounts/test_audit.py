"""The audit log as an administrator reads it."""

import re
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.duty_change import DutyChange, DutyEnd
from gridmgmt.services.accounts import accounts
from gridmgmt.services.responsibility.duties import import_duties
from gridmgmt.services.responsibility.duty_changes import store_change
from gridmgmt.store.accounts.audit import record
from gridmgmt.store.responsibility.duties import list_duties
from tests.services.answering import PLAIN, table
from tests.web.conftest import PASSWORD, Login
from web.words.audit_words import ACTIONS


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


def test_actions_are_offered_by_subject_each_once(login: Login) -> None:
    page = login("administrator").get("/audit?lang=zh").text
    select = page.split('id="action"')[1].split("</select>")[0]
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', select)
    assert [label for label, _ in groups][:4] == [
        "案件",
        "个人信息",
        "网格",
        "责任分工与基础数据",
    ]
    offered = [re.findall(r'<option value="(\w+)"', options) for _, options in groups]
    assert sorted(word for some in offered for word in some) == sorted(ACTIONS)
    # As the work goes: taken in, dispatched, disposed of, closed.
    order = ["report_case", "assign_case", "dispose_case", "close_case"]
    assert [word for word in offered[0] if word in order] == order


@pytest.fixture
def named(city: Engine) -> Engine:
    with city.begin() as conn:
        conn.execute(sa.text("UPDATE areas SET name = '湖滨' WHERE code = 'A'"))
        conn.execute(sa.text("UPDATE areas SET name = '北山巷口' WHERE code = 'A2'"))
    return city


def lines_of(login: Login, actor: str) -> str:
    """What the newest entry of an actor says beside its sentence, in Chinese."""
    page = login("administrator").get(f"/audit?actor={actor}&lang=zh").text
    return text_of(page.split('class="audit-lines"')[1].split("</tr>")[0])


def test_a_change_of_duties_stands_in_sentences_with_names(named: Engine, login: Login) -> None:
    new = Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A2", frozenset({"E1"}),
               "Mo-Fr 08:00-18:00", date(2026, 6, 1), None, "示责〔2026〕第7号")  # fmt: skip
    with named.begin() as conn:
        old = list_duties(conn)[0]
        change = DutyChange((DutyEnd(old.id, date(2026, 6, 1)),), (new,), "中队撤并")
        store_change(conn, change, actor="zhang")
    said = lines_of(login, "zhang")
    assert (
        "二中队（S2）主办：单元网格 北山巷口（A2），占道（E1），周一至周五 8:00–18:00，"
        "自 2026-06-01 起，责任书 示责〔2026〕第7号"
    ) in said
    assert (
        "一中队（S1）主办：单元网格 A1，全部类别，至 2026-05-31，责任书 17号 · 截止日" in said
    )
    assert "dispose" not in said
    assert "{" not in said


def test_an_import_of_duties_stands_in_sentences_too(
    named: Engine, login: Login, tmp_path: Path
) -> None:
    rows = (
        "responder_code,role,target,level,target_code,categories,valid_to,letter_no\n"
        "S1,dispose,area,cell,A1,*,2026-12-31,17号"
    )
    with named.begin() as conn:
        import_duties(conn, table(tmp_path, rows), PLAIN, actor="zhang")
    said = lines_of(login, "zhang")
    assert "一中队（S1）主办：单元网格 A1，全部类别，至 2026-12-31，责任书 17号" in said
    assert "截止日 – 2026-12-31" in said
    assert "dispose" not in said


def test_areas_stand_with_their_names(named: Engine, login: Login) -> None:
    with named.begin() as conn:
        area = ("street", "A")
        accounts.create(conn, "li", "commander", PASSWORD, area=area, actor="zhang")
        record(conn, "wang", "read_personal", "street A", {"command": "map panel"})
        placed = {
            "before": {"level": None, "area": None},
            "after": {"level": "cell", "area": "A2"},
        }
        record(conn, "zhao", "place_case", "case C5", placed)
    assert "区域 街道 湖滨（A）" in lines_of(login, "zhang")
    assert "区域 – 单元网格 北山巷口（A2）" in lines_of(login, "zhao")
    page = text_of(login("administrator").get("/audit?actor=wang&lang=zh").text)
    assert "查看个人信息（街道 湖滨（A））" in page


def test_a_long_value_is_folded_with_all_of_it_behind(named: Engine, login: Login) -> None:
    numbers = [f"SYN-2026-{n:06}" for n in range(50)]
    with named.begin() as conn:
        record(conn, "wang", "read_personal", "cases", {"cases": numbers})
        record(conn, "wang", "read_personal", "cases", {"cases": numbers[:3]})
    page = login("administrator").get("/audit?actor=wang").text
    assert page.count('<details class="audit-long">') == 1
    assert ", ".join(numbers) in page
