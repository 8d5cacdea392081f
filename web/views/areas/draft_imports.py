"""Import a layer into a draft: upload, preview, assign fields, try out, save."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.errors import GridMgmtError, InputError, LayerError
from gridmgmt.exchange.content import layer_previews
from gridmgmt.exchange.content.area_layers import AreaFile, OnDuplicate
from gridmgmt.exchange.content.layer_previews import LayerLook
from gridmgmt.exchange.layers.layer_kinds import KINDS
from gridmgmt.geometry.coverage.problem_folds import by_kind
from gridmgmt.geometry.drawing.outlines import for_screen
from gridmgmt.maps.document import MapParts
from gridmgmt.maps.small import MapSource, small_map
from gridmgmt.services.drafts import changes, imports
from gridmgmt.services.drafts.imports import Extent, LayerImport, RehearsedImport
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.services.files.uploads import Upload
from gridmgmt.store.areas.levels import get_level, list_levels
from web.app import params
from web.app.features import collection, feature
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow
from web.door.bodies import takes_files
from web.pages import draft_pages, uploads
from web.pages.area_names import AreaNames, draft_names
from web.pages.base_map import base_map
from web.pages.errors import status_of
from web.words import problem_words
from web.words.level_names import level_name
from web.words.sentences import said

bp = Blueprint("draft_imports", __name__, url_prefix="/drafts/<int:draft_id>/import")

_CHOICES = ("level", "code", "name", "parent", "extent", "within", "on_duplicate", "where")
# Of such a file another layer is often wanted next.
_WITH_LAYERS = {
    ".zip",
    *(suffix for kind in KINDS.values() if kind.has_layers for suffix in kind.suffixes),
}


@bp.get("")
@allow(Permission.EDIT_DRAFTS)
def index(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    return render_template("drafts/upload.html", draft=draft)


@bp.post("")
@allow(Permission.EDIT_DRAFTS)
@takes_files
def upload(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    try:
        kept = uploads.keep()
    except InputError as error:
        return render_template("drafts/upload.html", draft=draft, fault=uploads.fault(error))
    told_by = uploads.reading(request.form).args
    return redirect(
        url_for("draft_imports.layer", draft_id=draft_id, upload_id=kept.id, **told_by), 303
    )


@bp.get("/<upload_id>")
@allow(Permission.EDIT_DRAFTS)
def layer(draft_id: int, upload_id: str) -> ResponseReturnValue:
    """Show a preview of the layer, with suggested fields for code, name and parent."""
    draft = draft_pages.find(draft_id)
    return _page(draft, uploads.find(upload_id), request.args)


@bp.get("/<upload_id>/features.json")
@allow(Permission.EDIT_DRAFTS)
def features(draft_id: int, upload_id: str) -> Response:
    """Return the first outlines of the layer as GeoJSON."""
    draft_pages.find(draft_id)
    look = _look(uploads.find(upload_id), request.args)
    shown = for_screen(layer_previews.drawable(look.geoms))
    return collection(feature(one) for one in shown)


@bp.post("/<upload_id>")
@allow(Permission.EDIT_DRAFTS)
def rehearse(draft_id: int, upload_id: str) -> ResponseReturnValue:
    """Show what saving would do, without saving."""
    draft, kept = draft_pages.find(draft_id), uploads.find(upload_id)
    seen = params.whole(request.form, "seen") or 0
    try:
        return _rehearsed(draft, kept, _wanted(kept, request.form), seen)
    except GridMgmtError as error:
        return _page(draft, kept, request.form, error=error), status_of(error)


@bp.post("/<upload_id>/save")
@allow(Permission.EDIT_DRAFTS)
def save(draft_id: int, upload_id: str) -> ResponseReturnValue:
    draft, kept = draft_pages.find(draft_id), uploads.find(upload_id)
    wanted = _wanted(kept, request.form)
    seen = params.whole(request.form, "seen") or 0
    try:
        leaving = params.whole(request.form, "drop")
        done = imports.save(
            connection(), draft.label, wanted, seen=seen, actor=actor(), leaving=leaving
        )
    except GridMgmtError as error:
        # The failed attempt is rolled back before the page reads the draft again.
        connection().rollback()
        if isinstance(error, InputError) and error.field == "drop":
            return _rehearsed(draft, kept, wanted, seen, is_refused=True), status_of(error)
        return _page(draft, kept, request.form, error=error), status_of(error)
    flash(
        _(
            "%(level)s, %(count)s areas in the file: %(added)s added, %(altered)s altered,"
            " %(unchanged)s unchanged. Dropped, not in the file: %(dropped)s.",
            level=level_name(wanted.level),
            count=done.added + done.altered + done.unchanged,
            added=done.added,
            altered=done.altered,
            dropped=done.dropped,
            unchanged=done.unchanged,
        ),
        "success",
    )
    again = kept.id if kept.path.suffix.lower() in _WITH_LAYERS else None
    address = url_for("drafts.detail", draft_id=draft_id, level=wanted.level, upload=again)
    return redirect(address, 303)


def _rehearsed(
    draft: Draft, kept: Upload, wanted: LayerImport, seen: int, *, is_refused: bool = False
) -> str:
    """Show what saving would do; ``is_refused`` if the number of dropped areas was wrong."""
    done = imports.rehearse(
        connection(),
        draft.label,
        wanted,
        seen=seen,
        actor=actor(),
        check_up_to=draft_pages.REHEARSED_WITH_CHECK,
    )
    return _page(
        draft, kept, request.form, rehearsed=done, seen=seen, is_drop_refused=is_refused
    )


def _wanted(kept: Upload, args: params.Args) -> LayerImport:
    """Return the import that the form describes.

    Raises
    ------
    InputError
        when a required field was not chosen, or the coordinate system is not known
    """
    said_of_it = uploads.reading(args)
    level = get_level(connection(), args.get("level", "")).name
    extent = params.kind(args, "extent", Extent) or Extent.LEVEL
    within = params.text(args, "within")
    if extent is Extent.WITHIN and within is None:
        message = _("name the area whose children the file states")
        raise InputError(field="within", message=message)
    return LayerImport(
        file=AreaFile(
            path=kept.path,
            code=_field(args, "code", _("choose the field with the codes")),
            name=_field(args, "name", _("choose the field with the names")),
            parent=params.text(args, "parent"),
            layer=said_of_it.layer,
            where=params.text(args, "where"),
            datum=remote_datum(said_of_it.crs, current_settings().crs_table),
            encoding=said_of_it.encoding,
            on_duplicate=params.kind(args, "on_duplicate", OnDuplicate) or OnDuplicate.REFUSE,
            mend=said_of_it.mend,
        ),
        level=level,
        extent=extent,
        within=within,
    )


def _field(args: params.Args, what: str, asked: str) -> str:
    found = params.text(args, what)
    if found is None:
        raise InputError(field=what, message=asked)
    return found


def _look(kept: Upload, args: params.Args) -> LayerLook:
    said_of_it = uploads.reading(args)
    return layer_previews.look(
        kept.path,
        layer=said_of_it.layer,
        where=params.text(args, "where"),
        datum=remote_datum(said_of_it.crs, current_settings().crs_table),
        encoding=said_of_it.encoding,
        mend=said_of_it.mend,
    )


def _page(
    draft: Draft,
    kept: Upload,
    args: params.Args,
    *,
    rehearsed: RehearsedImport | None = None,
    seen: int | None = None,
    error: GridMgmtError | None = None,
    is_drop_refused: bool = False,
) -> str:
    """Show the layer and the choices, with the result of a rehearsal or with an error."""
    look, fault = None, None if error is None else _fault(error, kept)
    try:
        look = _look(kept, args)
    except (LayerError, InputError) as unreadable:
        fault = fault or _fault(unreadable, kept)
    levels = [one.name for one in list_levels(connection())]
    return render_template(
        "drafts/import.html",
        draft=draft,
        upload=kept,
        reading=uploads.reading(args),
        look=look,
        levels=levels,
        choices=_chosen(draft, look, levels, args),
        is_drop_refused=is_drop_refused,
        fault=fault,
        rehearsed=rehearsed,
        words=problem_words,
        area_names=_names(draft, rehearsed),
        seen=seen if seen is not None else changes.revision(connection(), draft.label),
        map=None if look is None else _map(draft, kept, args),
        layers=[] if look is None else look.layers,
    )


def _names(draft: Draft, rehearsed: RehearsedImport | None) -> AreaNames:
    """Return the names of the areas that a page tells of a rehearsal."""
    if rehearsed is None:
        return AreaNames()
    done = rehearsed.imported
    return draft_names(
        draft,
        changes.counts(connection(), draft),
        altered={done.level: done.alterations},
        problems=[one for kind in by_kind(rehearsed.problems or ()) for one in kind.examples],
    )


def _chosen(
    draft: Draft, look: LayerLook | None, levels: list[str], args: params.Args
) -> dict[str, str]:
    """Return the choices; choices for another layer of the file are suggested anew."""
    chosen = {name: args.get(name, "") for name in _CHOICES}
    if look is not None and args.get("looked_at") not in (None, "", look.layer):
        chosen |= {"level": "", "code": "", "extent": ""}
    if chosen["level"] not in levels:
        chosen["level"] = ""
    if look is not None and not chosen["code"]:
        chosen |= _proposed(look, levels, chosen["level"])
    if look is not None and not chosen["extent"]:
        counts = {one.level: one.areas for one in changes.counts(connection(), draft)}
        chosen["extent"] = imports.usual_extent(look.features, counts.get(chosen["level"], 0))
    return chosen


def _proposed(look: LayerLook, levels: list[str], chosen: str) -> dict[str, str]:
    """Suggest a level by the name of the layer or of a field, and fields for it."""
    names = [look.layer.lower(), *(field.lower() for field in look.fields)]
    named = [level for level in levels if any(name.startswith(level) for name in names[:1])]
    plural = [level for level in levels if any(level[:-1] in name for name in names[:1])]
    level = chosen or next(iter([*named, *plural]), levels[-1])
    rank = levels.index(level)
    above = levels[rank - 1] if rank else None
    return {"level": level, **layer_previews.guess(look.fields, level, above)}


def _fault(error: GridMgmtError, kept: Upload) -> uploads.FileFault:
    if isinstance(error, LayerError | InputError):
        return uploads.fault(error, kept)
    return uploads.FileFault(uploads.page_words(said(error)))


def _map(draft: Draft, kept: Upload, args: params.Args) -> MapParts:
    asked: dict[str, Any] = {
        **uploads.reading(args).args,
        "where": params.text(args, "where"),
    }
    file = url_for("draft_imports.features", draft_id=draft.id, upload_id=kept.id, **asked)
    below = url_for("drafts.base", draft_id=draft.id, level=params.text(args, "level"))
    sources = [MapSource(file, "after", _("In the file"))]
    if draft.base_edition is not None:
        sources.insert(0, MapSource(below, "neighbour", _("Edition below")))
    return small_map(sources, base=base_map())
