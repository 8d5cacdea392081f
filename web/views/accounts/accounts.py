"""Manage accounts: make, change and disable them, set passwords."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.errors import AccountError, InputError, NotAllowedError
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts import accounts, passwords, second_factors, sessions, tokens
from gridmgmt.services.areas import area_search
from gridmgmt.services.areas.area_search import area_written
from gridmgmt.services.responsibility import responder_search
from gridmgmt.services.responsibility.duty_lists import newest_area_names
from gridmgmt.services.responsibility.responder_lists import responder_choices
from gridmgmt.store.accounts.accounts import get_account, list_accounts
from gridmgmt.store.accounts.api_tokens import list_tokens
from gridmgmt.store.accounts.roles import find_role, list_roles
from gridmgmt.store.accounts.second_factors import find_second_factor
from web.app import params
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.words.languages import language
from web.words.names import with_code
from web.words.sentences import said

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


class _Limits(TypedDict):
    area: AreaKey | None
    responder_code: str | None


@dataclass(frozen=True)
class Given:
    """The values in the form of an account, as they were typed."""

    username: str = ""
    name: str = ""
    role: str = ""
    area: str = ""
    responder: str = ""


@bp.get("")
@allow(Permission.MANAGE_ACCOUNTS)
def index() -> ResponseReturnValue:
    return _list(Given(role=params.text(request.args, "role") or ""))


@bp.post("")
@allow(Permission.MANAGE_ACCOUNTS)
def create() -> ResponseReturnValue:
    given = _given()
    password = passwords.new_password()
    try:
        made = accounts.create(
            connection(),
            given.username,
            given.role,
            password,
            name=given.name,
            **_limits(given),
            actor=actor(),
        )
    except InputError as error:
        return _list(given, {error.field: said(error.message)})
    return render_template("accounts/password.html", one=made, password=password), 201


@bp.get("/<username>")
@allow(Permission.MANAGE_ACCOUNTS)
def detail(username: str) -> ResponseReturnValue:
    return _one(get_account(connection(), username))


@bp.post("/<username>")
@allow(Permission.MANAGE_ACCOUNTS)
def change(username: str) -> ResponseReturnValue:
    given = _given()
    try:
        accounts.change(
            connection(),
            username,
            role=given.role,
            name=given.name,
            **_limits(given),
            actor=actor(),
        )
    except InputError as error:
        one = get_account(connection(), username)
        return _one(one, given, {error.field: said(error.message)})
    flash(_("Account %(name)s was changed; its sessions have ended.", name=username), "success")
    return _back(username)


@bp.post("/<username>/disable")
@allow(Permission.MANAGE_ACCOUNTS)
def disable(username: str) -> ResponseReturnValue:
    try:
        accounts.set_active(connection(), username, active=False, actor=actor())
    except AccountError as error:
        flash(said(error), "danger")
    else:
        flash(_("Account %(name)s logs in no more.", name=username), "success")
    return _back(username)


@bp.post("/<username>/enable")
@allow(Permission.MANAGE_ACCOUNTS)
def enable(username: str) -> ResponseReturnValue:
    accounts.set_active(connection(), username, active=True, actor=actor())
    flash(_("Account %(name)s may log in again.", name=username), "success")
    return _back(username)


@bp.post("/<username>/password")
@allow(Permission.MANAGE_ACCOUNTS)
def reset_password(username: str) -> ResponseReturnValue:
    password = passwords.new_password()
    accounts.set_password(connection(), username, password, actor=actor())
    one = get_account(connection(), username)
    return render_template("accounts/password.html", one=one, password=password), 201


@bp.post("/<username>/sessions/end")
@allow(Permission.MANAGE_ACCOUNTS)
def end_sessions(username: str) -> ResponseReturnValue:
    one = get_account(connection(), username)
    now = datetime.now(UTC)
    ended = sessions.end_all(connection(), one.username, actor=actor(), now=now)
    flash(_("Sessions ended: %(count)s.", count=ended), "success")
    return _back(username)


@bp.post("/<username>/second-factor/reset")
@allow(Permission.MANAGE_ACCOUNTS)
def reset_second_factor(username: str) -> ResponseReturnValue:
    if username == actor():
        # Somebody at an open session could otherwise remove what protects the next login.
        raise NotAllowedError(
            Sentence("the second factor of one's own account is reset by another administrator")
        )
    second_factors.reset(connection(), username, actor=actor())
    flash(_("The second factor of %(name)s was reset.", name=username), "success")
    return _back(username)


@bp.post("/<username>/tokens/<int:token_id>/revoke")
@allow(Permission.MANAGE_ACCOUNTS)
def revoke_token(username: str, token_id: int) -> ResponseReturnValue:
    token = tokens.revoke(
        connection(), username, token_id, actor=actor(), now=datetime.now(UTC)
    )
    flash(_("Token %(name)s opens nothing any more.", name=token.name), "success")
    return _back(username)


def _given() -> Given:
    names = ("username", "name", "role", "area", "responder")
    return Given(**{name: request.form.get(name, "").strip() for name in names})


def _back(username: str) -> ResponseReturnValue:
    return redirect(url_for("accounts.detail", username=username), 303)


def _limits(given: Given) -> _Limits:
    """Return what was picked, or typed as a code, a name or a part of one.

    Raises
    ------
    InputError
        when an area means none or several, or a responder several
    """
    people = {one.code: one for one in _responders()}
    code = responder_search.meant(people, given.responder, field="responder")
    return {
        "area": area_search.meant(connection(), given.area, field="area"),
        # A code of nobody is refused by name.
        "responder_code": code or given.responder or None,
    }


def _list(given: Given, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    conn = connection()
    role = params.text(request.args, "role")
    found = [one for one in list_accounts(conn) if role in (None, one.role.code)]
    return render_template(
        "accounts/index.html",
        accounts=found,
        role=find_role(conn, role) if role else None,
        area_names=newest_area_names(conn, [one.area for one in found if one.area]),
        responder_names={one.code: one.name for one in _responders()},
        with_code=with_code,
        given=given,
        errors=errors or {},
        roles=list_roles(conn),
    )


def _one(
    one: Account, given: Given | None = None, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    people = {one.code: responder_search.written(one) for one in _responders()}
    acts_for = one.responder_code or ""
    stored = Given(
        one.username,
        one.name,
        one.role.code,
        "" if one.area is None else area_written(connection(), one.area, language()),
        people.get(acts_for, acts_for),
    )
    now = datetime.now(UTC)
    limits = current_settings().session_limits
    return render_template(
        "accounts/detail.html",
        one=one,
        given=given or stored,
        errors=errors or {},
        tokens=list_tokens(connection(), one.username),
        sessions=sessions.list_live(connection(), one.username, limits, now=now),
        now=now,
        second_factor=find_second_factor(connection(), one.username),
        roles=list_roles(connection()),
    )


def _responders() -> list[Responder]:
    return responder_choices(connection(), within=None, case_scope=ALL_CASES)
