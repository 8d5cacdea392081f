"""Pages of cases: list, export, report, show and act on cases."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.cases.case import Case, CaseAction, allowed_actions
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.exchange.tables.tables import write_table
from gridmgmt.sentence import Sentence
from gridmgmt.services.case_reports.previews import preview_placing
from gridmgmt.services.cases import actions, lists, shapes
from gridmgmt.services.cases.exports import CaseExport, open_export
from gridmgmt.services.cases.placing import place as put_on_map
from gridmgmt.services.cases.questions import find
from gridmgmt.services.cases.shapes import CasePart
from gridmgmt.services.files import downloads, jobs
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import count_up_to
from web.app import params
from web.app.features import area_features, collection, feature, label_of
from web.app.transaction import connection, current_settings
from web.door.access import account, actor, allow, case_scope, may
from web.pages import case_page, case_questions, case_queues
from web.pages.case_acting import act, acting
from web.pages.case_filters import choices, chosen, chosen_chips
from web.pages.case_questions import list_url
from web.pages.job_pages import own_job
from web.pages.map_questions import degrees
from web.words import candidate_words, case_words, preview_words
from web.words.languages import headings_language

bp = Blueprint("cases", __name__, url_prefix="/cases")
bp.record_once(lambda state: case_words.init_app(state.app))
bp.record_once(lambda state: candidate_words.init_app(state.app))

# A job writes more rows than this, so that nobody has to wait for the answer.
MOST_AT_ONCE = 50_000
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("")
@allow(*SEEING_CASES)
def index() -> str:
    conn, asked = connection(), case_questions.question()
    choice, offered = chosen(), choices()
    shown = lists.list_page(
        conn,
        asked,
        case_questions.asker(),
        order=case_questions.order(),
        after=case_questions.key("after"),
        before=case_questions.key("before"),
        duplicates=case_page.duplicates(),
        reader=account(),
    )
    return render_template(
        "cases/index.html",
        shown=shown,
        searches_texts=case_questions.asker().personal,
        queues=case_queues.counted(conn),
        limited_to=case_queues.limited_to(),
        revision=case_queues.revision(conn),
        given=case_questions.given(),
        order=case_questions.order(),
        now=datetime.now(UTC),
        wanted=asked.wanted,
        as_of=asked.wanted.as_of,
        list_url=list_url,
        allowed_actions=allowed_actions,
        most_counted=lists.MOST_COUNTED,
        area=None if asked.area is None else lists.area_name(conn, asked.area),
        areas=_areas(conn),
        choice=choice,
        choices=offered,
        chips=chosen_chips(choice, offered, lambda name: list_url("cases.index", name)),
    )


def _areas(conn: Connection) -> Sequence[tuple[str, str, str]]:
    if not may(Permission.SEE_CASES):
        return ()
    return lists.area_choices(conn, top=account().area)


@bp.get("/export")
@allow(Permission.EXPORT_CASES)
def export() -> ResponseReturnValue:
    kind = params.choice(request.args, "format", list(_TYPES)) or "csv"
    asked, asker = case_questions.question(), case_questions.asker()
    personal = params.flag(request.args, "personal") and may(Permission.SEE_PERSONAL)
    wanted = find(connection(), asked, asker)
    if count_up_to(connection(), wanted, MOST_AT_ONCE + 1) > MOST_AT_ONCE:
        return render_template(
            "cases/export.html",
            kind=kind,
            personal=personal,
            headings=request.args.get("headings"),
            list_url=list_url,
        )
    answer = Response(_written(wanted, kind, personal=personal), content_type=_TYPES[kind])
    day = datetime.now(current_settings().tz)
    name = f"{downloads.CASES}{day:%Y%m%d}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/export")
@allow(Permission.EXPORT_CASES)
def export_later() -> ResponseReturnValue:
    arguments = {
        "question": case_questions.question().to_json(),
        "order": case_questions.order().write(),
        "format": params.choice(request.args, "format", list(_TYPES)) or "csv",
        "personal": params.flag(request.args, "personal"),
        "language": headings_language(request.args),
    }
    title = _("Cases as a list showed them")
    job_id = jobs.enqueue(connection(), "case_export", arguments, title=title, actor=actor())
    return redirect(url_for("jobs.detail", job_id=job_id), 303)


@bp.get("/exports/<int:job_id>")
@allow(Permission.EXPORT_CASES)
def exported(job_id: int) -> ResponseReturnValue:
    job = own_job(job_id, "case_export")
    if not job.result:
        raise NotFoundError(kind="file", key=job_id)
    found = downloads.find(current_settings().home, job.result["download"], actor())
    return send_file(found.path, as_attachment=True, download_name=found.path.name)


@bp.get("/<path:case_no>")
@allow(*SEEING_CASES)
def detail(case_no: str) -> str:
    return case_page.page(connection(), case_no)


@bp.get("/<path:case_no>/position.json")
@allow(*SEEING_CASES)
def position(case_no: str) -> Response:
    found = shapes.position(connection(), case_no, case_scope=case_scope())
    return collection([feature(found, label=case_no)])


@bp.get("/<path:case_no>/components.json")
@allow(*SEEING_CASES)
def components(case_no: str) -> Response:
    found = shapes.components(connection(), case_no, case_scope=case_scope())
    return collection([feature(geom, **_component(one)) for one, geom in found])


def _component(one: Component) -> dict[str, str]:
    told = {"label": label_of(one.code, one.name)}
    if may(Permission.SEE_DUTIES):
        told["href"] = url_for("components.detail", code=one.code)
    return told


@bp.get("/<path:case_no>/<any(area,candidates,around):part>.json")
@allow(*SEEING_CASES)
def around(case_no: str, part: str) -> Response:
    found = shapes.around(
        connection(), case_no, CasePart(part), case_scope=case_scope(), top=account().area
    )
    return collection(area_features(found))


@bp.get("/<path:case_no>/placing.json")
@allow(Permission.PLACE_CASES, Permission.REPORT_CASES)
def placing(case_no: str) -> Response:
    """Return what would become of a case at a position, before it is put there."""
    found = preview_placing(
        connection(),
        case_no,
        (degrees("lon"), degrees("lat")),
        rules=case_page.rules(),
        case_scope=case_scope(),
        area=account().area,
    )
    return jsonify(preview_words.told(found))


@bp.post("/<path:case_no>/place")
@allow(Permission.PLACE_CASES, Permission.REPORT_CASES)
def place(case_no: str) -> ResponseReturnValue:
    def work() -> Case:
        lon, lat = (params.decimal(request.form, name) for name in ("lon", "lat"))
        if lon is None or lat is None:
            raise InputError(
                field="position", message=Sentence("click on the map or type a position")
            )
        return put_on_map(
            connection(),
            acting(case_no),
            lonlat=(lon, lat),
            rules=case_page.rules(),
            text=request.form.get("text", ""),
            only_own=not may(Permission.PLACE_CASES),
        )

    return act(CaseAction.PLACE, case_no, work, _("The case is on the map."))


@bp.post("/<path:case_no>/assign")
@allow(Permission.ASSIGN_CASES)
def assign(case_no: str) -> ResponseReturnValue:
    def work() -> Case:
        return actions.assign(
            connection(),
            acting(case_no),
            responder_code=case_page.chosen_for_case(),
            reason=request.form.get("text", ""),
        )

    return act(CaseAction.ASSIGN, case_no, work, _("The case is given to its responder."))


@bp.post("/<path:case_no>/bounce")
@allow(Permission.BOUNCE_CASES)
def bounce(case_no: str) -> ResponseReturnValue:
    def work() -> Case:
        return actions.bounce(
            connection(),
            acting(case_no),
            reason=request.form.get("text", ""),
            suggested=case_page.chosen("suggested"),
            only_of=account().responder_code,
        )

    return act(CaseAction.BOUNCE, case_no, work, _("The case waits for a dispatcher."))


@bp.post("/<path:case_no>/dispose")
@allow(Permission.DISPOSE_CASES)
def dispose(case_no: str) -> ResponseReturnValue:
    def work() -> Case:
        return actions.dispose(
            connection(),
            acting(case_no),
            at=params.moment(request.form, "at", tz=current_settings().tz),
            text=request.form.get("text", ""),
        )

    return act(CaseAction.DISPOSE, case_no, work, _("The case is disposed of."))


@bp.post("/<path:case_no>/close")
@allow(Permission.CLOSE_CASES)
def close(case_no: str) -> ResponseReturnValue:
    def work() -> Case:
        return actions.close(
            connection(),
            acting(case_no),
            at=params.moment(request.form, "at", tz=current_settings().tz),
            text=request.form.get("text", ""),
        )

    return act(CaseAction.CLOSE, case_no, work, _("The case is closed."))


def _written(wanted: CaseFilter, kind: str, *, personal: bool) -> bytes:
    asked = CaseExport(
        actor=actor(),
        rules=current_settings().judging_rules,
        personal=personal,
        wanted=wanted,
        order=case_questions.order(),
        language=headings_language(request.args),
    )
    table = open_export(connection(), asked)
    with TemporaryDirectory(prefix="gridmgmt-") as folder:
        path = Path(folder) / f"cases.{kind}"
        write_table(path, table.columns, table.rows(), sheet=table.title)
        return path.read_bytes()
