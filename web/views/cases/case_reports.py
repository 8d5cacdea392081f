"""The form in which a person reports a case."""

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.moments import on_clock
from gridmgmt.errors import CaseError, InputError
from gridmgmt.services.case_reports.sending import send
from gridmgmt.services.cases import due_limits
from gridmgmt.services.cases.reports import Report, ReportedCase
from web.app import params
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow, case_scope
from web.pages import case_page
from web.pages.case_acting import show_case
from web.pages.errors import status_of, wants_json
from web.pages.position_map import position_map
from web.pages.report_page import channel_of_role, report_form
from web.words import case_words, reasons
from web.words.sentences import said

bp = Blueprint("case_reports", __name__, url_prefix="/cases")

# The newest reports shown under the form; the list has all of them.
OWN_ROWS = 10
# A position that is less accurate does not tell one street from the next.
INACCURATE_M = 100
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
    cells = {name: _typed(name) for name in FIELDS}
    asked = Report(
        {**cells, "channel": cells["channel"] or channel_of_role()},
        actor(),
        case_page.rules(),
        is_due_stated=params.flag(request.form, "due_by_hand"),
        case_scope=case_scope(),
        duplicates=case_page.duplicates(),
    )
    try:
        outcome = send(connection(), asked, _typed("token"))
    except (InputError, CaseError) as error:
        return _refused(case_words.problem(error), status_of(error))
    _tell(outcome)
    shown = show_case(outcome.case.given.case_no)
    return _sent(shown) if wants_json() else shown


def _sent(shown: BaseResponse) -> ResponseReturnValue:
    # A script sends the form itself, so that nothing is lost where the network fails; it goes
    # to the page of the case as a browser would.
    return jsonify({"location": shown.headers["Location"]}), 201


def _tell(outcome: ReportedCase) -> None:
    case_no = outcome.case.given.case_no
    if not outcome.is_new:
        flash(_("Case %(no)s was there already, with the same content.", no=case_no), "info")
        return
    flash(_("Case %(no)s is taken in.", no=case_no), "success")
    if outcome.case.unrouted_reason is not None:
        reason = reasons.UNROUTED[outcome.case.unrouted_reason]
        flash(_("It waits for a person: %(reason)s.", reason=reason), "warning")
    if outcome.due is not None and outcome.due.is_open:
        flash(_("%(sentence)s.", sentence=said(outcome.due.note)), "warning")
    if outcome.alike:
        n = len(outcome.alike)
        flash(_("Open cases near it that may be the same: %(count)s.", count=n), "warning")


def _typed(name: str) -> str:
    # Browsers send two characters for a line break, of which the person typed one.
    return request.form.get(name, "").replace("\r\n", "\n")


@bp.get("/new/limits.json")
@allow(Permission.REPORT_CASES)
def limits() -> Response:
    offered = due_limits.offered_limits(
        connection(),
        params.text(request.args, "category") or "",
        _reported_at(),
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


def _reported_at() -> datetime:
    # Empty: it is reported when it is sent, and nobody knows yet when that will be.
    if not params.text(request.args, "reported_at"):
        return datetime.now(UTC)
    return params.moment(request.args, "reported_at", tz=current_settings().tz)


def _refused(problem: str, status: int) -> ResponseReturnValue:
    if not wants_json():
        return _new_page(problem), status
    # The next try is another report: what was refused has become no case.
    return jsonify({"message": problem, "token": report_form().token}), status


def _new_page(problem: str = "") -> str:
    return render_template(
        "cases/new.html",
        form=report_form(),
        typed=request.form,
        problem=problem,
        now=datetime.now(current_settings().tz),
        own_rows=OWN_ROWS,
        inaccurate_m=INACCURATE_M,
        map=position_map(),
    )
