"""Pages of the register of components and the units responsible for them."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.maps.document import MapParts
from gridmgmt.maps.small import MapSource, small_map
from gridmgmt.services.responsibility.component_lists import (
    ComponentShown,
    area_around,
    find_components,
    show_component,
)
from gridmgmt.store.responsibility.component_pages import ComponentFilter
from web.app import params
from web.app.addresses import here
from web.app.features import area_features, collection, feature, label_of
from web.app.transaction import connection
from web.door.access import account, allow
from web.pages.base_map import base_map
from web.pages.case_links import cases_address
from web.words import component_words

bp = Blueprint("components", __name__, url_prefix="/components")
bp.record_once(lambda state: component_words.init_app(state.app))


@bp.get("")
@allow(Permission.SEE_DUTIES)
def index() -> ResponseReturnValue:
    wanted = ComponentFilter(
        class_code=params.text(request.args, "class"),
        words=params.text(request.args, "q"),
        unit=params.text(request.args, "unit"),
    )
    after = params.text(request.args, "after")
    page = find_components(connection(), wanted, within=account().area, after=after)
    return render_template(
        "components/index.html", page=page, wanted=wanted, after=after, here=here
    )


@bp.get("/<path:code>/position.json")
@allow(Permission.SEE_DUTIES)
def position(code: str) -> Response:
    shown = _shown(code).component
    return collection([feature(shown.geom, label=label_of(code, shown.record.name))])


@bp.get("/<path:code>/area.json")
@allow(Permission.SEE_DUTIES)
def area(code: str) -> Response:
    found = area_around(connection(), _shown(code).component.geom)
    return collection(area_features(found))


@bp.get("/<path:code>")
@allow(Permission.SEE_DUTIES)
def detail(code: str) -> ResponseReturnValue:
    return render_template(
        "components/detail.html",
        shown=_shown(code),
        map=_map(code),
        cases=cases_address(component=code),
    )


def _shown(code: str) -> ComponentShown:
    return show_component(connection(), code, within=account().area)


def _map(code: str) -> MapParts:
    return small_map(
        [
            MapSource(url_for("components.area", code=code), "area", _("Its area")),
            MapSource(
                url_for("components.position", code=code), "component", _("The component")
            ),
        ],
        base=base_map(),
    )
