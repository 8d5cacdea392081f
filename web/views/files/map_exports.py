"""Take away what the map shows: choose, make, and go on to the page of the file."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.case_choice import CHOSEN
from gridmgmt.domain.period import Period
from gridmgmt.errors import EditionError, InputError, LayerError, NotFoundError
from gridmgmt.services.cases.lists import area_choices
from gridmgmt.services.files import downloads
from gridmgmt.services.map_exports.exports import export_map
from gridmgmt.services.map_exports.wanted import CHOICES, MapLayer
from gridmgmt.services.situation.map_choices import map_choices
from web.app.addresses import with_query
from web.app.transaction import connection, current_settings
from web.door.access import account, actor, allow
from web.door.file_room import room
from web.pages import map_exports
from web.pages.case_filters import chosen
from web.pages.made_files import asked_again, noted, told
from web.words.languages import language

bp = Blueprint("map_exports", __name__, url_prefix="/exports/map")

_NEEDS = (Permission.EXPORT_LAYERS, Permission.EXPORT_CASES)


@bp.get("")
@allow(*_NEEDS)
def index() -> ResponseReturnValue:
    conn, now = connection(), datetime.now(UTC)
    choices = map_choices(conn, now=now, tz=current_settings().tz)
    if choices is None:
        return render_template("map/none.html")
    areas = area_choices(conn, top=account().area)
    picked = _picked()
    return render_template(
        "exports/map.html",
        choices=choices,
        layers=map_exports.allowed_layers(),
        chosen=map_exports.asked_layer(request.args),
        formats={one.value: list(one.formats) for one in MapLayer},
        period=_period(now),
        areas=areas,
        known_areas={f"{level}:{code}" for level, code, _ in areas},
        args=request.args,
        # Filters without a field of their own here stay as the map had them.
        kept={name: picked[name] for name in CHOSEN if name in picked and name != "category"},
        filter_names={name: pair[language() == "zh"] for name, pair in CHOICES.items()},
    )


def _picked() -> dict[str, str]:
    # After a refusal the page comes again, with the rest of what was typed.
    try:
        return chosen().write()
    except InputError:
        return {}


def _period(now: datetime) -> Period:
    try:
        return map_exports.asked_period(request.args, now)
    except InputError:
        return map_exports.asked_period(MultiDict(), now)


@bp.post("")
@allow(*_NEEDS)
def make() -> ResponseReturnValue:
    now = datetime.now(UTC)
    layer = map_exports.asked_layer(request.form)
    try:
        with downloads.making(room(), actor(), now) as (download_id, folder):
            wanted = map_exports.asked_export(request.form, layer, folder)
            report = export_map(connection(), wanted, now=now)
            downloads.finish(
                current_settings().home, download_id, actor(), noted(report, request.form)
            )
    except (InputError, LayerError, EditionError, NotFoundError) as error:
        flash(told(error), "danger")
        return redirect(
            with_query(url_for("map_exports.index"), asked_again(request.form)), 303
        )
    return redirect(url_for("exports.detail", download_id=download_id), 303)
