"""Pages of responders: their superiors, and their cases."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.case_choice import EVERY_CASE
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.services.responsibility.responder_lists import (
    ResponderQuery,
    find_responders,
    responder_choices,
    show_responder,
)
from gridmgmt.services.responsibility.responder_search import MOST_OFFERED, matching, written
from web.app import params
from web.app.addresses import here
from web.app.days import today
from web.app.transaction import connection
from web.door.access import account, actor, allow, case_scope, may
from web.pages.case_filters import as_set
from web.pages.case_links import cases_address
from web.words.duty_words import RESPONDER_KINDS

bp = Blueprint("responders", __name__, url_prefix="/responders")


@bp.get("")
@allow(Permission.SEE_DUTIES)
def index() -> ResponseReturnValue:
    now = datetime.now(UTC)
    query = ResponderQuery(
        kind=params.kind(request.args, "kind", ResponderKind),
        words=params.text(request.args, "q"),
        within=account().area,
        after=params.text(request.args, "after"),
    )
    page = find_responders(
        connection(),
        query,
        now=now,
        today=today(),
        case_scope=case_scope(),
        without_provisional=as_set(EVERY_CASE).without_provisional,
    )
    return render_template(
        "responders/index.html", page=page, query=query, cases_of=_cases_of, here=here
    )


@bp.get("/choices.json")
@allow(
    Permission.SEE_DUTIES,
    Permission.ASSIGN_CASES,
    Permission.BOUNCE_CASES,
    Permission.MANAGE_ACCOUNTS,
)
def choices() -> ResponseReturnValue:
    """Return the responders that a typed text may mean, as the field will show them."""
    offered = responder_choices(connection(), within=account().area, case_scope=ALL_CASES)
    found = matching(offered, params.text(request.args, "q") or "")
    return {
        "choices": [
            {
                "value": written(one),
                "code": one.code,
                "name": one.name,
                "note": f"{RESPONDER_KINDS[one.kind]} · {one.code}",
            }
            for one in found[:MOST_OFFERED]
        ]
    }


@bp.get("/<path:code>")
@allow(Permission.SEE_DUTIES)
def detail(code: str) -> ResponseReturnValue:
    now = datetime.now(UTC)
    shown = show_responder(
        connection(),
        code,
        within=account().area,
        personal=may(Permission.SEE_PERSONAL),
        actor=actor(),
        now=now,
        today=today(),
        case_scope=case_scope(),
        without_provisional=as_set(EVERY_CASE).without_provisional,
    )
    return render_template(
        "responders/detail.html", shown=shown, today=today(), cases_of=_cases_of
    )


def _cases_of(code: str, *, overdue: bool = False) -> str:
    """Return the URL of a responder's open cases, or "" for an account that may not see any."""
    return cases_address(responder=code, status="dispatched", overdue=1 if overdue else None)
