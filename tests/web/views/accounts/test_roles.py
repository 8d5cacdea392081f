"""The pages of roles: the table, the form, what a change would do, and the change."""

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.accounts import accounts, roles
from gridmgmt.services.accounts.roles import StatedRole
from gridmgmt.settings import Settings
from gridmgmt.store.accounts.roles import find_role, get_role
from tests.web.conftest import PASSWORD, Login, csrf_of

NEW = {"code": "patrol", "name_zh": "巡查员", "name_en": "Patrol"}


@pytest.fixture
def admin(login: Login) -> FlaskClient:
    return login("administrator")


def role(engine: Engine, code: str) -> Role | None:
    with engine.connect() as conn:
        return find_role(conn, code)


def fields_of(page: str) -> dict[str, object]:
    """Return what the first form of a page with a mark would send."""
    [form] = [one for one in page.split("<form")[1:] if 'name="mark"' in one][:1]
    form = form.partition("</form>")[0]
    hidden = {
        name: unescape(value)
        for name, value in re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', form)
        if name != "permission"
    }
    ticked = re.findall(r'name="permission"[^>]*value="(\w+)"[^>]*checked', form)
    ticked += re.findall(r'type="hidden" name="permission" value="(\w+)"', form)
    return {**hidden, "permission": ticked}


def opened(client: FlaskClient, code: str) -> dict[str, object]:
    """Return the fields of the form of a role, filled in as it is."""
    return fields_of(client.get(f"/roles/{code}/change?lang=en").text)


def post(client: FlaskClient, path: str, data: dict[str, object]) -> TestResponse:
    token = csrf_of(client.get("/roles/new").text)
    return client.post(f"/roles/{path}?lang=en", data={**data, "csrf_token": token})


def text_of(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def applied(client: FlaskClient, data: dict[str, object]) -> TestResponse:
    """Press through preview and confirmation."""
    shown = post(client, "changes", data)
    assert shown.status_code == 200, text_of(shown.text)
    return post(client, "changes/apply", fields_of(shown.text))


def test_the_table_has_words_and_numbers_of_accounts(admin: FlaskClient, login: Login) -> None:
    login("planner", "li")
    page = admin.get("/roles?lang=en").text
    head = next(one for one in page.split("<th") if "/roles/planner/change" in one)
    assert "Accounts: 1" in head
    row = next(one for one in page.split("<tr") if "Publish drafts" in one)
    assert "Make a draft the next edition" in row
    assert row.count("bi-check-lg") == 1
    zh = admin.get("/roles?lang=zh").text
    assert "发布草案" in zh
    assert "publish_drafts" not in zh


def test_a_role_is_added_and_given_to_an_account(
    admin: FlaskClient, login: Login, engine: Engine
) -> None:
    data = {**NEW, "permission": ["see_map", "report_cases"]}
    assert applied(admin, {**data, "mark": "", "role": ""}).status_code == 303
    assert role(engine, "patrol") == Role(
        "patrol", "巡查员", "Patrol", frozenset({Permission.SEE_MAP, Permission.REPORT_CASES})
    )
    assert ">Patrol</option>" in admin.get("/accounts?lang=en").text
    li = login("patrol", "li")
    assert li.get("/login").headers["Location"] == "/cases/new"
    assert li.get("/overview").status_code == 403


def test_a_change_holds_at_the_next_request_of_a_session_that_stays(
    admin: FlaskClient, login: Login
) -> None:
    li = login("commander", "li")
    assert li.get("/audit").status_code == 403
    form = opened(admin, "commander")
    assert applied(admin, {**form, "permission": [*form["permission"], "see_audit"]})  # type: ignore[misc]
    assert li.get("/audit").status_code == 200
    form = opened(admin, "commander")
    kept = [one for one in form["permission"] if one not in ("see_audit", "see_map")]  # type: ignore[attr-defined]
    assert applied(admin, {**form, "permission": kept}).status_code == 303
    assert li.get("/audit").status_code == 403
    assert li.get("/map").status_code == 403
    assert li.get("/overview").status_code == 200


def test_a_preview_says_what_changes_and_for_whom_and_stores_nothing(
    admin: FlaskClient, login: Login, engine: Engine
) -> None:
    login("commander", "li")
    form = opened(admin, "commander")
    before = role(engine, "commander")
    shown = post(admin, "changes", {**form, "permission": ["see_overview", "assign_cases"]})
    told = text_of(shown.text)
    assert "May from then on 1 Cases Assign cases" in told
    assert "May no more 7" in told
    assert "Whom it concerns 1" in told
    assert "li" in told.partition("Whom it concerns")[2]
    assert "“Assign cases” opens nothing in this role" in told
    assert role(engine, "commander") == before
    back = post(admin, "changes/form", fields_of(shown.text))
    assert fields_of(back.text)["permission"] == ["see_overview", "assign_cases"]


def test_a_wrong_form_keeps_everything_and_says_what_is_wrong(
    admin: FlaskClient, engine: Engine
) -> None:
    data = {**NEW, "code": "no good", "name_zh": "规划员", "permission": ["see_map"]}
    answer = post(admin, "changes", {**data, "mark": "", "role": ""})
    assert answer.status_code == 400
    told = text_of(answer.text)
    assert "small letters, digits and underscores" in told
    assert "is called so already" in told
    fields = fields_of(answer.text)
    assert (fields["code"], fields["name_zh"]) == ("no good", "规划员")
    assert fields["permission"] == ["see_map"]


def test_who_comes_later_sees_that_it_changed(
    admin: FlaskClient, login: Login, engine: Engine
) -> None:
    other = login("administrator", "second")
    mine, theirs = opened(admin, "planner"), opened(other, "planner")
    add = [*mine["permission"], "see_audit"]  # type: ignore[misc]
    seen = post(admin, "changes", {**mine, "permission": add})
    less = [one for one in theirs["permission"] if one != "see_map"]  # type: ignore[attr-defined]
    assert applied(other, {**theirs, "permission": less}).status_code == 303
    late = post(admin, "changes/apply", fields_of(seen.text))
    assert late.status_code == 409
    told = text_of(late.text)
    assert "Somebody changed this role or its accounts meanwhile" in told
    # What the other took away would come back: it stands there to be decided.
    assert "See the map" in told.partition("May from then on")[2]
    stored = role(engine, "planner")
    assert stored is not None
    assert not {Permission.SEE_AUDIT, Permission.SEE_MAP} & stored.permissions
    # A form that was open all the while says so before anything is confirmed.
    assert "Somebody changed" in text_of(
        post(admin, "changes", {**mine, "permission": add}).text
    )


def test_nobody_locks_everybody_out_and_the_form_stays(
    admin: FlaskClient, engine: Engine
) -> None:
    form = opened(admin, "administrator")
    answer = post(admin, "changes", {**form, "permission": ["see_audit"]})
    assert answer.status_code == 409
    assert "nobody could manage accounts any more" in answer.text
    assert fields_of(answer.text)["permission"] == ["see_audit"]
    assert admin.get("/roles").status_code == 200


def test_who_gives_up_managing_goes_on_to_the_first_page(
    admin: FlaskClient, engine: Engine
) -> None:
    stated = StatedRole("head", "主任", "Head", frozenset({"manage_accounts"}), is_new=True)
    with engine.begin() as conn:
        roles.put_role(conn, stated, actor="a test")
        accounts.create(conn, "boss", "head", PASSWORD, actor="a test")
    form = opened(admin, "administrator")
    shown = post(admin, "changes", {**form, "permission": ["see_audit"]})
    assert "This is your own role" in shown.text
    done = post(admin, "changes/apply", fields_of(shown.text))
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert admin.get("/roles").status_code == 403
    assert admin.get("/audit").status_code == 200


def test_only_a_role_of_nobody_is_retired(
    admin: FlaskClient, login: Login, engine: Engine
) -> None:
    login("planner", "li")
    assert "Retire the role" not in admin.get("/roles/planner/change?lang=en").text
    assert post(admin, "planner/retire", {}).status_code == 409
    assert "Retire the role" in admin.get("/roles/acceptor/change?lang=en").text
    assert post(admin, "acceptor/retire", {}).status_code == 303
    assert role(engine, "acceptor") is None
    assert admin.get("/roles/acceptor/change").status_code == 404
    page = admin.get("/audit?lang=zh").text
    assert "删除角色 受理员（acceptor）" in text_of(page)


def test_the_audit_log_tells_a_change_in_words(admin: FlaskClient) -> None:
    form = opened(admin, "planner")
    less = [one for one in form["permission"] if one != "see_map"]  # type: ignore[attr-defined]
    applied(admin, {**form, "permission": [*less, "see_audit"], "name_zh": "规划师"})
    told = re.sub(r"<details.*?</details>", "", admin.get("/audit?lang=zh").text, flags=re.S)
    assert "查看审计日志" in told
    assert "查看地图" in told
    assert "see_audit" not in told
    assert "规划师（planner）" in told


class TestWithSecondFactors:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, second_factor=True)

    def test_who_now_needs_a_second_factor_sets_one_up_at_the_next_request(
        self, app: Flask, login: Login, engine: Engine
    ) -> None:
        li = login("planner", "li")
        assert li.get("/map").status_code == 200
        with engine.begin() as conn:
            now = get_role(conn, "planner")
            more = frozenset({*now.permissions, "edit_drafts", "publish_drafts"})
            stated = StatedRole(now.code, now.name_zh, now.name_en, more)
            effect = roles.put_role(conn, stated, actor="a test")
        assert [one.username for one in effect.to_set_up] == ["li"]
        assert li.get("/map").headers["Location"].startswith("/login")
        page = li.get("/login")
        data = {"username": "li", "password": PASSWORD, "csrf_token": csrf_of(page.text)}
        assert li.post("/login", data=data).headers["Location"] == "/login/second-factor"
