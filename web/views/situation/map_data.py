"""The data that the map draws, as compact JSON, limited to what the account may see."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.moments import shown
from gridmgmt.domain.period import Period
from gridmgmt.errors import NotAllowedError
from gridmgmt.services.accounts.case_scopes import figures_case_scope, sees_density
from gridmgmt.services.areas.chosen_editions import edition_to_show
from gridmgmt.services.situation import (
    map_cases,
    map_demolitions,
    map_density,
    map_figures,
    map_search,
    map_shapes,
    map_timeline,
)
from gridmgmt.services.situation.area_colours import area_colours
from gridmgmt.services.situation.map_timeline import TimeStep
from gridmgmt.services.situation.shown_classes import ShownClasses
from gridmgmt.store.cases.case_filter import filter_of
from gridmgmt.store.situation.map_areas import Found
from web.app import params
from web.app.days import asked_period
from web.app.features import label_of
from web.app.transaction import connection, current_settings
from web.door.access import account, allow, case_scope, may
from web.door.displays import on_displays
from web.pages.case_filters import chosen
from web.pages.kept_answers import compressed, compressed_json, kept
from web.pages.map_questions import asked_reports, bounds

bp = Blueprint("map_data", __name__, url_prefix="/map")

# Outlines requested by their version never change.
_FOR_EVER = "private, max-age=31536000, immutable"


@bp.get("/shapes/<int:edition>/<level>/<any(far, near):zoom>.json")
@allow(Permission.SEE_MAP, Permission.REPORT_CASES, Permission.PLACE_CASES)
@on_displays
def shapes(edition: int, level: str, zoom: str) -> Response:
    found = map_shapes.shapes(
        connection(),
        current_settings().home,
        edition,
        level,
        map_shapes.Zoom(zoom),
        area=account().area,
    )
    answer = compressed(found.compressed, found.tag)
    if request.args.get("v") == found.version:
        answer.headers["Cache-Control"] = _FOR_EVER
    return answer


@bp.get("/figures.json")
@allow(Permission.SEE_MAP)
@on_displays
def figures() -> Response:
    return kept(_figures)


def _figures(now: datetime) -> Mapping[str, Any]:
    wanted = asked_reports(now)
    found = map_figures.figures(
        connection(),
        _edition(),
        params.text(request.args, "level") or "",
        wanted,
        as_of=now,
        area=account().area,
    )
    colours = area_colours(connection(), found, area=account().area)
    return {
        "edition": found.edition,
        "level": found.level,
        **_days(found.wanted.period),
        "as_of": found.as_of.isoformat(),
        "category": found.wanted.category,
        "columns": {**found.columns, **colours.columns},
        "breaks": {
            "cases_per_km2": {
                "fixed": colours.fixed_breaks,
                "fitted": colours.fitted_breaks,
            },
            "on_time": [percent / 100 for percent in current_settings().on_time_classes],
        },
        "classes": _classes(found.classes),
        "elsewhere": {**asdict(found.elsewhere), "outside_case_scope": found.is_limited},
    }


@bp.get("/density.json")
@allow(Permission.SEE_MAP)
@on_displays
def density() -> Response:
    if not sees_density(account()):
        raise NotAllowedError(map_density.OF_ONE_ONLY)
    return kept(_density)


def _density(now: datetime) -> Mapping[str, Any]:
    found = map_density.density(
        connection(),
        _edition(),
        asked_reports(now),
        now=now,
        bandwidth_m=params.decimal(request.args, "bandwidth_m"),
        usual_m=current_settings().density_m,
        area=account().area,
    )
    # Not asdict, which would copy every value of the grid.
    told = {one.name: getattr(found, one.name) for one in fields(found)}
    return {**told, "classes": _classes(found.classes), "unit": "cases/km²"}


@bp.get("/cases.json")
@allow(*SEEING_CASES)
def cases() -> Response:
    """Return single cases in a box, with nothing that the list of cases would not show."""
    now = datetime.now(UTC)
    found = map_cases.map_cases(
        connection(), asked_reports(now), bounds(), case_scope=case_scope(), as_of=now
    )
    told = {
        "total": found.total,
        "numbers": [one.case_no for one in found.cases],
        "lon": [one.lon for one in found.cases],
        "lat": [one.lat for one in found.cases],
        "categories": [one.category for one in found.cases],
        "states": found.states,
    }
    return compressed_json(told)


@bp.get("/demolitions.json")
@allow(Permission.SEE_MAP)
def demolitions() -> Response:
    area = account().area
    edition = None if area is None else _edition()
    found = map_demolitions.demolitions(
        connection(), asked_period(), edition=edition, area=area
    )
    listed = found.structures
    told = {
        "unit": found.unit,
        "origin": found.origin,
        "codes": [one.code for one in listed],
        "names": [one.name for one in listed],
        "modes": [one.mode for one in listed],
        "days": [None if one.day is None else one.day.isoformat() for one in listed],
        "claimed_m2": [one.claimed_m2 for one in listed],
        "measured_m2": [one.measured_m2 for one in listed],
        "standing": [one.day is None for one in listed],
        "polygons": found.polygons,
        "points": found.points,
    }
    return compressed_json(told)


@bp.get("/timeline.json")
@allow(Permission.SEE_MAP)
@on_displays
def timeline() -> Response:
    return kept(_timeline)


def _timeline(now: datetime) -> Mapping[str, Any]:
    found = map_timeline.timeline(
        connection(),
        params.kind(request.args, "step", TimeStep) or TimeStep.DAY,
        filter_of(
            chosen(),
            current_settings().tz,
            now,
            figures_case_scope(connection(), account()),
        ),
        tz=current_settings().tz,
    )
    starts = [start.isoformat() for start in found.starts]
    return {"step": found.step, "starts": starts, "cases": found.cases}


@bp.get("/search.json")
@allow(Permission.SEE_MAP, Permission.REPORT_CASES, Permission.PLACE_CASES)
def search() -> Response:
    # Who only chooses a position on a map finds what helps with that.
    only_places = params.flag(request.args, "places") or not may(Permission.SEE_MAP)
    sees_cases = any(may(one) for one in SEEING_CASES)
    found = map_search.search(
        connection(),
        params.text(request.args, "q") or "",
        edition=_edition(),
        area=account().area,
        cases=case_scope() if sees_cases else None,
        only_places=only_places,
    )
    return compressed_json({"results": [_result(one) for one in found]})


def _result(found: Found) -> dict[str, Any]:
    return {**asdict(found), "label": label_of(found.code, found.name)}


def _classes(found: ShownClasses) -> dict[str, Any]:
    months = {"first_month": found.first_month, "last_month": found.last_month}
    made_at = None if found.made_at is None else shown(found.made_at, current_settings().tz)
    return {
        **asdict(found),
        **{name: None if day is None else day.isoformat() for name, day in months.items()},
        "made_at": made_at,
    }


def _edition() -> int:
    """Return the requested edition; the default is the one in force now, else the newest."""
    given = params.whole(request.args, "edition")
    if given is not None:
        return given
    return edition_to_show(connection(), None, datetime.now(UTC)).number


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}
