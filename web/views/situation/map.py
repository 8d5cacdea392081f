"""The page of the city map, and its panel for one area."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.period import Period
from gridmgmt.maps.city import CityMap, city_map
from gridmgmt.maps.document import BaseMap, MapParts, PageAssets
from gridmgmt.services.accounts.case_scopes import sees_density
from gridmgmt.services.areas.chosen_editions import edition_to_show
from gridmgmt.services.situation.area_panels import panel
from gridmgmt.services.situation.map_choices import MapChoices, map_choices
from gridmgmt.services.situation.map_density import OF_ONE_ONLY
from web.app import params
from web.app.transaction import connection, current_settings
from web.door import displays
from web.door.access import account, actor, allow, may
from web.door.displays import on_displays
from web.pages.base_map import base_map
from web.pages.case_filters import choices as offered
from web.pages.case_links import cases_address
from web.pages.map_questions import asked_reports
from web.pages.map_shapes import shapes_url, shown_edition
from web.pages.map_words import map_words
from web.words.languages import html_lang
from web.words.sentences import said

bp = Blueprint("map", __name__)

# If all cases lie within so many days, the slider moves by days.
_DAILY = 60


@bp.get("/map")
@allow(Permission.SEE_MAP)
@on_displays
def index() -> ResponseReturnValue:
    choices = map_choices(connection(), now=datetime.now(UTC), tz=current_settings().tz)
    if choices is None:
        return render_template("map/none.html")
    return render_template(
        "map/index.html", choices=choices, offered=offered(), parts=_parts(choices)
    )


@bp.get("/map/areas/<level>/<path:code>")
@allow(Permission.SEE_MAP)
def area(level: str, code: str) -> ResponseReturnValue:
    """Return the HTML of the panel for one area, beside the map."""
    now = datetime.now(UTC)
    wanted = asked_reports(now)
    edition = edition_to_show(connection(), params.whole(request.args, "edition"), now)
    shown = panel(
        connection(),
        edition.number,
        (level, code),
        wanted,
        personal=may(Permission.SEE_PERSONAL),
        actor=actor(),
        as_of=now,
        within=account().area,
    )
    return render_template("map/_panel.html", shown=shown, cases_address=cases_address)


def _parts(choices: MapChoices) -> MapParts:
    base = base_map()
    page = PageAssets(base.page.static, base.page.nonce, map_words())
    city = CityMap(
        urls=_urls(),
        editions=[shown_edition(one.edition.number, one.levels) for one in choices.editions],
        categories=["", *(kind.code for kinds in choices.classes.values() for kind in kinds)],
        state=_state(choices),
        language=html_lang(),
        area_level=None if (area := account().area) is None else area[0],
        no_density=None if sees_density(account()) else said(OF_ONE_ONLY),
    )
    return city_map(city, base=BaseMap(page, base.tiles))


def _state(choices: MapChoices) -> Mapping[str, Any]:
    """Return what is shown without parameters: the thirty days up to the newest case."""
    levels = next(
        one.levels for one in choices.editions if one.edition.number == choices.chosen.number
    )
    lead = next((level for level in levels if level.areas > 1), levels[0])
    return {
        "layer": "density" if sees_density(account()) else "cases",
        "edition": choices.chosen.number,
        "level": levels[-1].level,
        "by": lead.level,
        "sort": "cases",
        "from": _day(Period.asked(None, choices.newest, current_settings().tz).first),
        "to": _day(choices.newest),
        "category": "",
        "bandwidth": "",
        "step": "day" if (choices.newest - choices.oldest).days < _DAILY else "week",
    }


def _day(day: date) -> str:
    return day.isoformat()


def _urls() -> dict[str, str | None]:
    """Return the URLs for the scripts; names in braces are placeholders."""
    panel = url_for("map.area", level="l", code="c").replace("/l/c", "/{level}/{code}")
    # Both show people: who answers for an area, and whose house was demolished.
    on_display = displays.current() is not None
    return {
        "shapes": shapes_url(),
        "figures": url_for("map_data.figures"),
        "density": url_for("map_data.density"),
        "dots": None if on_display or _cases() is None else url_for("map_data.cases"),
        "demolitions": None if on_display else url_for("map_data.demolitions"),
        "timeline": url_for("map_data.timeline"),
        "search": url_for("map_data.search"),
        "panel": None if on_display else panel,
        "cases": _cases(),
        "case": _case(),
    }


def _cases() -> str | None:
    """Return the URL of the list of cases, or None for an account that may not see any."""
    sees = any(may(one) for one in SEEING_CASES)
    return url_for("cases.index") if sees else None


def _case() -> str | None:
    cases = _cases()
    return None if cases is None else f"{cases}/{{case_no}}"
