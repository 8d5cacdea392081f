"""The impact of a draft in the API: at once, or by a job for a large one."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.job import Job
from gridmgmt.services.drafts.locked_drafts import refuse_published
from gridmgmt.services.files import jobs
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.services.workbench.impact_result import page_of
from gridmgmt.store.areas.drafts import get_draft
from web.api import impact_schemas, schemas
from web.api.operations import Operations
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.pages.job_pages import own_job

bp = Operations("api_draft_impacts", __name__, description="What drafts would change")

KIND = "draft_impact"
_RULE = "/drafts/<path:label>/impact"


@bp.operation(
    "GET",
    _RULE,
    query=impact_schemas.ImpactArguments,
    gives={200: impact_schemas.ImpactSchema},
    refuses=(404, 409),
)
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def show(args: dict[str, Any], label: str) -> Any:
    """Show what a draft would change, compared with the edition on which it rests.

    All figures are by the duties of today, and those that the draft states; ``limit`` and
    ``after`` choose a part of the open cases. A draft that touches very many areas or cases
    is refused: a job measures it.
    """
    asked = ImpactAsked(current_settings().judging_rules, datetime.now(UTC))
    measuring = DraftImpact(connection(), label, asked)
    measuring.refuse_large()
    return measuring.measured().page(after=args.get("after"), most=args["limit"])


@bp.operation(
    "POST",
    f"{_RULE}/jobs",
    query=schemas.NoArguments,
    gives={201: impact_schemas.ImpactJobSchema},
    refuses=(404, 409),
)
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def begin(args: dict[str, Any], label: str) -> Any:
    """Let a job measure the impact of a draft, however large it is."""
    refuse_published(get_draft(connection(), label))
    title = _("Impact of draft %(label)s", label=label)
    number = jobs.enqueue(connection(), KIND, {"label": label}, title=title, actor=actor())
    return _told(own_job(number, KIND))


@bp.operation(
    "GET",
    f"{_RULE}/jobs/<int:number>",
    query=impact_schemas.ImpactArguments,
    gives={200: impact_schemas.ImpactJobSchema},
    refuses=(404,),
)
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def follow(args: dict[str, Any], label: str, number: int) -> Any:
    """Show how far a job is, and what it found once it has succeeded."""
    return _told(own_job(number, KIND), after=args.get("after"), most=args["limit"])


def _told(job: Job, *, after: str | None = None, most: int = 0) -> dict[str, Any]:
    found = None
    if job.result is not None:
        found = page_of(job.result, after=after, most=most)
        found |= {name: datetime.fromisoformat(found[name]) for name in ("now", "since")}
    return {
        "number": job.id,
        "status": job.status.value,
        "step": job.step,
        "done": job.done,
        "total": job.total,
        "error": job.error,
        "impact": found,
    }
