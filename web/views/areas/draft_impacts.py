"""What a draft would change for cases and for those who answer: at once, or by a job."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.services.drafts import changes
from gridmgmt.services.drafts.locked_drafts import refuse_published
from gridmgmt.services.files import jobs
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.store.areas.drafts import get_draft
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.pages import draft_pages
from web.pages.area_names import draft_names
from web.pages.job_pages import own_job

bp = Blueprint("draft_impacts", __name__, url_prefix="/drafts")

KIND = "draft_impact"
CASE_ROWS = 200


@bp.get("/<int:draft_id>/impact")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def show(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    asked = ImpactAsked(current_settings().judging_rules, datetime.now(UTC))
    measuring = DraftImpact(connection(), draft.label, asked)
    if measuring.is_large:
        return _page(draft, None)
    return _page(draft, measuring.measured().page(most=CASE_ROWS).to_json())


@bp.post("/<int:draft_id>/impact")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def measure(draft_id: int) -> ResponseReturnValue:
    """Let the worker measure the impact of a large draft."""
    draft = draft_pages.find(draft_id)
    refuse_published(draft)
    title = _("Impact of draft %(label)s", label=draft.label)
    job_id = jobs.enqueue(
        connection(), KIND, {"label": draft.label}, title=title, actor=actor()
    )
    return redirect(url_for("jobs.detail", job_id=job_id), 303)


@bp.get("/impacts/<int:job_id>")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def report(job_id: int) -> ResponseReturnValue:
    """Show an impact that was measured as a job."""
    job = own_job(job_id, KIND)
    return _page(get_draft(connection(), job.arguments["label"]), job.result)


def _page(draft: Draft, impact: Mapping[str, Any] | None) -> str:
    known = directory(connection())
    return render_template(
        "drafts/impact.html",
        draft=draft,
        impact=impact,
        measured_at=impact and datetime.fromisoformat(impact["now"]),
        area_names=draft_names(draft, changes.counts(connection(), draft), impact=impact),
        places=known.place_names,
        people=known.responder_names,
        most=CASE_ROWS,
    )
