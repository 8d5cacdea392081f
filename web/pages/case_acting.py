"""Do an action on the page of a case, or show the page again with the reason why not."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmgmt.domain.cases.case import Case, CaseAction
from gridmgmt.errors import CaseError, InputError, NotFoundError
from gridmgmt.services.cases.actions import Acting
from gridmgmt.store.cases.cases import get_case
from web.app import params
from web.app.transaction import apart, connection, current_settings
from web.door.access import account, actor, case_scope
from web.pages import case_page
from web.pages.errors import status_of
from web.pages.landings import landing_of
from web.pages.navigation import way_back
from web.words import case_words


def acting(case_no: str) -> Acting:
    """Return who acts on a case, and which of its states they saw."""
    seen = params.whole(request.form, "seen_seq") or 0
    now = datetime.now(current_settings().tz)
    return Acting(case_no, seen, actor(), case_scope(), now)


def act(
    action: CaseAction, case_no: str, work: Callable[[], Case], told: str
) -> ResponseReturnValue:
    """Do an action and redirect to where the person came from, else to the case.

    If it fails, show its form again with the reason.
    """
    try:
        work()
    except (InputError, CaseError) as error:
        # This request is rolled back, so the audit entry for reading personal data is written
        # separately.
        with apart() as conn:
            page = case_page.page(
                conn, case_no, failed=action, problem=case_words.problem(error)
            )
        return page, status_of(error)
    back = way_back()
    # Without a fragment of its own it would be that of the form, far below what was said.
    if back is not None:
        # Beside other cases it is said which one it was.
        flash(_("%(label)s: %(value)s", label=case_no, value=told), "success")
        return redirect(back if "#" in back else f"{back}#top", 303)
    flash(told, "success")
    return show_case(case_no, "top")


def show_case(case_no: str, fragment: str | None = None) -> Response:
    """Redirect to the page of a case, or a part of it.

    If the account may no longer see it, redirect to where its work begins.
    """
    try:
        get_case(connection(), case_no, case_scope=case_scope())
    except NotFoundError:
        flash(_("The case has left your list."), "info")
        return redirect(landing_of(account()) or url_for("cases.index"), 303)
    return redirect(url_for("cases.detail", case_no=case_no, _anchor=fragment), 303)
