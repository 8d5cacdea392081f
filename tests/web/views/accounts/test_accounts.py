import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.accounts.account import Account
from gridmgmt.services.accounts import accounts
from gridmgmt.store.accounts.accounts import find_account, get_account
from gridmgmt.store.accounts.api_tokens import list_tokens
from gridmgmt.store.schema import audit_log
from tests.web.conftest import Login, csrf_of

FORM = {"username": "li", "name": "李派遣", "role": "dispatcher"}


@pytest.fixture
def admin(login: Login, city: Engine) -> FlaskClient:
    return login("administrator")


def send(client: FlaskClient, path: str = "", **data: str) -> tuple[int, str]:
    token = csrf_of(client.get("/accounts").text)
    answer = client.post(f"/accounts{path}?lang=en", data={"csrf_token": token, **data})
    return answer.status_code, answer.text


def stored(engine: Engine, username: str = "li") -> Account | None:
    with engine.connect() as conn:
        return find_account(conn, username)


def password_on(page: str) -> str:
    found = re.search(r"<code[^>]*>([^<]{10,})</code>", page)
    assert found
    return found[1]


def opens(engine: Engine, username: str, password: str) -> bool:
    with engine.begin() as conn:
        return accounts.check_password(conn, username, password) is not None


def test_accounts_are_listed_with_role_limits_and_state(admin: FlaskClient) -> None:
    send(admin, **FORM, area="A")
    send(admin, username="squad", role="responder", responder="S1")
    send(admin, "/squad/disable")
    page = admin.get("/accounts").text
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    li = next(row for row in rows if "李派遣" in row)
    assert "Dispatcher" in li
    assert "Street: A" in li
    assert ">active<" in li
    squad = next(row for row in rows if ">squad<" in row)
    assert "S1" in squad
    assert ">disabled<" in squad


def test_a_new_account_gets_a_password_that_is_shown_once(
    admin: FlaskClient, city: Engine
) -> None:
    status, page = send(admin, **FORM, area="A")
    assert status == 201
    made = stored(city)
    assert made is not None
    assert (made.name, made.role.code, made.area) == ("李派遣", "dispatcher", ("street", "A"))
    password = password_on(page)
    assert opens(city, "li", password)
    assert password not in admin.get("/accounts/li").text
    with city.connect() as conn:
        assert password not in str(conn.execute(sa.select(audit_log)).all())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"username": ""}, "write one word without blanks"),
        ({"username": "a b"}, "write one word without blanks"),
        ({"username": "administrator"}, "already"),
        ({"role": "boss"}, "there is no role"),
        ({"role": "responder"}, "must name the responder"),
        ({"responder": "S9"}, "there is no responder"),
        ({"area": "Z"}, "no edition has an area"),
        ({"area": "planet:A"}, "no edition has an area"),
        ({"area": "cell:A"}, "there is no cell"),
    ],
)
def test_an_account_that_cannot_be_is_not_made_and_the_form_stays_filled(
    admin: FlaskClient, city: Engine, given: dict[str, str], told: str
) -> None:
    status, page = send(admin, **{**FORM, **given})
    assert status == 200
    assert told in page
    assert 'value="李派遣"' in page
    assert stored(city) is None


def test_a_change_is_kept_audited_and_ends_the_sessions(
    admin: FlaskClient, login: Login, city: Engine
) -> None:
    li = login("dispatcher", "li")
    assert li.get("/account").status_code == 200
    given = {"name": "李四", "role": "acceptor", "area": "cell:B1"}
    assert send(admin, "/li", **given)[0] == 303
    changed = stored(city)
    assert changed is not None
    assert (changed.name, changed.role.code, changed.area) == (
        "李四",
        "acceptor",
        ("cell", "B1"),
    )
    assert li.get("/account").status_code == 303
    with city.connect() as conn:
        query = sa.select(audit_log).where(audit_log.c.action == "change_account")
        entry = conn.execute(query).one()
    assert entry.actor == "administrator"
    assert entry.detail["before"]["role"] == "dispatcher"
    assert entry.detail["after"]["area"] == ["cell", "B1"]


def test_a_change_that_cannot_be_leaves_the_account_as_it_was(
    admin: FlaskClient, city: Engine
) -> None:
    send(admin, **FORM)
    before = stored(city)
    status, page = send(admin, "/li", name="x", role="responder")
    assert status == 200
    assert "must name the responder" in page
    assert stored(city) == before


def test_a_disabled_account_is_out_until_it_is_enabled(
    admin: FlaskClient, login: Login, city: Engine
) -> None:
    li = login("dispatcher", "li")
    assert send(admin, "/li/disable")[0] == 303
    assert li.get("/account").status_code == 303
    assert not stored(city).active  # type: ignore[union-attr]
    assert send(admin, "/li/enable")[0] == 303
    assert login("dispatcher", "li").get("/account").status_code == 200


def test_the_last_administrator_stays_and_is_told_why(admin: FlaskClient, city: Engine) -> None:
    assert send(admin, "/administrator/disable")[0] == 303
    page = admin.get("/accounts/administrator?lang=en").text
    assert "is the last active account that may manage accounts" in page
    assert send(admin, "/administrator", role="planner")[0] == 409
    assert stored(city, "administrator").role.code == "administrator"  # type: ignore[union-attr]


def test_another_password_opens_and_the_one_before_does_not(
    admin: FlaskClient, city: Engine
) -> None:
    first = password_on(send(admin, **FORM)[1])
    status, page = send(admin, "/li/password")
    assert status == 201
    assert opens(city, "li", password_on(page))
    assert not opens(city, "li", first)


def test_tokens_of_an_account_are_seen_and_revoked_by_who_manages_accounts(
    admin: FlaskClient, login: Login, city: Engine
) -> None:
    li = login("dispatcher", "li")
    token = csrf_of(li.get("/account").text)
    li.post("/account/tokens", data={"csrf_token": token, "name": "nightly", "days": "30"})
    assert "nightly" in admin.get("/accounts/li").text
    with city.connect() as conn:
        [one] = list_tokens(conn, "li")
    assert send(admin, f"/li/tokens/{one.id}/revoke")[0] == 303
    with city.connect() as conn:
        assert list_tokens(conn, "li")[0].revoked_at is not None
    assert send(admin, f"/administrator/tokens/{one.id}/revoke")[0] == 404


def test_an_account_that_is_not_there_is_not_found(admin: FlaskClient) -> None:
    assert admin.get("/accounts/nobody").status_code == 404
    for path in ("", "/disable", "/enable", "/password", "/tokens/1/revoke"):
        assert send(admin, f"/nobody{path}", role="planner")[0] == 404


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%2Fb", "李&王", "<b>", "a+b"])
def test_an_odd_name_has_its_page(admin: FlaskClient, city: Engine, name: str) -> None:
    assert send(admin, **{**FORM, "username": name})[0] == 201
    found = re.findall(r'href="(/accounts/[^"]+)"', admin.get("/accounts").text)
    pages = [admin.get(address.replace("&amp;", "&")) for address in found]
    assert [page.status_code for page in pages] == [200, 200]
    with city.connect() as conn:
        assert get_account(conn, name).name == "李派遣"
