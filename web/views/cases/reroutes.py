"""Reroute open cases to an edition: first show what it would do, then do it."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.judging.reroute import Fate, Reroute
from gridmgmt.services.files import jobs
from gridmgmt.store.areas.editions import get_edition
from gridmgmt.store.responsibility.responders import list_responders
from web.app.transaction import connection
from web.door.access import actor, allow
from web.pages.job_pages import own_job
from web.words.case_words import FATE_TONES, FATES
from web.words.edition_words import edition_state

bp = Blueprint("reroutes", __name__)

KIND = "case_reroute"


@bp.get("/editions/<int:number>/reroute")
@allow(Permission.REROUTE_CASES)
def index(number: int) -> str:
    return _page(number)


@bp.post("/editions/<int:number>/reroute")
@allow(Permission.REROUTE_CASES)
def rehearse(number: int) -> ResponseReturnValue:
    """Let the worker find out what a reroute would do."""
    return _enqueue(number, commit=False)


@bp.post("/editions/<int:number>/reroute/commit")
@allow(Permission.REROUTE_CASES)
def apply(number: int) -> ResponseReturnValue:
    return _enqueue(number, commit=True)


@bp.get("/editions/reroutes/<int:job_id>")
@allow(Permission.REROUTE_CASES)
def report(job_id: int) -> str:
    """Show what a reroute did or would do."""
    job = own_job(job_id, KIND)
    done = Reroute.from_json(job.result) if job.result else None
    return _page(job.arguments["edition"], done, is_done=job.arguments["commit"])


def _enqueue(number: int, *, commit: bool) -> ResponseReturnValue:
    edition = get_edition(connection(), number)
    title = _("Reroute open cases by edition %(number)s", number=edition.number)
    arguments = {"edition": number, "commit": commit}
    job_id = jobs.enqueue(connection(), KIND, arguments, title=title, actor=actor())
    return redirect(url_for("jobs.detail", job_id=job_id), 303)


def _page(number: int, done: Reroute | None = None, *, is_done: bool = False) -> str:
    edition = get_edition(connection(), number)
    return render_template(
        "reroutes/index.html",
        edition=edition,
        state=edition_state(edition, datetime.now(UTC)),
        done=done,
        is_done=is_done,
        people={one.code: one.name for one in list_responders(connection())},
        Fate=Fate,
        FATES=FATES,
        FATE_TONES=FATE_TONES,
    )
