"""The second factor: shown at login, set up at the first login or on one's own page."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.second_factor import FactorKind
from gridmgmt.errors import InputError
from gridmgmt.services.accounts import login_limits, second_factors
from web.app.transaction import connection
from web.door import second_step, sessions
from web.door.access import account, actor, allow, public
from web.door.login import begin_attempt, check_login, complete, fail
from web.pages.navigation import first_page, page_after_login
from web.words.sentences import said

bp = Blueprint("second_factor", __name__)


@bp.get("/login/code")
@public
def code() -> ResponseReturnValue:
    if second_step.pending() is None:
        return _begin_anew()
    return render_template("login/code.html")


@bp.post("/login/code")
@public
def check() -> ResponseReturnValue:
    found = second_step.pending()
    if found is None:
        return _begin_anew()
    username = found.account.username
    # Counted like a password: somebody with a stolen password cannot try codes here.
    attempt, now = begin_attempt(username)
    typed = request.form.get("code", "")
    shown = second_factors.check(connection(), username, typed, second_step.seal(), now=now)
    if shown is None:
        fail(attempt, "code", now)
        flash(_("The code is wrong, or was used before."), "danger")
        return render_template("login/code.html")
    login_limits.take_back(connection(), attempt, now=now)
    complete(found.account, second_factor=shown, second_factor_at=now)
    if shown is FactorKind.RECOVERY_CODE:
        flash(
            _("You used a recovery code. If the phone is lost, set up another one here."),
            "warning",
        )
        return redirect(url_for("account.index"), 303)
    return redirect(page_after_login(found.wanted), 303)


@bp.get("/login/second-factor")
@public
def first() -> ResponseReturnValue:
    found = second_step.pending()
    if found is None or second_step.has_one(found.account):
        return _begin_anew()
    username = found.account.username
    secret = second_step.enrolling(username) or second_step.begin_enrolling(username)
    return _enrolment(found.account, secret, at_login=True)


@bp.post("/login/second-factor")
@public
def confirm_first() -> ResponseReturnValue:
    found = second_step.pending()
    # An account with a second factor must show it; a password alone cannot replace it.
    if found is None or second_step.has_one(found.account):
        return _begin_anew()
    return _confirm(found.account, at_login=True)


@bp.post("/account/second-factor/begin")
@allow()
def begin() -> ResponseReturnValue:
    if check_login(actor(), request.form.get("factor_password", "")) is None:
        flash(_("This is not your password."), "danger")
        return redirect(url_for("account.index"), 303)
    second_step.begin_enrolling(actor())
    return redirect(url_for("second_factor.enrol"), 303)


@bp.get("/account/second-factor")
@allow()
def enrol() -> ResponseReturnValue:
    secret = second_step.enrolling(actor())
    if secret is None:
        return redirect(url_for("account.index"), 303)
    return _enrolment(account(), secret, at_login=False)


@bp.post("/account/second-factor")
@allow()
def confirm() -> ResponseReturnValue:
    return _confirm(account(), at_login=False)


def _confirm(whose: Account, *, at_login: bool) -> ResponseReturnValue:
    now = datetime.now(UTC)
    secret = second_step.enrolling(whose.username)
    if secret is None:
        return _begin_anew() if at_login else redirect(url_for("account.index"), 303)
    typed = request.form.get("code", "")
    try:
        codes = second_factors.set_up(
            connection(), whose.username, secret, typed, second_step.seal(), now=now
        )
    except InputError as error:
        return _enrolment(whose, secret, at_login=at_login, error=said(error.message))
    second_step.end_enrolling()
    if at_login:
        complete(whose, second_factor=FactorKind.CODE, second_factor_at=now)
    else:
        sessions.log_in(whose, second_factor_at=now)
    return render_template("account/recovery_codes.html", codes=codes, on=first_page()), 201


def _enrolment(
    whose: Account, secret: str, *, at_login: bool, error: str = ""
) -> ResponseReturnValue:
    parts = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return render_template(
        "account/second_factor.html",
        me=whose,
        secret=" ".join(parts),
        qr_code=second_step.qr_code(whose.username, secret),
        confirm_at=url_for(
            "second_factor.confirm_first" if at_login else "second_factor.confirm"
        ),
        at_login=at_login,
        error=error,
    )


def _begin_anew() -> ResponseReturnValue:
    """Ask for the password again, because it was too long ago or never right."""
    flash(_("Please log in with your password first."), "warning")
    return redirect(url_for("login.login"), 303)
