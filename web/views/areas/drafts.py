"""Pages of drafts: their changes to an edition, and their problems."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.draft import Action, Draft
from gridmgmt.errors import DraftError, InputError
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.coverage.problem_folds import fold
from gridmgmt.geometry.coverage.problem_report import sentence_with_place
from gridmgmt.maps.document import MapParts
from gridmgmt.maps.small import MapSource, small_map
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas import outlines
from gridmgmt.services.drafts import changes, checks, reviews
from gridmgmt.services.drafts import drafts as service
from gridmgmt.services.drafts.alterations import Alteration, altered
from gridmgmt.store.areas.draft_changes import ChangeQuery
from gridmgmt.store.areas.drafts import list_drafts
from gridmgmt.store.areas.editions import newest_edition
from web.app import params
from web.app.addresses import with_query
from web.app.features import area_features, collection, feature, label_of
from web.app.page_keys import KEY
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.pages import draft_pages
from web.pages.area_names import AreaNames, draft_names
from web.pages.base_map import base_map
from web.pages.problem_lists import problem_table
from web.words import draft_row_words, problem_words
from web.words.sentences import said

bp = Blueprint("drafts", __name__, url_prefix="/drafts")

PROBLEM_ROWS = 100
# So many duties, zones and the like of a draft are listed.
ROWS_TOLD = 200


@bp.get("")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def index() -> ResponseReturnValue:
    found = list_drafts(connection())
    return render_template(
        "drafts/index.html",
        drafts=list(reversed(found)),
        newest=newest_edition(connection()),
        label="",
        error="",
    )


@bp.post("")
@allow(Permission.EDIT_DRAFTS)
def create() -> ResponseReturnValue:
    label = request.form.get("label", "").strip()
    try:
        draft = service.create(connection(), label, actor=actor())
    except (DraftError, InputError) as error:
        return render_template(
            "drafts/index.html",
            drafts=list(reversed(list_drafts(connection()))),
            newest=newest_edition(connection()),
            label=label,
            error=said(error.message if isinstance(error, InputError) else error),
        )
    flash(_("Draft %(label)s is open.", label=draft.label), "success")
    return redirect(url_for("drafts.detail", draft_id=draft.id), 303)


@bp.get("/<int:draft_id>")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def detail(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    levels = changes.counts(connection(), draft)
    query = draft_pages.change_query([one.level for one in levels if one.changes])
    row_changes = changes.row_changes(connection(), draft)
    page = changes.page(connection(), draft, query) if query else None
    alterations = _altered(draft, query) if query else {}
    return render_template(
        "drafts/detail.html",
        draft=draft,
        review=reviews.review_of(connection(), draft),
        newest=newest_edition(connection()),
        levels=levels,
        steps=changes.steps(connection(), draft.label),
        revision=changes.revision(connection(), draft.label),
        query=query,
        page=page,
        altered=alterations,
        map=_map(draft, query) if query else None,
        actions=list(Action),
        area_names=draft_names(
            draft, levels, changes=page.rows, altered={query.level: alterations.values()}
        )
        if query and page
        else AreaNames(),
        row_changes=[one.shown() for one in row_changes[:ROWS_TOLD]],
        rows_in_all=len(row_changes),
        row_words=draft_row_words,
        row_names=draft_pages.row_names([one.shown() for one in row_changes[:ROWS_TOLD]]),
    )


def _altered(draft: Draft, query: ChangeQuery) -> dict[str, Alteration]:
    before, after = changes.shapes(connection(), draft, query)
    return {one.code: one for one in altered(before, after)}


@bp.get("/<int:draft_id>/<any(before,after):side>.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def shapes(draft_id: int, side: str) -> Response:
    """Return the outlines of one page of changes as GeoJSON, before or after the draft."""
    draft = draft_pages.find(draft_id)
    query = draft_pages.change_query([])
    if query is None:
        return collection([])
    before, after = changes.shapes(connection(), draft, query)
    words = _("before") if side == "before" else _("in the draft")

    def naming(code: str, name: str) -> dict[str, str]:
        return {"id": code, "label": f"{label_of(code, name)} ({words})"}

    return collection(area_features(before if side == "before" else after, naming))


@bp.get("/<int:draft_id>/base.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def base(draft_id: int) -> Response:
    """Return the edition below a draft as GeoJSON, as a background."""
    draft = draft_pages.find(draft_id)
    level = params.text(request.args, "level")
    found = outlines.backdrop(connection(), draft.base_edition, level, top=None)
    return collection(area_features(found))


@bp.get("/<int:draft_id>/state.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def state(draft_id: int) -> Response:
    """Return the areas as the draft would make them as GeoJSON, as a background of problems."""
    draft = draft_pages.find(draft_id)
    found = changes.state_at_a_glance(connection(), draft)
    return collection(area_features(found))


@bp.post("/<int:draft_id>/take-back")
@allow(Permission.EDIT_DRAFTS)
def take_back(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    level = request.form.get("level", "")
    seen = params.whole(request.form, "seen") or 0
    number = changes.take_back(connection(), draft.label, level, seen=seen, actor=actor())
    flash(_("Changes taken back: %(count)s", count=number), "success")
    return redirect(url_for("drafts.detail", draft_id=draft_id), 303)


@bp.post("/<int:draft_id>/delete")
@allow(Permission.EDIT_DRAFTS)
def delete(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    seen = params.whole(request.form, "seen") or 0
    number = changes.delete_seen(connection(), draft.label, seen=seen, actor=actor())
    flash(
        _(
            "Draft %(label)s is deleted with %(count)s changes.",
            label=draft.label,
            count=number,
        ),
        "success",
    )
    return redirect(url_for("drafts.index"), 303)


@bp.get("/<int:draft_id>/check")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def check(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    tolerance_m2 = draft_pages.tolerance_m2(request.args)
    size = changes.size(connection(), draft.label)
    if size > draft_pages.CHECKED_AT_ONCE:
        return render_template("drafts/too_large.html", draft=draft, size=size)
    checked = draft_pages.check(draft, tolerance_m2)
    rows = _chosen(checked.problems)
    after = params.whole(request.args, KEY) or 0
    shown = rows[after : after + PROBLEM_ROWS]
    return render_template(
        "drafts/check.html",
        draft=draft,
        checked=checked,
        row_problems=checks.check_rows(
            connection(), draft.label, datetime.now(current_settings().tz)
        ),
        tolerance_m2=tolerance_m2,
        rows=shown,
        found=len(rows),
        first=after,
        next=after + PROBLEM_ROWS if len(rows) > after + PROBLEM_ROWS else None,
        words=problem_words,
        area_names=draft_names(
            draft,
            changes.counts(connection(), draft),
            problems=[one for _number, one in shown],
        ),
        kinds=_kinds(checked.problems),
        folds=[] if _is_filtered() else fold(checked.problems)[1],
        chosen=request.args,
        map=_problem_map(draft, after, shown),
    )


@bp.get("/<int:draft_id>/problems.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def problems(draft_id: int) -> Response:
    """Return the places of one page of problems, exact to the millimetre."""
    draft = draft_pages.find(draft_id)
    rows = _chosen(draft_pages.check(draft, draft_pages.tolerance_m2(request.args)).problems)
    after = params.whole(request.args, KEY) or 0
    return collection(
        feature(
            one.geom,
            id=number,
            label=_problem_label(one),
            **{"class": "problem" if one.severity is Severity.ERROR else "candidate"},
        )
        for number, one in rows[after : after + PROBLEM_ROWS]
    )


@bp.get("/<int:draft_id>/problems.csv")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def problem_list(draft_id: int) -> Response:
    """Return all problems of a check as a table, of which pages show some of each kind."""
    draft = draft_pages.find(draft_id)
    checked = draft_pages.check(draft, draft_pages.tolerance_m2(request.args))
    severity = params.kind(request.args, "severity", Severity)
    sentences = [
        Sentence("{}: {}", one.severity, sentence_with_place(one))
        for one in checked.problems
        if severity is None or one.severity is severity
    ]
    return problem_table(sentences, draft.label)


def _chosen(found: tuple[Problem, ...]) -> list[tuple[int, Problem]]:
    """Return the problems of a check that match the filter, each with its number.

    Without a filter, those that are folded are left out.
    """
    severity = params.kind(request.args, "severity", Severity)
    kind = params.kind(request.args, "kind", ProblemKind)
    level = params.text(request.args, "level")
    code = params.text(request.args, "q")
    folded = {id(one) for one in found} - {id(one) for one in _unfolded(found)}
    return [
        (number, one)
        for number, one in enumerate(found)
        if id(one) not in folded
        and (severity is None or one.severity is severity)
        and (kind is None or one.kind is kind)
        and (level is None or one.level == level)
        and (code is None or any(code.lower() in some.lower() for some in one.codes))
    ]


def _unfolded(found: tuple[Problem, ...]) -> Sequence[Problem]:
    return found if _is_filtered() else fold(found)[0]


def _is_filtered() -> bool:
    return any(request.args.get(name) for name in ("severity", "kind", "q"))


def _kinds(found: tuple[Problem, ...]) -> list[tuple[ProblemKind, int]]:
    counts = [(kind, sum(one.kind is kind for one in found)) for kind in ProblemKind]
    return [(kind, number) for kind, number in counts if number]


def _problem_label(problem: Problem) -> str:
    words = (problem_words.kind_of(problem), problem_words.subject_of(problem))
    return " · ".join([*words, problem_words.amount_of(problem)])


def _map(draft: Draft, query: ChangeQuery) -> MapParts:
    asked: dict[str, Any] = {
        "draft_id": draft.id,
        "level": query.level,
        "action": query.action,
        "q": query.words,
        KEY: query.after,
    }
    sources = [
        MapSource(
            url_for("drafts.base", draft_id=draft.id, level=query.level),
            "neighbour",
            _("Edition below"),
        ),
        MapSource(url_for("drafts.shapes", side="after", **asked), "after", _("in the draft")),
        MapSource(url_for("drafts.shapes", side="before", **asked), "before", _("before")),
    ]
    return small_map(sources if draft.base_edition else sources[1:2], base=base_map())


def _problem_map(draft: Draft, after: int, rows: list[tuple[int, Problem]]) -> MapParts:
    asked: dict[str, Any] = request.args.to_dict() | {KEY: after}
    asked.pop("lang", None)
    blocks = any(one.severity is Severity.ERROR for _number, one in rows)
    sources = [
        MapSource(
            url_for("drafts.state", draft_id=draft.id),
            "neighbour",
            _("Areas of the draft"),
        ),
        MapSource(
            with_query(url_for("drafts.problems", draft_id=draft.id), asked),
            "problem" if blocks else "candidate",
            _("Problems"),
        ),
    ]
    return small_map(sources, base=base_map())
