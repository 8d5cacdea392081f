"""Log in and out."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.services.accounts import access_audit
from web.app.transaction import connection, current_settings
from web.door import second_step, sessions
from web.door.access import actor, allow, current_account, public
from web.door.bodies import LOGIN, takes
from web.door.login import check_login, client_address, complete
from web.pages.navigation import page_after_login

bp = Blueprint("login", __name__)


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    if current_account() is not None:
        return redirect(page_after_login(request.args.get("next", "")), 303)
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
    wanted = request.form.get("next", "")
    if second_step.is_asked_of(account):
        second_step.begin(account, wanted)
        step = "code" if second_step.has_one(account) else "first"
        return redirect(url_for(f"second_factor.{step}"), 303)
    complete(account)
    return redirect(page_after_login(wanted), 303)


@bp.post("/logout")
@allow()
def leave() -> ResponseReturnValue:
    access_audit.logged_out(connection(), actor(), client_address())
    sessions.log_out()
    flash(_("You are logged out."), "success")
    response = make_response(redirect("/login", 303))
    if current_settings().https:
        # The browser caches outlines of areas for ever. Browsers obey this header only over
        # https.
        response.headers["Clear-Site-Data"] = '"cache"'
    return response
