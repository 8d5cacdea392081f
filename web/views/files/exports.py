"""Export a layer or table: choose, make, list what it lacks, download."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import EditionError, InputError, LayerError
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss
from gridmgmt.geometry.crs.crs import WGS84
from gridmgmt.problem_groups import EXAMPLES, MOST_SHOWN, kind_of
from gridmgmt.services.exports.exports import Export, Noun, export
from gridmgmt.services.exports.files import suffix_of
from gridmgmt.services.files import downloads
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.services.map_exports.wanted import MapLayer
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.upkeep.row_counts import count_rows
from web.app import params
from web.app.addresses import with_query
from web.app.params import Args
from web.app.transaction import connection, current_settings
from web.door.access import account, actor, allow, may
from web.door.file_room import room
from web.pages.case_links import cases_address
from web.pages.made_files import asked_again, noted, told
from web.pages.map_exports import allowed_layers
from web.pages.problem_lists import problem_table
from web.words import import_words
from web.words.languages import headings_language

# A row, a field, and what of it is lost.
Loss = tuple[str, str, str]

bp = Blueprint("exports", __name__, url_prefix="/exports")
bp.record_once(lambda state: import_words.init_app(state.app))


@bp.get("")
@allow(Permission.EXPORT_LAYERS, Permission.EXPORT_CASES)
def index() -> ResponseReturnValue:
    conn = connection()
    limited = account().area is not None
    return render_template(
        "exports/index.html",
        chosen=params.kind(request.args, "noun", Noun) or Noun.AREAS,
        nouns=list(Noun),
        formats=list(Format),
        # For a single area the number is not known before the file is made.
        counts={} if limited else count_rows(conn),
        editions=list_editions(conn),
        args=request.args,
        cases=cases_address() if may(Permission.EXPORT_CASES) else "",
        layers=allowed_layers() if may(Permission.SEE_MAP) else [],
    )


@bp.post("")
@allow(Permission.EXPORT_LAYERS)
def make() -> ResponseReturnValue:
    now = datetime.now(UTC)
    home = current_settings().home
    try:
        with downloads.making(room(), actor(), now) as (download_id, folder):
            wanted = _wanted(request.form, folder, now)
            report = export(connection(), wanted, now=now, tz=current_settings().tz)
            downloads.finish(home, download_id, actor(), noted(report, request.form))
    except (InputError, LayerError, EditionError) as error:
        flash(told(error), "danger")
        return redirect(with_query(url_for("exports.index"), asked_again(request.form)), 303)
    return redirect(url_for("exports.detail", download_id=download_id), 303)


@bp.get("/<download_id>")
@allow(Permission.EXPORT_LAYERS, Permission.EXPORT_CASES)
def detail(download_id: str) -> ResponseReturnValue:
    found = downloads.find(current_settings().home, download_id, actor())
    size = found.path.stat().st_size
    return render_template(
        "exports/detail.html",
        found=found,
        report=found.report,
        again=_again(found.report),
        size=size,
        losses=_some_of_each(found.report["losses"]),
    )


@bp.get("/<download_id>/losses.csv")
@allow(Permission.EXPORT_LAYERS, Permission.EXPORT_CASES)
def losses(download_id: str) -> Response:
    """Return all that a file does not carry as a table."""
    found = downloads.find(current_settings().home, download_id, actor())
    sentences = [str(LayerLoss(*loss)) for loss in found.report["losses"]]
    return problem_table(sentences, f"{found.path.stem}-losses")


@bp.get("/<download_id>/file")
@allow(Permission.EXPORT_LAYERS, Permission.EXPORT_CASES)
def file(download_id: str) -> ResponseReturnValue:
    found = downloads.find(current_settings().home, download_id, actor())
    return send_file(found.path, as_attachment=True, download_name=found.path.name)


def _wanted(form: Args, folder: Path, now: datetime) -> Export:
    noun = params.kind(form, "noun", Noun) or Noun.AREAS
    fmt = params.kind(form, "format", Format) or noun.formats[0]
    level = params.text(form, "level") if noun is Noun.AREAS else None
    today = now.astimezone(current_settings().tz)
    name = "_".join(filter(None, (noun.value, level, f"{today:%Y%m%d}"))) + suffix_of(fmt)
    crs = params.text(form, "crs") if noun.has_shapes else None
    encoding = params.text(form, "encoding") if fmt is Format.SHP else None
    return Export(
        noun=noun,
        path=folder / name,
        fmt=fmt,
        actor=actor(),
        level=level,
        edition=params.whole(form, "edition") if noun is Noun.AREAS else None,
        datum=remote_datum(crs, current_settings().crs_table) or WGS84,
        encoding=encoding or "utf-8",
        personal=params.flag(form, "personal") and may(Permission.SEE_PERSONAL),
        within=account().area,
        language=headings_language(form) if fmt.is_table else None,
    )


def _again(report: Mapping[str, Any]) -> str:
    """Return the address at which the next file begins with what was asked for this one."""
    form = "map_exports.index" if report["noun"] in list(MapLayer) else "exports.index"
    return with_query(url_for(form), report.get("asked", {}))


def _some_of_each(losses: Sequence[Loss]) -> list[tuple[Sequence[Loss], int]]:
    """Return some losses of each kind, and how many more there are; few are one group."""
    if len(losses) <= MOST_SHOWN:
        return [(losses, 0)] if losses else []
    kinds: dict[tuple[str, str], list[Loss]] = {}
    for row, field, what in losses:
        kinds.setdefault((field, str(kind_of(what))), []).append((row, field, what))
    found = sorted(kinds.values(), key=len, reverse=True)
    return [(some[:EXAMPLES], len(some) - len(some[:EXAMPLES])) for some in found]
