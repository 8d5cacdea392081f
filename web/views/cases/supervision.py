"""What is overdue in the areas of an account, by whom, and pressing the responders for it."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case import Case, CaseAction
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.services.cases import lists, supervision
from gridmgmt.services.cases.questions import Asker, CaseQuestion
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import Order
from web.app import params
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow, case_scope
from web.pages.case_acting import act, acting

bp = Blueprint("supervision", __name__)


@bp.get("/supervision")
@allow(Permission.SUPERVISE_CASES)
def index() -> str:
    now = datetime.now(UTC)
    without_provisional = not current_settings().provisional_deadlines
    overdue = CaseFilter(
        deadline=Deadline.OVERDUE, as_of=now, without_provisional=without_provisional
    )
    return render_template(
        "supervision/index.html",
        late=supervision.late_responders(
            connection(),
            now=now,
            case_scope=case_scope(),
            without_provisional=without_provisional,
        ),
        shown=lists.list_page(
            connection(),
            CaseQuestion(overdue),
            Asker(actor(), case_scope()),
            order=Order.read("due_at"),
        ),
        now=now,
        list_url=url_for("cases.index", deadline=Deadline.OVERDUE, sort="due_at"),
    )


@bp.post("/cases/<path:case_no>/supervise")
@allow(Permission.SUPERVISE_CASES)
def supervise(case_no: str) -> ResponseReturnValue:
    def work() -> Case:
        return supervision.supervise(
            connection(),
            acting(case_no),
            text=request.form.get("text", ""),
            again=params.flag(request.form, "again"),
        )

    return act(CaseAction.SUPERVISE, case_no, work, _("The responder sees that you press."))
