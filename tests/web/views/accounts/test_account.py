import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts, login_limits
from gridmgmt.store.accounts.api_tokens import list_tokens
from tests.web.conftest import PASSWORD, Login, csrf_of

NEW = "another password"


def send(client: FlaskClient, path: str, **data: str) -> tuple[int, str]:
    token = csrf_of(client.get("/account").text)
    answer = client.post(f"/account/{path}?lang=en", data={"csrf_token": token, **data})
    return answer.status_code, answer.text


def change(client: FlaskClient, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> tuple:
    return send(client, "password", old=old, new=new, again=again)


def opens(engine: Engine, username: str, password: str) -> bool:
    with engine.begin() as conn:
        return accounts.check_password(conn, username, password) is not None


def test_everybody_finds_their_own_account(login: Login, city: Engine) -> None:
    squad = login("responder", name="一中队 <b>", responder_code="S1", area=("street", "A"))
    page = squad.get("/account").text
    assert "一中队 &lt;b&gt;" in page
    assert "处置单位" in page
    assert "S1" in page
    assert "Responder" in squad.get("/account?lang=en").text


def test_the_password_is_changed_and_only_this_session_goes_on(
    login: Login, engine: Engine
) -> None:
    here, elsewhere = login("planner"), login("planner")
    assert change(here)[0] == 303
    assert "Your password was changed" in here.get("/account?lang=en").text
    assert elsewhere.get("/account").status_code == 303
    assert not opens(engine, "planner", PASSWORD)
    assert opens(engine, "planner", NEW)


def test_a_password_is_not_changed_without_the_present_one(
    login: Login, engine: Engine
) -> None:
    client = login("planner")
    status, page = change(client, old="something else")
    assert status == 200
    assert "This is not your password." in page
    assert opens(engine, "planner", PASSWORD)


def test_a_password_that_is_short_or_mistyped_is_not_taken(
    login: Login, engine: Engine
) -> None:
    client = login("planner")
    assert "The two are not the same." in change(client, again=NEW + "x")[1]
    assert "give 10 to 1000 characters" in change(client, new="short", again="short")[1]
    assert opens(engine, "planner", PASSWORD)


@pytest.fixture
def new_client(login: Login, engine: Engine) -> FlaskClient:
    """Somebody whose password an administrator has just made."""
    client = login("planner")
    with engine.begin() as conn:
        accounts.set_password(conn, "planner", PASSWORD, actor="chief")
    return enter(client.application.test_client(), "planner")


def enter(client: FlaskClient, username: str) -> FlaskClient:
    data = {"username": username, "password": PASSWORD}
    data["csrf_token"] = csrf_of(client.get("/login").text)
    assert client.post("/login", data=data).status_code == 303
    return client


def first_change(client: FlaskClient, **data: str) -> tuple[int, str, str]:
    form = {"old": PASSWORD, "new": NEW, "again": NEW, **data}
    form["csrf_token"] = csrf_of(client.get("/account/password").text)
    answer = client.post("/account/password?lang=en", data=form)
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def test_a_given_password_opens_nothing_but_the_page_for_another(
    new_client: FlaskClient,
) -> None:
    for path in ("/", "/account", "/map", "/map/figures.json", "/jobs", "/accounts"):
        answer = new_client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/password")
    token = csrf_of(new_client.get("/account/password").text)
    data = {"csrf_token": token, "name": "a script", "days": "30"}
    answer = new_client.post("/account/tokens", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/password")
    page = new_client.get("/account/password").text
    assert "首次登录请修改密码" in page
    assert "menu-link" not in page, "nothing else opens, so nothing else is offered"
    assert new_client.post("/logout", data={"csrf_token": token}).status_code == 303
    assert "/login" in new_client.get("/account/password").headers["Location"]


def test_after_the_change_the_pages_open(new_client: FlaskClient, engine: Engine) -> None:
    assert "This is not your password." in first_change(new_client, old="something else")[2]
    assert "The two are not the same." in first_change(new_client, again="else")[2]
    assert "the present password" in first_change(new_client, new=PASSWORD, again=PASSWORD)[2]
    assert new_client.get("/").headers["Location"] == "/account/password"
    assert first_change(new_client)[:2] == (303, "/map")
    assert new_client.get("/map").status_code == 200
    assert opens(engine, "planner", NEW)


def test_a_password_that_is_easy_to_guess_is_refused_in_chinese(login: Login) -> None:
    client = login("planner")
    data = {"old": PASSWORD, "new": "planner2026", "again": "planner2026"}
    data["csrf_token"] = csrf_of(client.get("/account").text)
    page = client.post("/account/password?lang=zh", data=data).text
    assert "此密码容易被猜到：由他人知道的姓名、账号或业务用语组成" in page


def test_who_finds_an_open_session_does_not_try_passwords_on_it(
    login: Login, engine: Engine
) -> None:
    client = login("planner")
    tries = [change(client, old=f"try {number}")[0] for number in range(11)]
    assert tries == [200] * login_limits.BY_BROWSER.most + [429]


def test_a_token_is_shown_once_and_opens_the_api(login: Login, engine: Engine) -> None:
    client = login("planner")
    status, page = send(client, "tokens", name="<i>report</i>", days="30")
    assert status == 201
    found = re.search(r"gridmgmt_[\w-]{40,}", page)
    assert found
    assert found[0] not in client.get("/account").text
    assert "&lt;i&gt;report&lt;/i&gt;" in client.get("/account").text
    headers = {"Authorization": f"Bearer {found[0]}"}
    anybody = client.application.test_client()
    # There is no edition yet, which is said only to who was let in.
    assert anybody.get("/api/v1/areas", headers=headers).status_code == 409
    with engine.connect() as conn:
        [token] = list_tokens(conn, "planner")
    assert send(client, f"tokens/{token.id}/revoke")[0] == 303
    assert anybody.get("/api/v1/areas", headers=headers).status_code == 401


def test_a_token_without_a_name_or_an_end_is_not_made(login: Login, engine: Engine) -> None:
    client = login("planner")
    assert "give a name of at most 100 characters" in send(client, "tokens", days="30")[1]
    for days in ("", "0", "367"):
        assert send(client, "tokens", name="report", days=days)[0] == 200
    assert send(client, "tokens", name="report", days="many")[0] == 400
    with engine.connect() as conn:
        assert list_tokens(conn, "planner") == []


def test_a_role_without_the_api_neither_sees_nor_makes_tokens(login: Login) -> None:
    client = login("commander")
    assert "/account/tokens" not in client.get("/account").text
    assert send(client, "tokens", name="report", days="30")[0] == 403


def test_somebody_elses_token_is_not_there(login: Login, engine: Engine) -> None:
    send(login("planner"), "tokens", name="report", days="30")
    with engine.connect() as conn:
        [token] = list_tokens(conn, "planner")
    assert send(login("acceptor"), f"tokens/{token.id}/revoke")[0] == 404
