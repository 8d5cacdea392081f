import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.engine import Engine

from gridmgmt.store.schema import audit_log, responders
from tests.web.conftest import Login
from tests.web.views.responsibility.test_duties import text_of

PHONE = "13900000000"


@pytest.fixture
def phones(city: Engine) -> Engine:
    with city.begin() as conn:
        conn.execute(responders.update().values(phone=PHONE))
    return city


def readings(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        query = select(audit_log.c.actor).where(audit_log.c.action == "read_phones")
        return list(conn.execute(query).scalars())


def test_the_list_shows_what_waits_at_each(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    said = text_of(client.get("/responders?lang=en&kind=squad").text)
    assert "2 responders" in said
    assert re.search(r"一中队 S1 Squad – – 1 1 1 ", said), said
    assert "总街长" not in said


def test_a_number_of_cases_leads_to_as_many_cases(city: Engine, login: Login) -> None:
    client = login("dispatcher")
    page = client.get("/responders/S1?lang=en").text
    links = [one for one in re.findall(r'href="(/cases\?[^"]+)"', page) if "status" in one]
    assert len(links) == 2
    for address in links:
        listed = client.get(address.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert set(re.findall(r'href="/cases/(C\d)[?"]', listed.text)) == {"C1"}


def test_who_sees_no_case_is_told_no_number(city: Engine, login: Login) -> None:
    for page in ("/responders", "/responders/S1"):
        said = text_of(login("gis_officer").get(f"{page}?lang=en").text)
        assert "Open cases" not in said
        assert "Overdue" not in said


def test_one_responder_stands_between_superiors_and_subordinates(
    city: Engine, login: Login
) -> None:
    client = login("commander")
    chief = client.get("/responders/CA?lang=en").text
    assert 'href="/responders/H"' in chief
    head = text_of(client.get("/responders/H?lang=en").text)
    assert "Subordinates 1" in head
    assert "17号" in client.get("/responders/S1").text
    assert client.get("/responders/nobody").status_code == 404


def test_a_phone_is_shown_to_few_and_that_is_noted(phones: Engine, login: Login) -> None:
    assert PHONE not in login("gis_officer").get("/responders/S1").text
    assert PHONE not in login("commander").get("/responders/S1").text
    assert readings(phones) == []
    dispatcher = login("dispatcher")
    assert PHONE not in dispatcher.get("/responders").text
    assert PHONE in dispatcher.get("/responders/S1").text
    assert readings(phones) == ["dispatcher"]


def test_an_account_of_a_street_sees_who_answers_there(city: Engine, login: Login) -> None:
    client: FlaskClient = login("dispatcher", "of-a", area=("street", "A"))
    said = text_of(client.get("/responders?lang=en").text)
    assert "一中队" in said
    assert "二中队" not in said
    assert client.get("/responders/S2").status_code == 404


def test_an_empty_bureau_is_told_what_to_do(login: Login) -> None:
    page = login("gis_officer").get("/responders?lang=en").text
    assert "There are no responders yet" in page
    assert 'href="/layer-imports/responders"' in page
