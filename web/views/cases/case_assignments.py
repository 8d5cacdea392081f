"""Give chosen cases of a list to one responder: first show what it would do, then do it."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import InputError
from gridmgmt.services.cases import batch_assigns
from gridmgmt.services.cases.actions import Acting
from gridmgmt.services.cases.batch_assigns import BatchAssigned
from gridmgmt.services.cases.lists import names_of
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow, case_scope
from web.pages import case_page
from web.pages.errors import status_of
from web.pages.navigation import first_page, way_back
from web.words import case_words

bp = Blueprint("case_assignments", __name__, url_prefix="/case-assignments")


@bp.post("")
@allow(Permission.ASSIGN_CASES)
def rehearse() -> ResponseReturnValue:
    """Show which of the chosen cases would be given to the responder, and why others not."""
    if "responder" not in request.form:
        return _page()
    return _tried(commit=False)


@bp.post("/commit")
@allow(Permission.ASSIGN_CASES)
def assign() -> ResponseReturnValue:
    return _tried(commit=True)


def _tried(*, commit: bool) -> ResponseReturnValue:
    conn = connection()
    run = batch_assigns.assign_each if commit else batch_assigns.rehearse
    try:
        code = case_page.chosen("responder")
        if code is None:
            raise InputError(field="responder", message=_("choose who is to have the cases"))
        done = run(conn, _chosen(), responder_code=code, reason=request.form.get("text", ""))
    except InputError as error:
        return _page(problem=case_words.problem(error)), status_of(error)
    if commit and not done.refused:
        flash(
            _("Cases given to their responder: %(count)s.", count=len(done.assigned)), "success"
        )
        return redirect(way_back() or first_page(), 303)
    return _page(done, code=code, is_done=commit)


def _chosen() -> list[Acting]:
    """Return the chosen cases, each with the state that was shown.

    Raises
    ------
    InputError
        when one is not written as the list writes it
    """
    now = datetime.now(current_settings().tz)
    found = []
    for text in request.form.getlist("chosen"):
        seen, colon, case_no = text.partition(":")
        if not (colon and seen.isascii() and seen.isdigit() and len(seen) < 9):
            message = _("the form is incomplete; open the list again")
            raise InputError(field="chosen", message=message)
        found.append(Acting(case_no, int(seen), actor(), case_scope(), now))
    return found


def _page(
    done: BatchAssigned | None = None,
    *,
    code: str | None = None,
    is_done: bool = False,
    problem: str = "",
) -> str:
    conn = connection()
    chosen = request.form.getlist("chosen")
    people = case_page.choices(conn)
    return render_template(
        "case_assignments/index.html",
        chosen=chosen,
        done=done,
        is_done=is_done,
        responder=None if code is None else people[code],
        typed=request.form,
        problem=problem,
        names=names_of(conn, [] if done is None else done.assigned),
        back=way_back() or "",
        reason_of=case_words.problem,
    )
