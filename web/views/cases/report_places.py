"""What a form asks while a position is chosen: what lies there, who would have the case."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.case_reports.previews import AskedPosition, preview
from web.app import params
from web.app.transaction import connection, current_settings
from web.door.access import account, allow
from web.pages import case_page
from web.pages.map_questions import bounds, degrees
from web.pages.position_map import place_features
from web.words import preview_words

bp = Blueprint("report_places", __name__, url_prefix="/cases/new")


@bp.get("/places.json")
@allow(Permission.REPORT_CASES, Permission.PLACE_CASES)
def places() -> Response:
    return place_features(bounds())


@bp.get("/preview.json")
@allow(Permission.REPORT_CASES)
def outcome() -> Response:
    asked = AskedPosition(
        lonlat=(degrees("lon"), degrees("lat")),
        reported_at=_reported_at(),
        category=params.text(request.args, "category"),
        accuracy_m=params.decimal(request.args, "accuracy_m"),
    )
    rules = case_page.rules()
    found = preview(connection(), asked, rules=rules, area=account().area)
    return jsonify(preview_words.told(found))


def _reported_at() -> datetime:
    if not params.text(request.args, "reported_at"):
        return datetime.now(UTC)
    return params.moment(request.args, "reported_at", tz=current_settings().tz)
