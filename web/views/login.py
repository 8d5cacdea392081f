"""Logging in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.services import access_audit
from web import sessions
from web.access import actor, allow, current_account, public
from web.bodies import LOGIN, takes
from web.login import check_login, client_address, complete
from web.navigation import first_page
from web.transaction import connection

bp = Blueprint("login", __name__)


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    if current_account() is not None:
        return redirect(_back(request.args.get("next")), 303)
    return render_template("login/index.html", next=request.args.get("next", ""), username="")


@bp.post("/login")
@public
@takes(LOGIN)
def enter() -> ResponseReturnValue:
    username = request.form.get("username", "").strip()
    account = check_login(username, request.form.get("password", ""))
    if account is None:
        flash(_("The name or the password is wrong."), "danger")
        return render_template(
            "login/index.html", next=request.form.get("next", ""), username=username
        )
    complete(account)
    return redirect(_back(request.form.get("next")), 303)


@bp.post("/logout")
@allow()
def leave() -> ResponseReturnValue:
    access_audit.logged_out(connection(), actor(), client_address())
    sessions.log_out()
    return redirect("/login", 303)


def _back(wanted: str | None) -> str:
    """Return to where the person wanted to go, never to another site."""
    if wanted:
        parts = urlsplit(wanted)
        inside = not parts.scheme and not parts.netloc and "\\" not in wanted
        if inside and wanted.startswith("/") and not wanted.startswith("//"):
            return wanted
    return first_page()
