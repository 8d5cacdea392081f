"""Import files of cases: upload, assign columns, try out, import."""

import json
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case_rows import DATES
from gridmgmt.domain.cases.default_position import DefaultPosition, read_lonlat, written
from gridmgmt.domain.job import Job, JobStatus
from gridmgmt.errors import CaseError, InputError, LayerError, NotFoundError
from gridmgmt.exchange.content.case_files import case_columns
from gridmgmt.exchange.content.file_previews import FilePreview, preview_table
from gridmgmt.exchange.content.format_proposals import format_of_table
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.sentence import Sentence
from gridmgmt.services.cases import default_positions
from gridmgmt.services.files import jobs
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.services.files.uploads import Upload
from gridmgmt.store.jobs import is_worker_alive, list_jobs
from web.app.params import flag, text
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.door.bodies import takes_files
from web.pages import uploads
from web.pages.case_links import cases_address
from web.pages.job_pages import own_job
from web.pages.uploads import FileFault, ReadingOptions, Wanted
from web.words import reasons
from web.words.languages import number
from web.words.value_names import heading_of

bp = Blueprint("case_imports", __name__, url_prefix="/case-imports")
bp.record_once(lambda state: uploads.init_app(state.app))

KIND = "case_import"
RECENT = 20
_REQUIRED = ("case_no", "category", "reported_at", "lon", "lat")
_COLUMNS = tuple(
    Wanted(name, heading_of("cases", name), required=name in _REQUIRED)
    for name in (
        *(*_REQUIRED, "due_at", "disposed_at", "closed_at", "channel", "description"),
        *("address", "accuracy_m", "due_limit", "due_provisional"),
    )
)


@bp.get("")
@allow(Permission.IMPORT_CASES)
def index() -> ResponseReturnValue:
    recent = list_jobs(connection(), by=actor(), kind=KIND, limit=RECENT)
    accepted = default_positions.list_accepted(connection())
    return render_template("case_imports/index.html", recent=recent, accepted=accepted)


@bp.post("")
@allow(Permission.IMPORT_CASES)
@takes_files
def upload() -> ResponseReturnValue:
    try:
        kept = uploads.keep(of_cases=True)
    except InputError as error:
        flash(uploads.sentences(error)[0], "danger")
        return redirect(url_for("case_imports.index"), 303)
    said = uploads.reading(request.form)
    return redirect(url_for("case_imports.columns", upload_id=kept.id, **said.args), 303)


@bp.get("/<upload_id>")
@allow(Permission.IMPORT_CASES)
def columns(upload_id: str) -> ResponseReturnValue:
    return _columns_page(uploads.find(upload_id), uploads.reading(request.args))


@bp.post("/<upload_id>")
@allow(Permission.IMPORT_CASES)
def preview(upload_id: str) -> ResponseReturnValue:
    kept, said = uploads.find(upload_id), uploads.reading(request.form)
    try:
        arguments = _asked(kept, said)
    except (InputError, LayerError) as error:
        return _columns_page(kept, said, uploads.fault(error, kept))
    job_id = jobs.enqueue(connection(), KIND, arguments, title=kept.name, actor=actor())
    return redirect(url_for("case_imports.report", job_id=job_id), 303)


@bp.get("/jobs/<int:job_id>")
@allow(Permission.IMPORT_CASES)
def report(job_id: int) -> ResponseReturnValue:
    job = own_job(job_id, KIND)
    return render_template(
        "case_imports/report.html",
        job=job,
        committed=job.arguments["commit"],
        report=job.result or {},
        applied=_applied(job),
        heaps=_heaps(job),
        worker_alive=job.is_finished or is_worker_alive(connection()),
        cases_address=cases_address,
        unlocated_labels=reasons.UNLOCATED,
        unrouted_labels=reasons.UNROUTED,
    )


@bp.post("/jobs/<int:job_id>/apply")
@allow(Permission.IMPORT_CASES)
def apply(job_id: int) -> ResponseReturnValue:
    job = own_job(job_id, KIND)
    if job.arguments["commit"] or job.status is not JobStatus.SUCCEEDED or _applied(job):
        raise CaseError(_("This import cannot be applied, or it was applied already."))
    uploads.find(job.arguments["upload"])
    arguments = {**job.arguments, "commit": True, "preview": job.id}
    applied = jobs.enqueue(connection(), KIND, arguments, title=job.title, actor=actor())
    return redirect(url_for("case_imports.report", job_id=applied), 303)


@bp.post("/jobs/<int:job_id>/default-position")
@allow(Permission.IMPORT_CASES)
def accept_default(job_id: int) -> ResponseReturnValue:
    job = own_job(job_id, KIND)
    lonlat = read_lonlat(request.form.get("position", ""))
    # Only what the report proposes: a coordinate that was typed is for the command line.
    if lonlat not in {(one["lon"], one["lat"]) for one, *_ in _heaps(job)}:
        raise NotFoundError(kind="default coordinate", key=written(lonlat))
    marked = default_positions.accept(connection(), lonlat, actor=actor())
    told = _(
        "Accepted as a default coordinate; %(n)s stored cases are marked.", n=number(marked)
    )
    if not (job.arguments["commit"] or _applied(job)):
        told = _("%(told)s Those of this file are marked when it is taken in.", told=told)
    flash(told, "success")
    return redirect(url_for("case_imports.report", job_id=job.id), 303)


@bp.post("/default-positions/withdraw")
@allow(Permission.IMPORT_CASES)
def withdraw_default() -> ResponseReturnValue:
    lonlat = read_lonlat(request.form.get("position", ""))
    unmarked = default_positions.withdraw(connection(), lonlat, actor=actor())
    flash(
        _("No default coordinate any more; %(n)s cases lost the mark.", n=number(unmarked)),
        "success",
    )
    return redirect(url_for("case_imports.index"), 303)


@bp.get("/jobs/<int:job_id>/rejected.csv")
@allow(Permission.IMPORT_CASES)
def rejected(job_id: int) -> ResponseReturnValue:
    job = own_job(job_id, KIND)
    name = (job.result or {}).get("rejects_file")
    if name is None:
        raise NotFoundError(kind="download", key=job_id)
    path = uploads.find(job.arguments["upload"]).result(name)
    stem = job.title.partition(".")[0]
    return send_file(path, as_attachment=True, download_name=f"{stem}-rejected.csv")


def _columns_page(kept: Upload, said: ReadingOptions, fault: FileFault | None = None) -> str:
    """Show the columns of a file, or why it cannot be read in the stated way."""
    beginning: FilePreview | None = None
    chosen: dict[str, str] = {}
    proposed = None
    try:
        beginning = preview_table(kept.path, encoding=said.encoding, sheet=said.layer)
        given = uploads.mapping(request.form)
        there = {field: name for field, name in given.items() if name in beginning.columns}
        chosen, _missing = case_columns(beginning.columns, there)
        proposed = _proposed(beginning, chosen, kept, said)
    except (InputError, LayerError) as error:
        fault = fault or uploads.fault(error, kept)
    return render_template(
        "case_imports/columns.html",
        upload=kept,
        reading=said,
        preview=beginning,
        chosen=chosen,
        wanted=_COLUMNS,
        fault=fault,
        date_format=uploads.format_typed(),
        proposed=proposed,
        tz=text(request.form, "tz") or current_settings().tz.key,
        update_known=flag(request.form, "update_known"),
    )


def _proposed(
    beginning: FilePreview, chosen: dict[str, str], kept: Upload, said: ReadingOptions
) -> str | None:
    dated = [chosen[name] for name in DATES if name in chosen]
    options = FileOptions(encoding=said.encoding, layer=said.layer)
    return format_of_table(beginning, dated, kept.path, options)


def _asked(kept: Upload, said: ReadingOptions) -> dict[str, Any]:
    """Return the arguments of the job from the form.

    Everything that the job would refuse is refused here.
    """
    beginning = preview_table(kept.path, encoding=said.encoding, sheet=said.layer)
    given = uploads.mapping(request.form)
    _chosen, missing = case_columns(beginning.columns, given)
    if missing:
        raise LayerError(
            kept.name,
            Sentence("lacks columns that cases need, or has one twice"),
            problems=missing,
        )
    remote_datum(said.crs, current_settings().crs_table)
    stated = uploads.date_formats(request.form)
    return {
        "upload": kept.id,
        "commit": False,
        "mapping": given,
        "crs": said.crs,
        "encoding": said.encoding,
        "sheet": said.layer,
        "tz": _zone(text(request.form, "tz")),
        "date_format": "\n".join(one.stated for one in stated) or None,
        "update_known": flag(request.form, "update_known"),
    }


def _zone(name: str | None) -> str | None:
    try:
        return None if name is None else ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(
            field="tz",
            message=Sentence("{} is not a time zone; write one like Asia/Shanghai", repr(name)),
        ) from None


def _heaps(job: Job) -> list[tuple[dict[str, Any], DefaultPosition | None, list[str]]]:
    """Return the coordinates that the report proposes, with some of their addresses.

    A coordinate that is accepted by now comes with its default position.
    """
    # Reports of older versions do not know the position of a coordinate.
    found = [one for one in (job.result or {}).get("heaps", []) if "lon" in one]
    accepted = {
        (one.lon, one.lat): one
        for one in (default_positions.list_accepted(connection()) if found else [])
    }
    addresses = _addresses(job) or [[] for _one in found]
    return [
        (one, accepted.get((one["lon"], one["lat"])), told)
        for one, told in zip(found, addresses, strict=True)
    ]


def _addresses(job: Job) -> list[list[str]]:
    """Return the addresses that lie beside the upload; none when that is gone."""
    name = (job.result or {}).get("addresses_file")
    if name is None:
        return []
    try:
        text = uploads.find(job.arguments["upload"]).result(name).read_text("utf-8")
    except (NotFoundError, FileNotFoundError):
        return []
    found: list[list[str]] = json.loads(text)
    return found


def _applied(job: Job) -> Job | None:
    """Return the import that stored what this rehearsal tried out, or None."""
    later = list_jobs(connection(), by=job.created_by, kind=KIND, limit=RECENT * 10)
    lost = (JobStatus.FAILED, JobStatus.CANCELLED)
    return next(
        (
            one
            for one in later
            if one.arguments.get("preview") == job.id and one.status not in lost
        ),
        None,
    )
