"""Do an action on the page of a case, or show the page again with the reason why not."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmgmt.domain.accounts.permission import SEEING_CASES
from gridmgmt.domain.cases.case import Case, CaseAction
from gridmgmt.errors import CaseError, InputError, NotFoundError
from gridmgmt.services.cases.actions import Acting
from gridmgmt.store.cases.cases import get_case
from web.app import params
from web.app.transaction import apart, connection, current_settings
from web.door.access import actor, case_scope, may
from web.pages import case_page
from web.pages.errors import status_of
from web.words import case_words


def acting(case_no: str) -> Acting:
    """Return who acts on a case, and which of its states they saw."""
    seen = params.whole(request.form, "seen_seq") or 0
    now = datetime.now(current_settings().tz)
    return Acting(case_no, seen, actor(), case_scope(), now)


def act(
    action: CaseAction, case_no: str, work: Callable[[], Case], told: str
) -> ResponseReturnValue:
    """Do an action; if it fails, show its form again with the reason."""
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
    flash(told, "success")
    return show_case(case_no)


def show_case(case_no: str) -> Response:
    """Redirect to the case.

    If the account may no longer see it, redirect to the list.
    """
    try:
        get_case(connection(), case_no, case_scope=case_scope())
    except NotFoundError:
        flash(_("The case is no longer among those that you see."), "info")
        return redirect(
            url_for("cases.index") if _may_see() else url_for("case_reports.new"), 303
        )
    return redirect(url_for("cases.detail", case_no=case_no), 303)


def _may_see() -> bool:
    return any(may(permission) for permission in SEEING_CASES)
