"""What the pages call the kinds of long work and their steps, and where results are shown."""

from typing import Any

from flask import current_app, url_for
from flask.sansio.app import App
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.job import Job, JobStatus
from gridmgmt.errors import NotFoundError
from gridmgmt.services.files import jobs
from web.app.transaction import connection
from web.door.access import actor

KIND_LABELS: dict[str, LazyString] = {
    "case_import": _l("Import of cases"),
    "case_export": _l("Export of cases"),
    "case_reroute": _l("Reroute of open cases"),
    "layer_export": _l("Export of a layer"),
    "layer_import": _l("Import of a layer"),
    "draft_check": _l("Check of a draft"),
    "draft_publish": _l("Publication of a draft"),
}
STEP_LABELS: dict[str, LazyString] = {
    "reading": _l("reading the file"),
    "locating": _l("locating"),
    "routing": _l("finding who answers"),
    "storing": _l("storing"),
    "rerouting": _l("rerouting"),
    "checking": _l("checking"),
    "publishing": _l("publishing"),
    "writing": _l("writing the file"),
}
STATUS_LABELS: dict[JobStatus, LazyString] = {
    JobStatus.QUEUED: _l("waiting"),
    JobStatus.RUNNING: _l("running"),
    JobStatus.SUCCEEDED: _l("done"),
    JobStatus.FAILED: _l("failed"),
    JobStatus.CANCELLED: _l("cancelled"),
}
_TONES = {
    JobStatus.RUNNING: "info",
    JobStatus.SUCCEEDED: "good",
    JobStatus.FAILED: "bad",
    JobStatus.CANCELLED: "warning",
}
# The endpoint that shows what came of a job of a kind; it takes ``job_id``.
RESULT_PAGES: dict[str, str] = {
    "case_import": "case_imports.report",
    "case_export": "cases.exported",
    "case_reroute": "reroutes.report",
    "draft_publish": "draft_publications.report",
}


def own_job(job_id: int, kind: str) -> Job:
    """Return a job of a kind that the one who asks began: its result may show rows of a file.

    Raises
    ------
    NotFoundError
        also for a job of somebody else, of which nobody is told that it is there
    """
    job = jobs.get(connection(), job_id)
    if job.kind != kind or job.created_by != actor():
        raise NotFoundError(kind="job", key=job_id)
    return job


def kind_label(job: Job) -> str:
    """Name the kind of work a job is; without a name, what the program calls it."""
    label = str(KIND_LABELS.get(job.kind, job.kind))
    # Work that changes data is often tried out first, its file and title being the same.
    tried = job.arguments.get("commit") is False
    return _("%(work)s, tried out", work=label) if tried else label


def step_label(step: str | None) -> str:
    """Name a step of the work."""
    return "" if step is None else str(STEP_LABELS.get(step, step))


def status_label(status: JobStatus) -> str:
    """Name what has become of a job."""
    return str(STATUS_LABELS[status])


def status_tone(status: JobStatus) -> str:
    """Give the tone of a job's badge."""
    return _TONES.get(status, "neutral")


def result_url(job: Job) -> str | None:
    """Return the address of the page that shows what came of a job, None without one.

    Only who asked for the work is led there: the page may show rows of a file.
    """
    endpoint = RESULT_PAGES.get(job.kind)
    if endpoint not in current_app.view_functions or job.created_by != actor():
        return None
    return url_for(str(endpoint), job_id=job.id)


def progress_json(job: Job) -> dict[str, Any]:
    """Say how far a job is, to the script that asks every second."""
    return {
        "finished": job.is_finished,
        "status": status_label(job.status),
        "tone": status_tone(job.status),
        "step": step_label(job.step),
        "done": job.done,
        "total": job.total,
    }


def init_app(app: App) -> None:
    """Let templates name jobs."""
    app.jinja_env.filters.update(
        job_kind=kind_label,
        job_step=step_label,
        job_status=status_label,
        job_tone=status_tone,
        job_result=result_url,
    )
