"""The workbench of a draft: a page whose scripts show and edit its areas."""

import gzip
import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.areas.draft import Draft, DraftStatus
from gridmgmt.errors import InputError
from gridmgmt.geometry.drawing.compact import CompactShapes
from gridmgmt.maps.city import ShownLevel
from gridmgmt.maps.document import BaseMap, PageAssets
from gridmgmt.maps.workbench import WorkbenchMap, workbench_map
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts import changes
from gridmgmt.services.situation import map_shapes
from gridmgmt.services.workbench import editing, shown_areas
from gridmgmt.services.workbench.operation_files import read_operations
from gridmgmt.store.areas.draft_edits import newest_number
from web.app import params
from web.app.transaction import connection, current_settings
from web.door import bodies
from web.door.access import actor, allow, may
from web.door.row_permissions import refuse_rows
from web.door.sessions import background
from web.pages import draft_pages
from web.pages.base_map import base_map
from web.pages.kept_answers import compressed_json
from web.pages.map_questions import bounds
from web.pages.position_map import place_features
from web.pages.workbench.answers import (
    exact_areas,
    given_object,
    refusing,
    told_since,
)
from web.pages.workbench_words import workbench_words
from web.words.languages import html_lang
from web.words.level_names import level_name

bp = Blueprint("workbench", __name__, url_prefix="/drafts/<int:draft_id>/workbench")
refusing(bp)

_MOST_OPERATIONS = 1000


@bp.get("")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def index(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    counts = changes.counts(connection(), draft)
    bench = WorkbenchMap(
        urls=_urls(draft),
        levels=[ShownLevel(one.level, level_name(one.level), one.areas) for one in counts],
        head=newest_number(connection(), draft.id),
        csrf_token=generate_csrf(),
        may_edit=draft.status is DraftStatus.OPEN and may(Permission.EDIT_DRAFTS),
        language=html_lang(),
    )
    base = base_map()
    page = PageAssets(base.page.static, base.page.nonce, workbench_words())
    return render_template(
        "workbench/index.html",
        draft=draft,
        sees_cases=any(may(one) for one in SEEING_CASES),
        parts=workbench_map(bench, base=BaseMap(page, base.tiles)),
    )


@bp.get("/overview/<level>.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def overview(draft_id: int, level: str) -> Response:
    """Return all areas of a level, simplified, as the maps of editions have them."""
    found = shown_areas.overview(connection(), draft_pages.find(draft_id), level, _far)
    return compressed_json(
        {
            "head": found.head,
            "level": level,
            "unit": found.shapes.unit,
            "origin": found.shapes.origin,
            "codes": found.codes,
            "names": found.names,
            "parents": found.parents,
            "polygons": found.shapes.polygons,
        }
    )


@bp.get("/exact/<level>.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def exact(draft_id: int, level: str) -> Response:
    """Return the areas of a level that the view meets, vertex for vertex, if it is near."""
    found = shown_areas.exact(connection(), draft_pages.find(draft_id), level, bounds())
    shown = {"far": True} if found.areas is None else exact_areas(found.areas)
    return compressed_json({"head": found.head, "level": level, **shown})


@bp.get("/places.json")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def places(draft_id: int) -> Response:
    """Return roads and components that the view meets, as GeoJSON."""
    draft_pages.find(draft_id)
    return place_features(bounds())


@bp.get("/since.json")
@background
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def since(draft_id: int) -> Response:
    """Return what was done to the draft since an entry of its log."""
    draft = draft_pages.find(draft_id)
    seen = params.whole(request.args, "head") or 0
    return compressed_json(told_since(shown_areas.done_since(connection(), draft, seen)))


@bp.post("/edits")
@bodies.takes(bodies.EDITS)
@allow(Permission.EDIT_DRAFTS)
def edit(draft_id: int) -> ResponseReturnValue:
    """Apply operations, all of them or none."""
    draft = draft_pages.find(draft_id)
    given = given_object()
    seen = _seen(given)
    wanted = given.get("operations")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= _MOST_OPERATIONS:
        message = Sentence("give from 1 to {} operations", f"{_MOST_OPERATIONS:,}")
        raise InputError(field="operations", message=message)
    operations = read_operations(wanted)
    refuse_rows(operations)
    editing.edit(
        connection(),
        draft.label,
        operations,
        border_m=current_settings().border_m,
        actor=actor(),
        seen=seen,
    )
    return jsonify(told_since(shown_areas.done_since(connection(), draft, seen))), 201


@bp.post("/undo")
@allow(Permission.EDIT_DRAFTS)
def undo(draft_id: int) -> ResponseReturnValue:
    """Undo the last edit that stands, whoever made it, if the page has seen it."""
    draft, seen = draft_pages.find(draft_id), _seen(given_object())
    editing.undo(connection(), draft.label, actor=actor(), seen=seen)
    return jsonify(told_since(shown_areas.done_since(connection(), draft, seen)))


@bp.post("/redo")
@allow(Permission.EDIT_DRAFTS)
def redo(draft_id: int) -> ResponseReturnValue:
    """Redo the edit that was undone last, if the page has seen that."""
    draft, seen = draft_pages.find(draft_id), _seen(given_object())
    editing.redo(connection(), draft.label, actor=actor(), seen=seen)
    return jsonify(told_since(shown_areas.done_since(connection(), draft, seen)))


def _far(edition: int, level: str) -> CompactShapes:
    """Return the simplified areas of an edition that the city's map has, too."""
    found = map_shapes.shapes(
        connection(), current_settings().home, edition, level, map_shapes.Zoom.FAR
    )
    told = json.loads(gzip.decompress(found.compressed))
    return CompactShapes(tuple(told["origin"]), told["unit"], told["polygons"])


def _urls(draft: Draft) -> dict[str, str]:
    """Return the URLs for the scripts; names in braces are placeholders."""
    urls = {
        name: url_for(f"workbench.{name}", draft_id=draft.id)
        for name in ("since", "edit", "undo", "redo")
    }
    for name in ("log", "problems", "impact", "presence"):
        urls[name] = url_for(f"workbench_panels.{name}", draft_id=draft.id)
    given = url_for("workbench_panels.repair", draft_id=draft.id, number=0)
    urls["repair"] = given.replace("/0.json", "/{number}.json")
    given = url_for("workbench_panels.area", draft_id=draft.id, level="l", code="c")
    urls["area"] = given.replace("/l/c.json", "/{level}/{code}.json")
    for name in ("overview", "exact"):
        given = url_for(f"workbench.{name}", draft_id=draft.id, level="l")
        urls[name] = given.replace("/l.json", "/{level}.json")
    urls["places"] = url_for("workbench.places", draft_id=draft.id)
    urls["cases"] = url_for("map_data.cases")
    return {**urls, "edits": urls.pop("edit")}


def _seen(given: Mapping[str, Any]) -> int:
    seen = given.get("seen")
    if not isinstance(seen, int) or isinstance(seen, bool):
        raise InputError(field="seen", message=Sentence("give a whole number"))
    return seen
