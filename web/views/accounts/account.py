"""One's own account: password, sessions, and tokens for programs."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.accounts.session import SessionLimits
from gridmgmt.errors import InputError
from gridmgmt.services.accounts import accounts, passwords, tokens
from gridmgmt.services.accounts import sessions as service
from gridmgmt.store.accounts.api_tokens import list_tokens
from gridmgmt.store.accounts.second_factors import find_second_factor
from web.app import params
from web.app.transaction import connection, current_settings
from web.door import sessions
from web.door.access import account, actor, allow, may
from web.door.login import check_login
from web.pages.navigation import first_page
from web.words.sentences import said

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@allow()
def index() -> ResponseReturnValue:
    return _page()


@bp.get("/password")
@allow()
def first_password() -> ResponseReturnValue:
    return _password_page({})


@bp.post("/password")
@allow()
def change_password() -> ResponseReturnValue:
    was_first = account().must_change
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    # Counted like a login: somebody at an open session cannot try passwords here.
    if check_login(actor(), old) is None:
        return _password_page({"old": _("This is not your password.")})
    if new != again:
        return _password_page({"again": _("The two are not the same.")})
    try:
        accounts.change_own_password(connection(), actor(), new)
    except InputError as error:
        return _password_page({"new": said(error.message)})
    # All sessions of this account have ended; this one continues with a new secret.
    sessions.log_in(account(), second_factor_at=sessions.second_factor_at())
    flash(_("Your password was changed. Other sessions of yours have ended."), "success")
    return redirect(first_page() if was_first else url_for("account.index"), 303)


@bp.post("/sessions/end")
@allow()
def end_sessions() -> ResponseReturnValue:
    """End one session of one's own, or all except this one."""
    if check_login(actor(), request.form.get("session_password", "")) is None:
        return _page(errors={"session_password": _("This is not your password.")})
    which = params.whole(request.form, "session")
    now = datetime.now(UTC)
    if which is None:
        ended = service.end_others(connection(), sessions.here(), now=now)
        flash(_("Sessions ended: %(count)s.", count=ended), "success")
    else:
        service.end_own(connection(), actor(), which, _limits(), now=now)
        flash(_("The session has ended."), "success")
    return redirect(url_for("account.index"), 303)


@bp.post("/tokens")
@allow(Permission.USE_API)
def create_token() -> ResponseReturnValue:
    name = request.form.get("name", "")
    days = params.whole(request.form, "days") or 0
    try:
        made = tokens.create(connection(), account(), name, days=days, now=datetime.now(UTC))
    except InputError as error:
        return _page(errors={error.field: said(error.message)})
    return render_template("account/token.html", made=made), 201


@bp.post("/tokens/<int:token_id>/revoke")
@allow(Permission.USE_API)
def revoke_token(token_id: int) -> ResponseReturnValue:
    token = tokens.revoke(connection(), actor(), token_id, actor=actor(), now=datetime.now(UTC))
    flash(_("Token %(name)s opens nothing any more.", name=token.name), "success")
    return redirect(url_for("account.index"), 303)


def _limits() -> SessionLimits:
    return current_settings().session_limits


def _password_page(errors: dict[str, str]) -> ResponseReturnValue:
    """Show the form again.

    At the first login it is on the page that has nothing else.
    """
    if not account().must_change:
        return _page(errors)
    return render_template(
        "account/first_password.html", me=account(), errors=errors, **_lengths()
    )


def _lengths() -> dict[str, int]:
    return {"least": passwords.MIN_PASSWORD, "advised": passwords.ADVISED_PASSWORD}


def _page(errors: dict[str, str] | None = None) -> ResponseReturnValue:
    now = datetime.now(UTC)
    return render_template(
        "account/index.html",
        me=account(),
        tokens=list_tokens(connection(), actor()) if may(Permission.USE_API) else [],
        second_factor=find_second_factor(connection(), actor()),
        here=sessions.here(),
        sessions=service.list_live(connection(), actor(), _limits(), now=now),
        idle_min=current_settings().idle_min,
        session_hours=current_settings().session_hours,
        now=now,
        errors=errors or {},
        token_name=request.form.get("name", ""),
        **_lengths(),
    )
