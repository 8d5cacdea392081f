"""Pages of jobs: progress, result, and stopping them."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.job import Job
from gridmgmt.errors import NotFoundError
from gridmgmt.services.files import jobs
from gridmgmt.store.jobs import is_worker_alive, list_jobs
from web.app.params import whole
from web.app.transaction import connection
from web.door.access import actor, allow, may
from web.door.sessions import background
from web.pages import job_pages

bp = Blueprint("jobs", __name__, url_prefix="/jobs")
bp.record_once(lambda state: job_pages.init_app(state.app))

PAGE = 50


@bp.get("")
@allow(Permission.SEE_JOBS)
def index() -> ResponseReturnValue:
    everybodys = may(Permission.MANAGE_ACCOUNTS)
    found = list_jobs(
        connection(),
        by=None if everybodys else actor(),
        before=whole(request.args, "before"),
        limit=PAGE,
    )
    return render_template(
        "jobs/index.html",
        jobs=found,
        everybodys=everybodys,
        older=found[-1].id if len(found) == PAGE else None,
        worker_alive=is_worker_alive(connection()),
    )


@bp.get("/<int:job_id>")
@allow(Permission.SEE_JOBS)
def detail(job_id: int) -> ResponseReturnValue:
    job = find(job_id)
    alive = job.is_finished or is_worker_alive(connection())
    return render_template("jobs/detail.html", job=job, worker_alive=alive)


@bp.get("/<int:job_id>.json")
@allow(Permission.SEE_JOBS)
@background
def progress(job_id: int) -> ResponseReturnValue:
    return jsonify(job_pages.progress_json(find(job_id)))


@bp.post("/<int:job_id>/cancel")
@allow(Permission.SEE_JOBS)
def cancel(job_id: int) -> ResponseReturnValue:
    find(job_id)
    if jobs.cancel(connection(), job_id, actor()):
        flash(_("The work is asked to stop. What it did so far is taken back."), "info")
    else:
        flash(_("The work had ended before."), "warning")
    return redirect(url_for("jobs.detail", job_id=job_id), 303)


def find(job_id: int) -> Job:
    """Return a job of the account; administrators see the jobs of all accounts.

    Raises
    ------
    NotFoundError
        also for somebody else's job, so that nobody learns that it exists
    """
    job = jobs.get(connection(), job_id)
    if job.created_by != actor() and not may(Permission.MANAGE_ACCOUNTS):
        raise NotFoundError(kind="job", key=job_id)
    return job
