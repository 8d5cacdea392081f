"""Manage accounts: make, change and disable them, set passwords."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import AccountError, InputError, NotAllowedError
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts import accounts, passwords, second_factors, sessions, tokens
from gridmgmt.store.accounts.accounts import get_account, list_accounts, list_roles
from gridmgmt.store.accounts.api_tokens import list_tokens
from gridmgmt.store.accounts.second_factors import find_second_factor
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.responders import list_responders
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.words.sentences import said

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@dataclass(frozen=True)
class Given:
    """The values in the form of an account."""

    username: str = ""
    name: str = ""
    role: str = ""
    level: str = ""
    code: str = ""
    responder: str = ""

    @property
    def area(self) -> tuple[str, str] | None:
        """Return the area that limits the account; an area needs both level and code."""
        return (self.level, self.code) if self.level or self.code else None


@bp.get("")
@allow(Permission.MANAGE_ACCOUNTS)
def index() -> ResponseReturnValue:
    return _list(Given())


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
            area=given.area,
            responder_code=given.responder or None,
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
            area=given.area,
            responder_code=given.responder or None,
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
    names = ("username", "name", "role", "level", "code", "responder")
    return Given(**{name: request.form.get(name, "").strip() for name in names})


def _back(username: str) -> ResponseReturnValue:
    return redirect(url_for("accounts.detail", username=username), 303)


def _list(given: Given, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    found = list_accounts(connection())
    return render_template(
        "accounts/index.html", accounts=found, given=given, errors=errors or {}, **_choices()
    )


def _one(
    one: Account, given: Given | None = None, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    level, code = one.area or ("", "")
    stored = Given(one.username, one.name, one.role.code, level, code, one.responder_code or "")
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
        **_choices(),
    )


def _choices() -> dict[str, object]:
    conn = connection()
    return {
        "roles": list_roles(conn),
        "levels": list_levels(conn),
        "responders": list_responders(conn),
    }
