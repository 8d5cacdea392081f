"""Names of jobs and their steps on pages, and the pages of their results."""

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
from web.words.audit_words import JOB_KINDS

STEP_LABELS: dict[str, LazyString] = {
    "reading": _l("reading the file"),
    "locating": _l("locating"),
    "routing": _l("finding who answers"),
    "storing": _l("storing"),
    "rerouting": _l("rerouting"),
    "judging": _l("judging"),
    "checking": _l("checking"),
    "publishing": _l("publishing"),
    "measuring": _l("measuring"),
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
# The endpoint that shows the result of each kind of job; it takes ``job_id``.
RESULT_PAGES: dict[str, str] = {
    "case_import": "case_imports.report",
    "case_export": "cases.exported",
    "case_reroute": "reroutes.report",
    "edition_extension": "edition_extensions.report",
    "draft_impact": "draft_impacts.report",
    "draft_publish": "draft_publications.report",
}


def own_job(job_id: int, kind: str) -> Job:
    """Return a job of a kind that belongs to the account: its result may show rows of a file.

    Raises
    ------
    NotFoundError
        also for somebody else's job, so that nobody learns that it exists
    """
    job = jobs.get(connection(), job_id)
    if job.kind != kind or job.created_by != actor():
        raise NotFoundError(kind="job", key=job_id)
    return job


def kind_label(job: Job) -> str:
    """Return the name of a job's kind, or the program's own word."""
    label = str(JOB_KINDS.get(job.kind, job.kind))
    # Work that changes data is often tried out first, with the same file and the same title.
    tried = job.arguments.get("commit") is False
    return _("%(work)s, tried out", work=label) if tried else label


def step_label(step: str | None) -> str:
    """Return the name of a step."""
    return "" if step is None else str(STEP_LABELS.get(step, step))


def status_label(status: JobStatus) -> str:
    """Return the name of a job's status."""
    return str(STATUS_LABELS[status])


def status_tone(status: JobStatus) -> str:
    """Return the tone of a job's badge."""
    return _TONES.get(status, "neutral")


def result_url(job: Job) -> str | None:
    """Return the URL of a job's result, or None if there is none.

    Only the owner of the job gets it: the page may show rows of a file.
    """
    endpoint = RESULT_PAGES.get(job.kind)
    if endpoint not in current_app.view_functions or job.created_by != actor():
        return None
    return url_for(str(endpoint), job_id=job.id)


def progress_json(job: Job) -> dict[str, Any]:
    """Return the progress of a job for the script that asks every second."""
    return {
        "finished": job.is_finished,
        "status": status_label(job.status),
        "tone": status_tone(job.status),
        "step": step_label(job.step),
        "done": job.done,
        "total": job.total,
    }


def init_app(app: App) -> None:
    """Make the names of jobs available in templates."""
    app.jinja_env.filters.update(
        job_kind=kind_label,
        job_step=step_label,
        job_status=status_label,
        job_tone=status_tone,
        job_result=result_url,
    )
