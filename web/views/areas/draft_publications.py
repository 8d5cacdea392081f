"""Publish a draft: first show what it would do, then do it."""

from collections.abc import Iterable
from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edition import parse_effective_from
from gridmgmt.domain.areas.review import ON_PAGES
from gridmgmt.errors import GridMgmtError, InputError
from gridmgmt.geometry.merging.divergence import Take
from gridmgmt.services.drafts import changes, publishing, rebasing, reviews
from gridmgmt.services.drafts.changes import LevelCounts
from gridmgmt.services.drafts.drafts import DEFAULT_TOLERANCE_M2
from gridmgmt.services.files import jobs
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.workbench import rehearsed_publishing
from gridmgmt.services.workbench.rehearsed_publishing import (
    RehearsedPublication,
    publication_impact,
)
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.areas.editions import newest_edition
from web.app import params
from web.app.days import today
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.pages import draft_pages
from web.pages.area_names import AreaNames, draft_names
from web.pages.errors import status_of
from web.pages.job_pages import own_job
from web.pages.problem_lists import problem_table, some_of
from web.words import draft_row_words, problem_words
from web.words.sentences import said

bp = Blueprint("draft_publications", __name__, url_prefix="/drafts")

KIND = "draft_publish"


@bp.get("/<int:draft_id>/publish")
@allow(Permission.PUBLISH_DRAFTS)
def index(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    tomorrow = today() + timedelta(days=1)
    return _page(draft, tomorrow.isoformat(), DEFAULT_TOLERANCE_M2)


@bp.post("/<int:draft_id>/publish")
@allow(Permission.PUBLISH_DRAFTS)
def rehearse(draft_id: int) -> ResponseReturnValue:
    """Show what publishing would do, without doing it."""
    draft = draft_pages.find(draft_id)
    effective_from = request.form.get("effective_from", "")
    rules = current_settings().judging_rules
    try:
        begins = parse_effective_from(effective_from, rules.tz)
        impact = publication_impact(connection(), draft.label, begins, rules)
        if _is_large(changes.counts(connection(), draft)) or impact.is_large:
            return _enqueue(draft, commit=False)
        done = rehearsed_publishing.rehearse(
            connection(),
            draft.label,
            begins,
            tolerance_m2=draft_pages.tolerance_m2(request.form),
            rules=rules,
            actor=actor(),
            impact=impact,
        )
    except GridMgmtError as error:
        page = _page(draft, effective_from, DEFAULT_TOLERANCE_M2, error=error)
        return page, status_of(error)
    return _page(draft, effective_from, draft_pages.tolerance_m2(request.form), rehearsed=done)


@bp.post("/<int:draft_id>/publish/commit")
@allow(Permission.PUBLISH_DRAFTS)
def publish(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    if _is_large(changes.counts(connection(), draft)):
        return _enqueue(draft, commit=True)
    done = rehearsed_publishing.publish_seen(
        connection(),
        draft.label,
        parse_effective_from(request.form.get("effective_from", ""), current_settings().tz),
        tolerance_m2=draft_pages.tolerance_m2(request.form),
        rules=current_settings().judging_rules,
        seen=params.whole(request.form, "seen") or 0,
        actor=actor(),
        approval=ON_PAGES[current_settings().review],
    )
    flash(
        _(
            "Edition %(number)s is published: %(added)s areas added, %(altered)s altered,"
            " %(dropped)s dropped.",
            number=done.edition.number,
            added=done.added,
            altered=done.altered,
            dropped=done.dropped,
        ),
        "success",
    )
    return redirect(url_for("editions.detail", number=done.edition.number), 303)


@bp.post("/<int:draft_id>/rebase")
@allow(Permission.EDIT_DRAFTS)
def rebase(draft_id: int) -> ResponseReturnValue:
    """Put a draft on the newest edition, with one side's version where both changed it."""
    draft = draft_pages.find(draft_id)
    take = params.kind(request.form, "take", Take)
    seen = params.whole(request.form, "seen") or 0
    tz = current_settings().tz
    done = rebasing.rebase(
        connection(), draft.label, actor=actor(), tz=tz, take=take, seen=seen
    )
    if done.onto is not None:
        flash(
            _("The draft rests on edition %(number)s now. Check it again.", number=done.onto),
            "success",
        )
    return redirect(url_for("draft_publications.index", draft_id=draft_id), 303)


@bp.get("/<int:draft_id>/conflicts.csv")
@allow(Permission.PUBLISH_DRAFTS)
def conflicts(draft_id: int) -> Response:
    """Return all that the draft and others since its base changed differently, as a table."""
    draft = draft_pages.find(draft_id)
    return problem_table(
        publishing.conflicts_of(connection(), draft, today(), current_settings().tz),
        f"{draft.label}-conflicts",
    )


@bp.get("/publications/<int:job_id>")
@allow(Permission.PUBLISH_DRAFTS)
def report(job_id: int) -> ResponseReturnValue:
    """Show the result of a publication that ran as a job."""
    job = own_job(job_id, KIND)
    draft = get_draft(connection(), job.arguments["label"])
    result = job.result or {}
    if result.get("edition"):
        return redirect(url_for("editions.detail", number=result["edition"]), 303)
    rehearsed = RehearsedPublication.from_json(result) if result else None
    return _page(
        draft,
        job.arguments["effective_from"],
        float(job.arguments["tolerance_m2"]),
        rehearsed=rehearsed,
        seen=job.arguments["seen"],
    )


def _is_large(levels: Iterable[LevelCounts]) -> bool:
    return sum(one.changes for one in levels) > draft_pages.PUBLISHED_AT_ONCE


def _enqueue(draft: Draft, *, commit: bool) -> ResponseReturnValue:
    """Give a large publication, or its rehearsal, to the worker."""
    effective_from = request.form.get("effective_from", "")
    parse_effective_from(effective_from, current_settings().tz)
    arguments = {
        "label": draft.label,
        "effective_from": effective_from,
        "tolerance_m2": draft_pages.tolerance_m2(request.form),
        "seen": params.whole(request.form, "seen") or 0,
        "commit": commit,
    }
    title = _("Publish draft %(label)s", label=draft.label)
    if not commit:
        title = _("What publishing draft %(label)s would do", label=draft.label)
    job_id = jobs.enqueue(connection(), KIND, arguments, title=title, actor=actor())
    return redirect(url_for("jobs.detail", job_id=job_id), 303)


def _page(
    draft: Draft,
    effective_from: str,
    tolerance_m2: float,
    *,
    rehearsed: RehearsedPublication | None = None,
    seen: int | None = None,
    error: GridMgmtError | None = None,
) -> str:
    told = error.message if isinstance(error, InputError) else error and some_of(error)
    known, levels = directory(connection()), changes.counts(connection(), draft)
    return render_template(
        "drafts/publish.html",
        draft=draft,
        newest=newest_edition(connection()),
        effective_from=effective_from,
        tolerance_m2=tolerance_m2,
        rehearsed=rehearsed,
        why_not_yet=reviews.why_not_yet(
            connection(), draft, ON_PAGES[current_settings().review]
        ),
        words=problem_words,
        area_names=AreaNames() if rehearsed is None else _names(draft, levels, rehearsed),
        places=known.place_names,
        row_words=draft_row_words,
        row_names=draft_pages.row_names(() if rehearsed is None else rehearsed.rows),
        people=known.responder_names,
        seen=seen or changes.revision(connection(), draft.label),
        error="" if told is None else said(told),
        is_large=_is_large(levels),
    )


def _names(
    draft: Draft, levels: Iterable[LevelCounts], rehearsed: RehearsedPublication
) -> AreaNames:
    """Return the names of the areas that a rehearsal names."""
    kinds = (*rehearsed.warnings, *rehearsed.blocking)
    return draft_names(
        draft,
        levels,
        problems=[one for kind in kinds for one in kind.examples],
        impact=rehearsed.impact,
    )
