"""Pages of duties: the list, the matrix of areas and categories, and the audit."""

from datetime import date
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.auditing.duty_audit import Finding, FindingKind
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.services.responsibility.duty_audits import area_names_of
from gridmgmt.services.responsibility.duty_audits import audit as audit_day
from gridmgmt.services.responsibility.duty_lists import DutyQuery, find_duties
from gridmgmt.services.responsibility.duty_matrix import MatrixColumn, MatrixQuery, duty_matrix
from gridmgmt.services.responsibility.duty_mends import finding_key
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.responders import list_responders
from web.app import params
from web.app.addresses import here, with_query
from web.app.days import asked_day, today
from web.app.transaction import connection, current_settings
from web.door.access import account, allow, may
from web.words import duty_words

bp = Blueprint("duties", __name__, url_prefix="/duties")
bp.record_once(lambda state: duty_words.init_app(state.app))


@bp.get("")
@allow(Permission.SEE_DUTIES)
def index() -> ResponseReturnValue:
    conn = connection()
    query = _duty_query()
    return render_template(
        "duties/index.html",
        page=find_duties(conn, query, today=today()),
        query=query,
        categories=[one for one in list_categories(conn) if one.mapped],
        today=today(),
        here=here,
    )


@bp.get("/matrix")
@allow(Permission.SEE_DUTIES)
def matrix() -> ResponseReturnValue:
    conn, day = connection(), _on()
    if newest_edition(conn) is None:
        return render_template("duties/no_edition.html")
    query = MatrixQuery(
        day=day,
        level=params.text(request.args, "level"),
        parent=params.area(request.args, "parent"),
        major=params.text(request.args, "major"),
        after=params.text(request.args, "after"),
        faults_only=params.flag(request.args, "faults"),
        within=account().area,
    )
    page = duty_matrix(conn, query, tz=current_settings().tz)
    return render_template(
        "duties/matrix.html",
        page=page,
        query=query,
        here=here,
        fault_address=partial(_fault_address, day.isoformat(), may(Permission.EDIT_DUTIES)),
    )


@bp.get("/audit")
@allow(Permission.SEE_DUTIES)
def audit() -> ResponseReturnValue:
    conn, day = connection(), _on()
    if newest_edition(conn) is None:
        return render_template("duties/no_edition.html")
    found = audit_day(conn, day, tz=current_settings().tz, within=account().area)
    return render_template(
        "duties/audit.html",
        found=found,
        findings=sorted(found.findings, key=lambda one: (-one.leaf_count, one.categories)),
        category_names={one.code: one.name for one in list_categories(conn)},
        names={one.code: one.name for one in list_responders(conn)},
        area_names=area_names_of(conn, found, tz=current_settings().tz),
        leaf=found.leaf,
        mend_address=partial(_mend_address, day.isoformat()),
    )


def _fault_address(
    on: str, may_edit: bool, area: str, column: MatrixColumn, kind: FindingKind
) -> str:
    """Return where a fault is mended or, for others, the duties behind it."""
    category = column.categories[0] if len(column.categories) == 1 else None
    if not may_edit:
        asked = {"area": area, "on": on, "role": DutyRole.DISPOSE, "category": category}
        return with_query(url_for("duties.index"), asked)
    asked = {"area": area, "on": on, "kind": kind, "category": category, "back": "matrix"}
    major = column.major if category is None else None
    return with_query(url_for("duty_changes.mend"), {**asked, "major": major})


def _mend_address(on: str, finding: Finding) -> str:
    asked = {"on": on, "finding": finding_key(finding)}
    return with_query(url_for("duty_changes.mend"), asked)


def _duty_query() -> DutyQuery:
    args = request.args
    return DutyQuery(
        responder=params.text(args, "responder"),
        area=params.text(args, "area"),
        category=params.text(args, "category"),
        role=params.kind(args, "role", DutyRole),
        target=params.kind(args, "target", DutyTarget),
        on=asked_day("on"),
        expires_in_days=params.whole(args, "expires"),
        letter_no=params.text(args, "letter"),
        within=account().area,
        after=params.whole(args, "after") or 0,
    )


def _on() -> date:
    return asked_day("on") or today()
