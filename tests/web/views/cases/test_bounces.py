"""The pages of bounces: a case is returned, and what returned cases tell."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.cases import actions, placing
from gridmgmt.store.cases.cases import get_case, list_events
from gridmgmt.store.schema import role_permissions
from tests.services import bounce_city
from tests.services.reroute_city import RULES
from tests.web.conftest import Login
from tests.web.views.cases.test_cases import audited, listed, send


@pytest.fixture
def bounced(engine: Engine, tmp_path: Path) -> Engine:
    with engine.begin() as conn:
        bounce_city.fill(conn, tmp_path)
    return engine


def test_a_responder_returns_a_case_and_a_dispatcher_sees_by_whom(
    city: Engine, login: Login
) -> None:
    squad = login("responder", responder_code="S1")
    assert "退单" in squad.get("/cases/C1?lang=zh").text
    answer = send(squad, "/cases/C1/bounce", text="不在我队辖区", suggested="S2")
    assert answer.headers["Location"] == "/cases?status=open&sort=due_at"
    assert "C1" not in listed(squad)
    with city.connect() as conn:
        assert get_case(conn, "C1").unrouted_reason == "bounced"
        assert list_events(conn, "C1")[-1].detail["suggested"] == "S2"
    dispatcher = login("dispatcher")
    assert listed(dispatcher, "reason=bounced") == ["C1"]
    assert "returned by 一中队" in dispatcher.get("/cases?reason=bounced&lang=en").text
    page = dispatcher.get("/cases/C1?lang=en").text
    assert "不在我队辖区" in page
    assert "suggested by who bounced it" in page
    assert send(dispatcher, "/cases/C1/assign", responder="S2", text="改派").status_code == 303
    assert audited(city, "bounce_case")[0].actor == "responder"


def test_a_bounce_without_a_reason_shows_the_form_again(city: Engine, login: Login) -> None:
    squad = login("responder", responder_code="S1")
    answer = send(squad, "/cases/C1/bounce", text=" ", suggested="S2")
    assert answer.status_code == 400
    assert re.search(r'<details class="action" id="bounce" open>', answer.text)
    assert re.search(r'name="suggested" value="S2"', answer.text)


def test_who_acts_for_a_responder_returns_only_its_cases(city: Engine, login: Login) -> None:
    other = login("responder", "other", responder_code="S2")
    assert send(other, "/cases/C1/bounce", text="x").status_code == 404
    # This one sees all cases, and still acts for one responder.
    chief = login("dispatcher", "squad_chief", responder_code="S2")
    assert 'id="bounce"' not in chief.get("/cases/C1").text
    assert 'id="bounce"' in chief.get("/cases/C4").text
    assert send(chief, "/cases/C1/bounce", text="x").status_code == 403
    assert send(chief, "/cases/C4/bounce", text="x").status_code == 303


def test_roles_without_the_permission_find_no_button(city: Engine, login: Login) -> None:
    assert 'id="bounce"' not in login("commander").get("/cases/C1").text
    assert 'id="bounce"' not in login("dispatcher").get("/cases/C5").text, "nobody has it"


def linked(page: str) -> list[tuple[str, int]]:
    found = re.findall(r'href="(/duties/bounces/cases\?[^"]*)">([\d,]+)<', page)
    return [(address.replace("&amp;", "&"), int(n)) for address, n in found]


def test_every_number_of_the_report_leads_to_as_many_cases(
    bounced: Engine, login: Login
) -> None:
    client = login("dispatcher")
    page = client.get("/duties/bounces?lang=en").text
    links = linked(page)
    assert sorted(n for _, n in links) == [1, 1, 4, 7]
    for address, n in links:
        cases = client.get(address).text
        assert len(re.findall(r'<th scope="row"><a class="code"', cases)) == n, address
    assert "ended with who answers on the other side" in page
    assert "went from 一中队 to 总街长" in page
    assert "(17号)" in page


def test_a_case_bounced_at_a_border_after_it_lay_nowhere_is_listed_with_both(
    city: Engine, login: Login
) -> None:
    with city.begin() as conn:
        act, at = bounce_city.act, bounce_city.WEST_OF_B1
        actions.assign(conn, act(conn, "C5"), responder_code="S1", reason="x")
        bounce_city.bounced(conn, "C5", None)
        placing.place(conn, act(conn, "C5"), lonlat=at, rules=RULES)
        bounce_city.bounced(conn, "C5", "S2")
    client = login("dispatcher")
    page = client.get("/duties/bounces/cases?one=A2&other=B1")
    assert page.status_code == 200
    assert page.text.count('href="/cases/C5?back=') == 2
    assert 'href="/areas/cell/A2?edition=1"' in page.text


def test_the_report_follows_its_filter(bounced: Engine, login: Login) -> None:
    client = login("dispatcher")
    assert linked(client.get("/duties/bounces?to=2026-05-31").text) == []
    near = linked(client.get("/duties/bounces?reach=5&level=cell").text)
    assert all("reach=5" in address and "level=cell" in address for address, _ in near)
    assert not any("one=" in address for address, _ in near)
    assert client.get("/duties/bounces?reach=far").status_code == 400
    assert client.get("/duties/bounces?reach=5000").status_code == 400
    assert client.get("/duties/bounces?level=planet").status_code == 404
    assert client.get("/duties/bounces/cases?one=A1&other=B4").status_code == 404


def test_a_limit_to_an_area_limits_the_report(bounced: Engine, login: Login) -> None:
    client = login("dispatcher", area=("street", "B"))
    assert [n for _, n in linked(client.get("/duties/bounces").text)] == [1, 1]


def test_who_sees_no_cases_sees_the_numbers_without_links(
    bounced: Engine, login: Login
) -> None:
    client = login("gis_officer")
    page = client.get("/duties/bounces").text
    assert linked(page) == []
    assert "A2" in page
    assert client.get("/duties/bounces/cases?one=A2&other=B1").status_code == 403


def test_who_sees_cases_but_no_duties_finds_no_links_that_are_closed_to_them(
    bounced: Engine, login: Login
) -> None:
    with bounced.begin() as conn:
        sees = role_permissions.c.permission == Permission.SEE_DUTIES
        conn.execute(role_permissions.delete().where(sees))
    client: FlaskClient = login("commander")
    page = client.get("/duties/bounces/cases?one=A2&other=B1").text
    assert "/responders/" not in page
