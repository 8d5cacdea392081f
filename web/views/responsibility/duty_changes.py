"""Change duties on pages: a form, what it would do, and then the change itself."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup, escape

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.auditing.duty_audit import DutyAudit, Finding, FindingKind
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import FieldsError, InputError, NotFoundError, OutdatedPreviewError
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.responsibility.duty_audits import area_names_of
from gridmgmt.services.responsibility.duty_changes import DutyPlace
from gridmgmt.services.responsibility.duty_lists import named_duties, newest_area_names
from gridmgmt.services.responsibility.duty_mends import find_faults, finding_key, mend_of
from gridmgmt.services.responsibility.duty_previews import (
    DutyPreview,
    change_duties,
    preview_change,
)
from gridmgmt.services.responsibility.responder_proposals import (
    ProposedResponder,
    propose_responders,
)
from gridmgmt.services.responsibility.responder_search import meant, written
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import get_duty
from gridmgmt.store.responsibility.responders import list_responders
from web.app import params
from web.app.addresses import here
from web.app.days import asked_day, today
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow, may
from web.pages import duty_forms
from web.pages.duty_forms import BACK, DutyForm
from web.pages.errors import status_of
from web.words.languages import number

bp = Blueprint("duty_changes", __name__, url_prefix="/duties")

_BACK = {"list": "duties.index", "matrix": "duties.matrix", "audit": "duties.audit"}


@bp.get("/new")
@allow(Permission.EDIT_DUTIES)
def new() -> ResponseReturnValue:
    return _form_page(DutyForm(with_new=True, day=today().isoformat()))


@bp.get("/<int:number>/end")
@allow(Permission.EDIT_DUTIES)
def end(number: int) -> ResponseReturnValue:
    duty = get_duty(connection(), number)
    return _form_page(duty_forms.of_duty(duty, today(), with_new=False))


@bp.get("/<int:number>/change")
@allow(Permission.EDIT_DUTIES)
def change(number: int) -> ResponseReturnValue:
    duty = get_duty(connection(), number)
    return _form_page(duty_forms.of_duty(duty, today(), with_new=True))


@bp.get("/mend")
@allow(Permission.EDIT_DUTIES)
def mend() -> ResponseReturnValue:
    """Show the form that mends a hole or a double, or the list if there are several."""
    conn, tz = connection(), current_settings().tz
    day = asked_day("on") or today()
    found = find_faults(
        conn,
        day,
        tz=tz,
        area=params.area(request.args),
        categories=duty_forms.asked_categories(),
        kind=params.kind(request.args, "kind", FindingKind),
    )
    key = params.text(request.args, "finding")
    chosen = [one for one in found.findings if key is None or finding_key(one) == key]
    if len(chosen) != 1:
        return _several(found, is_gone=key is not None)
    back = params.choice(request.args, "back", BACK) or "audit"
    wanted = mend_of(conn, found, chosen[0], tz=tz)
    # A change of the past would not change where its cases went.
    form = duty_forms.of_mend(wanted, max(day, today()), back)
    return _form_page(form, finding=chosen[0])


@bp.post("/changes/form")
@allow(Permission.EDIT_DUTIES)
def edit() -> ResponseReturnValue:
    """Show the form again, as it was filled in."""
    return _form_page(duty_forms.read(request.form))


@bp.post("/changes")
@allow(Permission.EDIT_DUTIES)
def preview() -> ResponseReturnValue:
    form = duty_forms.read(request.form)
    try:
        form = _with_code(form)
        return _preview_page(form, _preview(form))
    except FieldsError as error:
        return _form_page(form, error), status_of(error)


@bp.post("/changes/apply")
@allow(Permission.EDIT_DUTIES)
def apply() -> ResponseReturnValue:
    form = duty_forms.read(request.form)
    seen = params.text(request.form, "seen") or ""
    try:
        done = change_duties(
            connection(),
            form.stated(),
            rules=current_settings().judging_rules,
            today=today(),
            actor=actor(),
            seen=seen,
        )
    except FieldsError as error:
        # Somebody changed the same meanwhile; nothing was stored.
        connection().rollback()
        return _form_page(form, error), status_of(error)
    except OutdatedPreviewError as error:
        connection().rollback()
        return _preview_page(form, _preview(form), is_changed=True), status_of(error)
    counts = {"ended": number(len(done.ended)), "new": number(len(done.change.new))}
    flash(_("Stored: %(ended)s duties end, %(new)s are new.", **counts), "success")
    if done.cases.changed:
        flash(_rerouting(done.cases.edition, done.cases.changed), "info")
    return redirect(url_for(_BACK[form.back]), 303)


def _rerouting(edition: int, cases: int) -> Markup:
    """Return in words that open cases stay, with the way to reroute them for who may go it."""
    said = escape(
        _(
            "Open cases stay where they are. Rerouting would give %(count)s of them to others.",
            count=number(cases),
        )
    )
    if not may(Permission.REROUTE_CASES):
        return said
    address = url_for("reroutes.index", number=edition)
    link = Markup('<a class="alert-link" href="{}">{}</a>')
    return Markup("{} {}").format(
        said,
        link.format(address, _("Reroute open cases by edition %(number)s", number=edition)),
    )


def _with_code(form: DutyForm) -> DutyForm:
    """Return a form with the code of the responder that was typed.

    Raises
    ------
    FieldsError
        when the text means several
    """
    try:
        code = meant(directory(connection()).responders, form.responder, field="responder")
    except InputError as error:
        raise FieldsError({"responder_code": [error.message]}) from error
    # Who is nobody's name or code is refused beside the field.
    return form if code is None else replace(form, responder=code)


def _preview(form: DutyForm) -> DutyPreview:
    rules = current_settings().judging_rules
    return preview_change(connection(), form.stated(), rules=rules, today=today())


def _several(found: DutyAudit, *, is_gone: bool) -> str:
    conn = connection()
    return render_template(
        "duties/mends.html",
        found=found,
        findings=sorted(found.findings, key=lambda one: (-one.leaf_count, one.categories)),
        mend_address=lambda one: here(finding=finding_key(one)),
        is_gone=is_gone,
        category_names={one.code: one.name for one in list_categories(conn)},
        names={one.code: one.name for one in list_responders(conn)},
        area_names=area_names_of(conn, found, tz=current_settings().tz),
        leaf=found.leaf,
    )


def _form_page(
    form: DutyForm, error: FieldsError | None = None, finding: Finding | None = None
) -> str:
    conn = connection()
    known = [_known_duty(one) for one in dict.fromkeys((*form.rivals, *form.ends))]
    known_categories = [one for one in list_categories(conn) if one.mapped]
    offered = {text: duty_forms.place_of(text) for text in form.offered}
    keys = [
        (place.level, place.code)
        for place in offered.values()
        if place.target == DutyTarget.AREA and place.level is not None
    ]
    rows = named_duties(conn, [one for one in known if one is not None])
    return render_template(
        "duties/change.html",
        form=form,
        rows=rows,
        place_names={
            (row.duty.target, row.duty.level, row.duty.target_code): row.place_name
            for row in rows
        },
        offered=offered,
        area_names=newest_area_names(conn, keys),
        categories=_by_major(known_categories, form.categories),
        only_for=[one.name for one in known_categories if one.code in form.only_for],
        proposals=_proposals(form, list(offered.values())),
        written_responder=_written_responder(form.responder),
        levels=list_levels(conn),
        errors=_by_field(error),
        finding=finding,
        today=today(),
    )


def _proposals(form: DutyForm, places: Sequence[DutyPlace]) -> list[ProposedResponder]:
    if not form.with_new or form.role != DutyRole.DISPOSE:
        return []
    named = None if form.for_all else form.categories
    return propose_responders(connection(), places, named, today(), tz=current_settings().tz)


def _written_responder(text: str) -> str:
    known = directory(connection()).responders.get(text)
    return text if known is None else written(known)


def _preview_page(form: DutyForm, found: DutyPreview, *, is_changed: bool = False) -> str:
    conn = connection()
    keys = {(one.level, one.code) for effect in found.effects for one in effect.whole}
    if found.leaf is not None:
        keys |= {(found.leaf, code) for effect in found.effects for code in effect.leaves}
    ended = named_duties(conn, [after for _, after in found.ended])
    return render_template(
        "duties/preview.html",
        form=form,
        found=found,
        ended=ended,
        new=named_duties(conn, found.change.new),
        area_names=newest_area_names(conn, keys),
        category_names={one.code: one.name for one in list_categories(conn)},
        names={one.code: one.name for one in list_responders(conn)},
        is_changed=is_changed,
        today=today(),
    )


def _known_duty(number: int) -> Duty | None:
    try:
        return get_duty(connection(), number)
    except NotFoundError:
        # The form says so beside the field.
        return None


def _by_major(
    categories: Iterable[Category], chosen: Collection[str]
) -> dict[str, list[Category]]:
    """Return the categories by major class; what is chosen comes first."""
    found: dict[str, list[Category]] = {}
    for one in sorted(categories, key=lambda one: one.code not in chosen):
        found.setdefault(one.major_class or "", []).append(one)
    return found


def _by_field(error: FieldsError | None) -> dict[str, list[str]]:
    if error is None:
        return {}
    # One day is asked for: the old duty holds for the last time on the day before.
    same = {"from_day": "day", "valid_from": "day"}
    found: dict[str, list[str]] = {}
    for name, some in error.by_field.items():
        found.setdefault(same.get(name, name), []).extend(some)
    return {name: list(dict.fromkeys(some)) for name, some in found.items()}
