"""The page for who reviews a draft: its areas before and after, with who, why and comments."""

from typing import Any

import shapely
from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.draft import Action, Draft, DraftStatus
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.drawing.ground_changes import pieces
from gridmgmt.geometry.drawing.outlines import for_screen
from gridmgmt.maps.comparison import ComparisonMap, Way, comparison_map
from gridmgmt.maps.document import BaseMap, MapParts, PageAssets
from gridmgmt.services.drafts import changes, reviews
from gridmgmt.services.drafts.compared_areas import ComparedPage, around, compare
from gridmgmt.services.drafts.reviews import DraftReview
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.areas.draft_changes import ChangeQuery
from gridmgmt.store.areas.editions import newest_edition
from web.app import params
from web.app.features import feature, label_of
from web.app.page_keys import KEY
from web.app.transaction import connection
from web.door.access import allow
from web.pages import draft_pages
from web.pages.area_names import AreaNames, draft_names
from web.pages.base_map import base_map
from web.pages.kept_answers import compressed_json
from web.words import draft_row_words
from web.words.names import person
from web.words.operation_words import entry_said

bp = Blueprint("draft_comparisons", __name__, url_prefix="/drafts/<int:draft_id>/compare")

# So many duties, zones and the like are listed.
_ROWS_TOLD = 200
# Up to so many vertices are sent as they are; some megabytes before it is compressed.
_MOST_VERTICES = 80_000
# With more of them, outlines keep this part of their extent.
_STEPS = 15_000


@bp.get("")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def index(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    conn = connection()
    # Before the changes: what is submitted anew meanwhile is not approved unseen.
    review = reviews.review_of(conn, draft)
    if draft.status is DraftStatus.PUBLISHED:
        return render_template("drafts/compare.html", draft=draft, review=review, page=None)
    levels = changes.counts(conn, draft)
    query = draft_pages.change_query([one.level for one in levels if one.changes])
    page = compare(conn, draft, query) if query else None
    way = params.kind(request.args, "way", Way) or Way.OVERLAY
    rows = changes.row_changes(conn, draft)
    shown_rows = [one.shown() for one in rows[:_ROWS_TOLD]]
    return render_template(
        "drafts/compare.html",
        draft=draft,
        review=review,
        newest=newest_edition(conn),
        levels=levels,
        query=query,
        page=page,
        asked=_asked(query) if query else {},
        way=way,
        ways=_ways(),
        map=_map(draft, query, way) if query and page and page.areas else None,
        actions=list(Action),
        area_names=_names(draft, levels, page),
        comments=_comments(review),
        said=entry_said,
        person=person,
        people={one.username: one.name for one in list_accounts(conn)},
        row_changes=shown_rows,
        rows_in_all=len(rows),
        row_words=draft_row_words,
        row_names=draft_pages.row_names(shown_rows),
    )


@bp.get("/areas.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def areas(draft_id: int) -> Response:
    """Return a page of changed areas before and after, and the ground that changed hands."""
    draft = draft_pages.find(draft_id)
    query = draft_pages.change_query([])
    if query is None:
        return compressed_json({"around": [], "before": [], "after": [], "moved": []})
    page = compare(connection(), draft, query)
    beside = around(connection(), draft, page)
    few = sum(map(_vertices, (page.before, page.now, beside))) <= _MOST_VERTICES
    moved = pieces(one.moved for one in page.areas if one.moved)
    return compressed_json(
        {
            "around": _features(beside, few=few),
            "before": _features(page.before, few=few),
            "after": _features(page.now, few=few),
            "moved": [feature(ground, code=code) for code, ground in moved],
        }
    )


def _features(areas: LevelAreas, *, few: bool) -> list[dict[str, Any]]:
    """Return areas as features, vertex for vertex if they are few: a border moves by metres."""
    shown: GeometryArray = areas.geoms if few else for_screen(areas.geoms, steps=_STEPS)
    return [
        feature(geom, code=str(code), name=str(name or code), label=label_of(code, name))
        for code, name, geom in zip(areas.codes, areas.names, shown, strict=True)
        if geom is not None
    ]


def _vertices(areas: LevelAreas) -> int:
    return int(shapely.get_num_coordinates(areas.geoms).sum())


def _names(
    draft: Draft, levels: list[changes.LevelCounts], page: ComparedPage | None
) -> AreaNames:
    if page is None:
        return AreaNames()
    altered = {page.now.level: page.alterations}
    return draft_names(draft, levels, changes=page.rows, altered=altered)


def _comments(review: DraftReview) -> dict[tuple[str | None, str | None], list[Any]]:
    """Return what was said of the submission by area; of the whole draft by (None, None)."""
    found: dict[tuple[str | None, str | None], list[Any]] = {}
    for one in review.comments:
        found.setdefault((one.remark.level, one.remark.code), []).append(one)
    return found


def _ways() -> dict[Way, tuple[str, str]]:
    """Return the label and the icon of each way to look."""
    return {
        Way.OVERLAY: (_("Overlay"), "layers"),
        Way.SIDE_BY_SIDE: (_("Side by side"), "layout-split"),
        Way.SWIPE: (_("Swipe"), "arrow-left-right"),
    }


def _asked(query: ChangeQuery) -> dict[str, Any]:
    """Return what leads to the list as it is filtered, without its page."""
    return {"level": query.level, "action": query.action, "q": query.words}


def _map(draft: Draft, query: ChangeQuery, way: Way) -> MapParts:
    asked = {**_asked(query), KEY: query.after}
    base = base_map()
    words = {
        **base.page.words,
        "before": _("Before the change"),
        "after": _("In the draft"),
        "moved": _("Ground gained and lost"),
        "around": _("Edition below"),
        "divider": _("Divider between before and after"),
        "divided": _("Before {before} %, in the draft {after} %"),
        "saved": _("The comment is saved."),
        "not_saved": _("The comment could not be saved."),
    }
    comparison = ComparisonMap(
        areas=url_for("draft_comparisons.areas", draft_id=draft.id, **asked),
        way=way,
    )
    page = PageAssets(base.page.static, base.page.nonce, words)
    return comparison_map(comparison, base=BaseMap(page, base.tiles))
