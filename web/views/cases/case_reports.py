"""The form in which a person reports a case."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, flash, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.moments import on_clock
from gridmgmt.errors import CaseError, InputError
from gridmgmt.services.cases import due_limits, lists, reports, shapes
from gridmgmt.services.cases.questions import Asker, CaseQuestion
from gridmgmt.services.cases.reports import Report
from gridmgmt.store.cases.case_pages import Order
from gridmgmt.store.responsibility.categories import list_categories
from web.app import params
from web.app.features import area_features, collection
from web.app.transaction import connection, current_settings
from web.door.access import account, actor, allow, case_scope, may
from web.pages import case_page
from web.pages.case_acting import show_case
from web.pages.errors import status_of
from web.words import case_words, reasons
from web.words.sentences import said

bp = Blueprint("case_reports", __name__, url_prefix="/cases")

# The newest reports shown under the form; the list has all of them.
OWN_ROWS = 10
FIELDS = (
    "case_no",
    "category",
    "reported_at",
    "due_at",
    "due_limit",
    "lon",
    "lat",
    "accuracy_m",
    "channel",
    "description",
    "address",
)


@bp.get("/new")
@allow(Permission.REPORT_CASES)
def new() -> str:
    return _new_page()


@bp.post("/new")
@allow(Permission.REPORT_CASES)
def report() -> ResponseReturnValue:
    asked = Report(
        {name: _typed(name) for name in FIELDS},
        actor(),
        case_page.rules(),
        is_due_stated=params.flag(request.form, "due_by_hand"),
        case_scope=case_scope(),
        duplicates=case_page.duplicates(),
    )
    try:
        outcome = reports.report(connection(), asked)
    except (InputError, CaseError) as error:
        return _new_page(case_words.problem(error)), status_of(error)
    case_no = outcome.case.given.case_no
    if outcome.is_new:
        flash(_("Case %(no)s is taken in.", no=case_no), "success")
        if outcome.case.unrouted_reason is not None:
            reason = reasons.UNROUTED[outcome.case.unrouted_reason]
            flash(_("It waits for a person: %(reason)s.", reason=reason), "warning")
        if outcome.due is not None and outcome.due.is_open:
            flash(_("%(sentence)s.", sentence=said(outcome.due.note)), "warning")
        if outcome.alike:
            n = len(outcome.alike)
            flash(_("Open cases near it that may be the same: %(count)s.", count=n), "warning")
    else:
        flash(_("Case %(no)s was there already, with the same content.", no=case_no), "info")
    return show_case(case_no)


def _typed(name: str) -> str:
    # Browsers send two characters for a line break, of which the person typed one.
    return request.form.get(name, "").replace("\r\n", "\n")


@bp.get("/new/limits.json")
@allow(Permission.REPORT_CASES)
def limits() -> Response:
    tz = current_settings().tz
    offered = due_limits.offered_limits(
        connection(),
        params.text(request.args, "category") or "",
        params.moment(request.args, "reported_at", tz=tz),
    )
    return jsonify([_limit(one) for one in offered])


def _limit(one: due_limits.OfferedLimit) -> dict[str, str | None]:
    due_at = None if one.due_at is None else on_clock(one.due_at, current_settings().tz)
    return {
        "text": one.text,
        # As fields of a form hold it.
        "due_at": None if due_at is None else f"{due_at:%Y-%m-%dT%H:%M}",
        "why_not": None if one.why_not is None else said(one.why_not),
    }


@bp.get("/grid.json")
@allow(Permission.REPORT_CASES)
def backdrop() -> Response:
    found = shapes.grid(connection(), at=datetime.now(UTC), top=account().area)
    return collection(area_features(found))


def _new_page(problem: str = "") -> str:
    now = datetime.now(current_settings().tz)
    return render_template(
        "cases/new.html",
        categories=[one for one in list_categories(connection()) if one.mapped],
        typed=request.form,
        problem=problem,
        local_now=now.strftime("%Y-%m-%dT%H:%M"),
        now=now,
        own=_own_reports(),
        own_rows=OWN_ROWS,
        map=case_page.pick_map(),
    )


def _own_reports() -> lists.CaseListing | None:
    """Return what this account reported, newest first; None: it may not see any cases."""
    if not any(may(one) for one in SEEING_CASES):
        return None
    own = replace(case_scope(), reporter=actor())
    return lists.list_page(connection(), CaseQuestion(), Asker(actor(), own), order=Order())
