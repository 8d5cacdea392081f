"""Pages of areas: the tree of an edition, and one area with map, history and duties."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import NotFoundError
from gridmgmt.maps.document import MapParts
from gridmgmt.maps.small import MapSource, small_map
from gridmgmt.services.areas import area_search, outlines, tree
from gridmgmt.services.areas.chosen_editions import edition_to_show
from gridmgmt.services.areas.tree import AreaQuery, AreaShown
from gridmgmt.services.judging.directory import directory
from gridmgmt.store.areas.areas import count_areas
from gridmgmt.store.areas.editions import list_editions
from web.app import params
from web.app.addresses import with_query
from web.app.days import asked_day, today
from web.app.features import area_features, collection, label_of
from web.app.page_keys import page_key, written
from web.app.transaction import connection
from web.door.access import account, allow, may
from web.pages.area_names import AreaNames, area_names
from web.pages.base_map import base_map
from web.pages.case_links import cases_address
from web.words.languages import language

bp = Blueprint("areas", __name__)


@bp.get("/areas")
@allow(Permission.SEE_AREAS)
def index() -> ResponseReturnValue:
    editions = list_editions(connection())
    if not editions:
        return render_template("areas/none.html")
    edition = _edition()
    query = _query()
    page = tree.tree(connection(), edition, query)
    return render_template(
        "areas/index.html",
        editions=editions,
        edition=edition,
        query=query,
        page=page,
        after=written(page.after),
        map=_page_map(edition),
    )


@bp.get("/areas/page.json")
@allow(Permission.SEE_AREAS)
def page_shapes() -> Response:
    """Return the areas of one page of the list as GeoJSON."""
    edition = _edition()
    page = tree.tree(connection(), edition, _query())
    shapes = outlines.of_page(connection(), edition.number, page.rows)
    naming = _naming(edition, in_list=True)
    return collection(
        one for found in shapes for one in area_features(found, naming(found.level))
    )


@bp.get("/areas/choices.json")
@allow(Permission.MANAGE_ACCOUNTS, Permission.MANAGE_DISPLAYS, Permission.SEE_DUTIES)
def choices() -> ResponseReturnValue:
    """Return the areas that a typed text may mean, of any level, as far as the account sees."""
    text = params.text(request.args, "q") or ""
    found = area_search.find_areas(connection(), text, language(), within=account().area)
    return {
        "choices": [
            {"value": one.written, "code": one.code, "name": one.name, "note": one.note}
            for one in found
        ]
    }


@bp.get("/areas/around.json")
@allow(Permission.SEE_AREAS)
def around() -> Response:
    """Return an area, or the areas it lies in, borders on or contains, as GeoJSON."""
    edition = _edition()
    area = params.area(request.args)
    part = params.kind(request.args, "part", outlines.Part) or outlines.Part.AREA
    if area is None:
        raise NotFoundError(kind="area", key="")
    found = outlines.around(connection(), edition.number, area, part, top=account().area)
    naming = _naming(edition, linked=part in outlines.LINKED)
    return collection(area_features(found, naming(found.level)))


@bp.get("/areas/<level>/<path:code>")
@allow(Permission.SEE_AREAS)
def detail(level: str, code: str) -> ResponseReturnValue:
    edition = _edition()
    on = (asked_day("on") or today()) if may(Permission.SEE_DUTIES) else None
    shown = tree.show(connection(), edition, (level, code), top=account().area, on=on)
    query = AreaQuery(
        parent=(level, code),
        words=params.text(request.args, "q"),
        after=page_key(request.args),
        top=account().area,
    )
    inside = tree.tree(connection(), edition, query) if shown.under else None
    return render_template(
        "areas/detail.html",
        editions=list_editions(connection()),
        edition=edition,
        shown=shown,
        category_names=directory(connection()).category_names,
        inside=inside,
        query=query,
        after=written(inside.after if inside else None),
        area_names=_names(edition, shown),
        map=_area_map(edition, shown),
        cases=cases_address(area=f"{level}:{code}", edition=edition.number),
    )


def _names(edition: Edition, shown: AreaShown) -> AreaNames:
    """Return the names of the areas that the page of an area names."""
    levels = [one.level for one in count_areas(connection(), edition.number)]
    above = AreaNames(levels).above(shown.level)
    lines = [code for one in shown.descents for code in (one.old_code, one.new_code)]
    keys = [
        *((shown.level, code) for code in lines),
        *((above, one.parent_code) for one in shown.versions),
    ]
    # Those of the edition that is shown, where it has them.
    known = {(one.level, one.code): one.name for one in shown.chain}
    found = area_names(levels, keys)
    return replace(found, names={**found.names, **known})


def _edition() -> Edition:
    number = params.whole(request.args, "edition")
    return edition_to_show(connection(), number, datetime.now(UTC))


def _query() -> AreaQuery:
    return AreaQuery(
        level=params.text(request.args, "level"),
        all_levels="level" in request.args,
        words=params.text(request.args, "q"),
        after=page_key(request.args),
        top=account().area,
    )


def _page_map(edition: Edition) -> MapParts:
    asked: dict[str, Any] = request.args.to_dict() | {"edition": edition.number}
    asked.pop("lang", None)
    url = with_query(url_for("areas.page_shapes"), asked)
    return small_map([MapSource(url, "area", _("Areas of this page"))], base=base_map())


def _area_map(edition: Edition, shown: AreaShown) -> MapParts | None:
    if shown.row is None:
        return None
    area = f"{shown.level}:{shown.code}"

    def source(part: outlines.Part, style: Any, label: str) -> MapSource:
        url = url_for("areas.around", edition=edition.number, area=area, part=part)
        return MapSource(url, style, label)

    parts = outlines.Part
    sources = [source(parts.NEIGHBOURS, "neighbour", _("Neighbours"))]
    if shown.under:
        sources += [
            source(parts.CHILDREN, "area", _("What lies in it")),
            source(parts.AREA, "parent", _("This area")),
        ]
    else:
        sources += [source(parts.AREA, "area", _("This area"))]
        if len(shown.chain) > 1:
            sources.append(source(parts.PARENT, "parent", _("What it lies in")))
    return small_map(sources, base=base_map())


def _naming(edition: Edition, *, linked: bool = True, in_list: bool = False) -> Any:
    """Return a function that names features; a click opens the area in the same edition."""

    def of_level(level: str) -> Any:
        def properties(code: str, name: str) -> dict[str, str]:
            href = url_for("areas.detail", level=level, code=code, edition=edition.number)
            found = {"label": label_of(code, name)}
            if linked:
                found["href"] = href
            if in_list:
                found["id"] = f"{level}:{code}"
            return found

        return properties

    return of_level
