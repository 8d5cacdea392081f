"""Pages of editions: their areas, their lineage, and the differences of two editions."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Action
from gridmgmt.domain.areas.edition import first_edition
from gridmgmt.geometry.coverage.lineage import Descent
from gridmgmt.maps.document import MapParts
from gridmgmt.maps.small import MapSource, Style, small_map
from gridmgmt.services.areas import edition_diffs, outlines
from gridmgmt.services.areas.edition_diffs import DiffPage, DiffQuery
from gridmgmt.services.drafts import withdrawing
from gridmgmt.store.areas.area_tree import count_tree
from gridmgmt.store.areas.areas import count_areas
from gridmgmt.store.areas.editions import (
    get_edition,
    list_editions,
    newest_edition,
)
from web.app import params
from web.app.features import area_features, collection, label_of
from web.app.page_keys import KEY
from web.app.transaction import connection, current_settings
from web.door.access import account, actor, allow
from web.pages.area_names import AreaNames, area_names
from web.pages.base_map import base_map
from web.words.edition_words import edition_state
from web.words.languages import number as shown_number

bp = Blueprint("editions", __name__)


@bp.get("/editions")
@allow(Permission.SEE_AREAS)
def index() -> ResponseReturnValue:
    found = list_editions(connection(), withdrawn=True)
    now = datetime.now(UTC)
    return render_template(
        "editions/index.html",
        editions=[(one, edition_state(one, now)) for one in reversed(found)],
        standing=[one for one in reversed(found) if one.withdrawn_at is None],
    )


@bp.get("/editions/compare")
@allow(Permission.SEE_AREAS)
def compare() -> ResponseReturnValue:
    """Redirect to the URL of two editions chosen in a form."""
    first, second = params.whole(request.args, "first"), params.whole(request.args, "second")
    return redirect(url_for("editions.diff", first=first or 0, second=second or 0), 303)


@bp.get("/editions/<int:number>")
@allow(Permission.SEE_AREAS)
def detail(number: int) -> ResponseReturnValue:
    conn, top = connection(), account().area
    edition = get_edition(conn, number)
    stands = edition.withdrawn_at is None
    before = newest_edition(conn, before=number) if stands else None
    changed = edition_diffs.summary(conn, before.number, number, top=top) if before else []
    query = _query(
        [one.count.level for one in changed if one.count.redrawn or one.count.dropped]
    )
    newest, first = newest_edition(conn), first_edition(list_editions(conn))
    lineage = edition_diffs.lineage_page(conn, number, query) if query else None
    return render_template(
        "editions/detail.html",
        edition=edition,
        state=edition_state(edition, datetime.now(UTC)),
        before=before,
        levels=count_tree(conn, number, top=top) if stands else [],
        changed=changed,
        query=query,
        lineage=lineage,
        area_names=area_names(
            (), _line_keys(query, [line for _code, some in lineage.rows for line in some])
        )
        if query and lineage
        else AreaNames(),
        is_newest=newest is not None and newest.number == number,
        is_first=first is not None and first.number == number,
        map=_overview_map(number) if stands else None,
    )


@bp.post("/editions/<int:number>/withdraw")
@allow(Permission.PUBLISH_DRAFTS)
def withdraw(number: int) -> ResponseReturnValue:
    done = withdrawing.withdraw(connection(), number, actor=actor(), tz=current_settings().tz)
    flash(_("Edition %(number)s is withdrawn.", number=number), "success")
    if done.reopened:
        labels = ", ".join(done.reopened)
        flash(_("Open again for work: draft %(labels)s", labels=labels), "info")
    if done.rows.changes:
        count = shown_number(len(done.rows.changes))
        told = _("Duties, zones and the like that are as they were: %(count)s", count=count)
        flash(told, "info")
    if done.rows.kept:
        names = ", ".join(one.name for one in done.rows.kept)
        flash(_("Changed since, and left as they are: %(names)s", names=names), "warning")
    if done.moved:
        labels = ", ".join(done.moved)
        told = _(
            "Now rest on the edition before: drafts %(labels)s. Areas that they change keep"
            " what this edition had; look at them before you publish.",
            labels=labels,
        )
        flash(told, "warning")
    return redirect(url_for("editions.detail", number=number), 303)


@bp.get("/editions/<int:number>/shapes.json")
@allow(Permission.SEE_AREAS)
def shapes(number: int) -> Response:
    """Return the areas of an edition as GeoJSON, simplified."""
    edition = get_edition(connection(), number)
    found = outlines.backdrop(connection(), edition.number, None, top=account().area)

    def naming(code: str, name: str) -> dict[str, str]:
        href = url_for("areas.detail", level=found.level, code=code, edition=number)
        return {"label": label_of(code, name), "href": href}

    return collection(area_features(found, naming))


@bp.get("/editions/<int:first>/diff/<int:second>")
@allow(Permission.SEE_AREAS)
def diff(first: int, second: int) -> ResponseReturnValue:
    conn = connection()
    editions = edition_diffs.pair(conn, first, second)
    levels = edition_diffs.summary(conn, first, second, top=account().area)
    query = _query([one.count.level for one in levels])
    page = edition_diffs.page(conn, first, second, query) if query else None
    return render_template(
        "editions/diff.html",
        first=editions[0],
        second=editions[1],
        standing=list_editions(conn),
        levels=levels,
        query=query,
        page=page,
        area_names=_difference_names(second, query, page) if query and page else AreaNames(),
        map=_diff_map(first, second, query) if query else None,
        actions=list(Action),
    )


@bp.get("/editions/<int:first>/diff/<int:second>/<any(before,after):side>.json")
@allow(Permission.SEE_AREAS)
def diff_shapes(first: int, second: int, side: str) -> Response:
    """Return the outlines of one page of differences, in one of the editions."""
    edition_diffs.pair(connection(), first, second)
    query = _query([])
    if query is None:
        return collection([])
    before, after = edition_diffs.shapes(connection(), first, second, query)
    number, found = (first, before) if side == "before" else (second, after)

    def naming(code: str, name: str) -> dict[str, str]:
        label = _("%(area)s in edition %(n)s", area=label_of(code, name), n=number)
        return {"id": code, "label": label}

    return collection(area_features(found, naming))


def _line_keys(query: DiffQuery, lines: Iterable[Descent]) -> Iterator[AreaKey]:
    """Yield the areas of some lines of lineage."""
    for one in lines:
        yield from ((query.level, code) for code in (one.old_code, one.new_code) if code)


def _difference_names(edition: int, query: DiffQuery, page: DiffPage) -> AreaNames:
    """Return the names of the areas that ground went to, and of those that others lie in."""
    levels = [one.level for one in count_areas(connection(), edition)]
    above = AreaNames(levels).above(query.level)
    parents = [code for row in page.rows for code in (row.area.old_parent, row.area.new_parent)]
    lines = _line_keys(query, [one for row in page.rows for one in row.descents])
    return area_names(levels, [*lines, *((above, code) for code in parents)])


def _query(levels: list[str]) -> DiffQuery | None:
    """Return the filter of differences; without a level, for the first level that differs."""
    level = params.text(request.args, "level") or next(iter(levels), None)
    if level is None:
        return None
    return DiffQuery(
        level=level,
        action=params.kind(request.args, "action", Action),
        words=params.text(request.args, "q"),
        after=request.args.get(KEY) or None,
        top=account().area,
    )


def _overview_map(number: int) -> MapParts:
    url = url_for("editions.shapes", number=number)
    return small_map([MapSource(url, "area", _("Areas"))], base=base_map())


def _diff_map(first: int, second: int, query: DiffQuery) -> MapParts:
    sides: tuple[tuple[str, Style, int], ...] = (
        ("after", "after", second),
        ("before", "before", first),
    )
    asked: dict[str, Any] = {
        "first": first,
        "second": second,
        "level": query.level,
        "action": query.action,
        "q": query.words,
        KEY: query.after,
    }
    # The first edition is dashed and drawn on top, so that both borders can be seen.
    sources = [
        MapSource(
            url_for("editions.diff_shapes", side=side, **asked),
            style,
            _("Edition %(number)s", number=number),
        )
        for side, style, number in sides
    ]
    return small_map(sources, base=base_map())
