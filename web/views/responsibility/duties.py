"""Pages of duties: the list, the matrix of areas and categories, and the audit."""

from datetime import date
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.auditing.duty_audit import Finding, FindingKind
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.services.areas import area_search
from gridmgmt.services.areas.area_search import area_written
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.responsibility.duty_audits import area_names_of
from gridmgmt.services.responsibility.duty_lists import DutyQuery, find_duties
from gridmgmt.services.responsibility.duty_matrix import MatrixColumn, MatrixQuery, duty_matrix
from gridmgmt.services.responsibility.duty_mends import find_faults, finding_key
from gridmgmt.services.responsibility.responder_lists import responder_choices
from gridmgmt.services.responsibility.responder_search import meant, written
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.responders import list_responders
from web.app import params
from web.app.addresses import here, with_query
from web.app.days import asked_day, today
from web.app.transaction import connection, current_settings
from web.door.access import account, allow, may
from web.pages.duty_forms import asked_categories
from web.words import duty_words
from web.words.languages import language

bp = Blueprint("duties", __name__, url_prefix="/duties")
bp.record_once(lambda state: duty_words.init_app(state.app))


@bp.get("")
@allow(Permission.SEE_DUTIES)
def index() -> ResponseReturnValue:
    conn = connection()
    area = _asked_area()
    query = _duty_query(area)
    by_code = _responders().get(query.responder or "")
    return render_template(
        "duties/index.html",
        written_area="" if area is None else area_written(conn, area, language()),
        written_responder=(query.responder or "") if by_code is None else written(by_code),
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
        editors=_editors(),
        fault_address=partial(_fault_address, day.isoformat(), may(Permission.EDIT_DUTIES)),
    )


@bp.get("/audit")
@allow(Permission.SEE_DUTIES)
def audit() -> ResponseReturnValue:
    conn, day = connection(), _on()
    if newest_edition(conn) is None:
        return render_template("duties/no_edition.html")
    area = _asked_area()
    found = find_faults(
        conn,
        day,
        tz=current_settings().tz,
        area=area or account().area,
        categories=asked_categories(),
        kind=params.kind(request.args, "kind", FindingKind),
    )
    return render_template(
        "duties/audit.html",
        found=found,
        written_area="" if area is None else area_written(conn, area, language()),
        asked_class=_asked_class(),
        editors=_editors(),
        here=here,
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
    """Return where a fault is mended or, for others, what the audit says about it."""
    category = column.categories[0] if len(column.categories) == 1 else None
    asked = {"area": area, "on": on, "kind": kind, "category": category}
    asked["major"] = column.major if category is None else None
    if not may_edit:
        return with_query(url_for("duties.audit"), asked)
    return with_query(url_for("duty_changes.mend"), {**asked, "back": "matrix"})


def _mend_address(on: str, finding: Finding) -> str:
    asked = {"on": on, "finding": finding_key(finding)}
    return with_query(url_for("duty_changes.mend"), asked)


def _duty_query(area: AreaKey | None) -> DutyQuery:
    args = request.args
    return DutyQuery(
        responder=_asked_responder(),
        area=None if area is None else ":".join(area),
        category=params.text(args, "category"),
        role=params.kind(args, "role", DutyRole),
        target=params.kind(args, "target", DutyTarget),
        on=asked_day("on"),
        expires_in_days=params.whole(args, "expires"),
        letter_no=params.text(args, "letter"),
        within=account().area,
        after=params.whole(args, "after") or 0,
    )


def _editors() -> list[Role]:
    """Return the roles that may change duties, for who may not; nobody needs it who may."""
    if may(Permission.EDIT_DUTIES):
        return []
    known = list_roles(connection())
    return [one for one in known if Permission.EDIT_DUTIES in one.permissions]


def _asked_class() -> str | None:
    """Return the name of the category or the class to which the audit is limited."""
    category = params.text(request.args, "category")
    if category is None:
        return params.text(request.args, "major")
    return directory(connection()).category_names.get(category, category)


def _asked_area() -> AreaKey | None:
    """Return the area that is asked for by a code, a name or a part of one.

    Raises
    ------
    InputError
        when the text means none that the account sees, or several
    """
    typed = params.text(request.args, "area") or ""
    return area_search.meant(connection(), typed, field="area", within=account().area)


def _asked_responder() -> str | None:
    """Return the code of the responder that is asked for; what means nobody stays as typed.

    Raises
    ------
    InputError
        when the text means several
    """
    typed = params.text(request.args, "responder")
    if typed is None:
        return None
    return meant(_responders(), typed, field="responder") or typed


def _responders() -> dict[str, Responder]:
    """Return the responders by code of whom the account may know the name."""
    offered = responder_choices(connection(), within=account().area, case_scope=ALL_CASES)
    return {one.code: one for one in offered}


def _on() -> date:
    return asked_day("on") or today()
