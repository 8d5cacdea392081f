import re

from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services import accounts, logins
from gridmgmt.store.api_tokens import list_tokens
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


def test_who_finds_an_open_session_does_not_try_passwords_on_it(
    login: Login, engine: Engine
) -> None:
    client = login("planner")
    tries = [change(client, old=f"try {number}")[0] for number in range(6)]
    assert tries == [200] * logins.BY_NAME.most + [429]


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
