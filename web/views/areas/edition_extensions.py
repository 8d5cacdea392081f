"""Let the first edition begin earlier: first show what it would do, then do it."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.edition import first_edition
from gridmgmt.errors import InputError
from gridmgmt.services.files import jobs
from gridmgmt.store.areas.editions import get_edition, list_editions
from gridmgmt.store.cases.early_cases import count_early
from web.app import params
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.pages.job_pages import own_job

bp = Blueprint("edition_extensions", __name__)

KIND = "edition_extension"


@bp.get("/editions/<int:number>/extend")
@allow(Permission.PUBLISH_DRAFTS)
def index(number: int) -> str:
    conn, tz = connection(), current_settings().tz
    edition, first = get_edition(conn, number), first_edition(list_editions(conn))
    waiting, since = count_early(conn)
    return render_template(
        "editions/extend.html",
        edition=edition,
        is_first=first is not None and first.number == number,
        waiting=waiting,
        first_day=None if since is None else since.astimezone(tz).date(),
    )


@bp.post("/editions/<int:number>/extend")
@allow(Permission.PUBLISH_DRAFTS)
def rehearse(number: int) -> ResponseReturnValue:
    """Let the worker find out which cases would be located."""
    return _enqueue(number, commit=False)


@bp.post("/editions/<int:number>/extend/commit")
@allow(Permission.PUBLISH_DRAFTS)
def apply(number: int) -> ResponseReturnValue:
    return _enqueue(number, commit=True)


@bp.get("/editions/extensions/<int:job_id>")
@allow(Permission.PUBLISH_DRAFTS)
def report(job_id: int) -> str:
    """Show what an earlier beginning did or would do."""
    job = own_job(job_id, KIND)
    edition = get_edition(connection(), job.arguments["edition"])
    return render_template(
        "editions/extended.html",
        edition=edition,
        first_day=date.fromisoformat(job.arguments["from"]),
        done=job.result,
        is_done=job.arguments["commit"],
    )


def _enqueue(number: int, *, commit: bool) -> ResponseReturnValue:
    edition = get_edition(connection(), number)
    first_day = params.day(request.form, "from", tz=current_settings().tz)
    if first_day is None:
        raise InputError(field="from", message=_("say from which day"))
    day = first_day.isoformat()
    title = _("Let edition %(number)s begin on %(day)s", number=edition.number, day=day)
    arguments = {"edition": number, "from": day, "commit": commit}
    job_id = jobs.enqueue(connection(), KIND, arguments, title=title, actor=actor())
    return redirect(url_for("jobs.detail", job_id=job_id), 303)
