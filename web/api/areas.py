"""Areas in the API: the tree of an edition, and one area with its outline."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from shapely.geometry import mapping

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.allowed_gaps import gaps_of, without_gaps
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts.case_scopes import figures_case_scope
from gridmgmt.services.areas import area_histories
from gridmgmt.services.areas import tree as services
from gridmgmt.services.areas.chosen_editions import edition_to_show
from gridmgmt.services.situation.area_figures import area_figures
from gridmgmt.services.situation.earlier_periods import EarlierCounts
from gridmgmt.store.areas.area_tree import TreeRow, shapes_of
from gridmgmt.store.areas.levels import get_level
from gridmgmt.store.situation.map_figures import ReportedFilter
from web.api import figure_schemas, history_schemas, schemas
from web.api.operations import Operations
from web.app.days import asked_period
from web.app.transaction import connection
from web.door.access import account, allow

bp = Operations("api_areas", __name__, description="Areas of an edition")


@bp.operation(
    "GET",
    "/areas",
    query=schemas.AreaArguments,
    gives={200: schemas.AreaPageSchema},
    refuses=(404, 409),
)
@allow(Permission.SEE_AREAS)
def index(args: dict[str, Any]) -> Any:
    """List areas without their outlines, from the topmost level down, by code."""
    conn = connection()
    edition = edition_to_show(conn, args.get("edition"), datetime.now(UTC))
    query = services.AreaQuery(
        level=args.get("level"),
        parent=args.get("parent"),
        after=_after(args.get("after")),
        top=account().area,
    )
    page = services.tree(conn, edition, query, most=args["limit"])
    rows = [_row(one) for one in page.rows]
    last = f"{rows[-1]['level']}:{rows[-1]['code']}" if page.after is not None else None
    return {"edition": edition.number, "areas": rows, "next": last}


@bp.operation(
    "GET",
    "/areas/<level>/<path:code>",
    query=schemas.OneAreaArguments,
    gives={200: schemas.OneAreaSchema},
    refuses=(404, 409),
)
@allow(Permission.SEE_AREAS)
def show(args: dict[str, Any], level: str, code: str) -> Any:
    """Return an area with its outline and the areas it lies in, of any edition or instant."""
    conn = connection()
    edition = _edition(args)
    shown = services.show(conn, edition, (level, code), top=account().area, on=None)
    if shown.row is None:
        raise NotFoundError(kind=f"{level} in edition {edition.number}", key=code)
    [outline] = shapes_of(conn, edition.number, level, [code]).geoms
    return {
        **_row(shown.row),
        "attributes": without_gaps(shown.attributes),
        "gaps": [asdict(one) for one in gaps_of(shown.attributes)],
        "edition": edition.number,
        "within": shown.chain[1:],
        "geometry": mapping(outline),
    }


@bp.operation(
    "GET",
    "/areas/<level>/<path:code>/history",
    query=schemas.NoArguments,
    gives={200: history_schemas.AreaHistorySchema},
    refuses=(404, 409),
)
@allow(Permission.SEE_AREAS)
def history(args: dict[str, Any], level: str, code: str) -> Any:
    """Return what each edition did to an area, and where its ground came from and went."""
    conn = connection()
    edition = edition_to_show(conn, None, datetime.now(UTC))
    # Whether the account may see it is decided as for the area itself.
    services.show(conn, edition, (level, code), top=account().area, on=None)
    return {
        "level": level,
        "code": code,
        "steps": [asdict(one) for one in area_histories.history(conn, level, code)],
    }


@bp.operation(
    "GET",
    "/areas/<level>/<path:code>/figures",
    query=figure_schemas.AreaFiguresArguments,
    gives={200: figure_schemas.AreaFiguresSchema},
    refuses=(404, 409),
)
@allow(Permission.SEE_MAP)
def figures(args: dict[str, Any], level: str, code: str) -> Any:
    """Count the cases of an area in a period, as its panel on the map shows them."""
    conn, now = connection(), datetime.now(UTC)
    edition = edition_to_show(conn, args.get("edition"), now)
    scope = figures_case_scope(conn, account())
    found = area_figures(
        conn,
        edition.number,
        (level, code),
        ReportedFilter(asked_period(), args["choice"], scope, now),
        as_of=now,
        within=account().area,
    )
    return {
        **_period_counts(found.wanted, found.counts),
        "edition": found.edition,
        "area": found.area,
        "chosen": found.wanted.choice.write(),
        "at_default": _counts(found.at_default),
        "before": _earlier(found.before),
        "year_before": _earlier(found.year_before),
    }


def _edition(args: dict[str, Any]) -> Edition:
    number, at = args.get("edition"), args.get("on")
    if at is None:
        return edition_to_show(connection(), number, datetime.now(UTC))
    if number is not None:
        message = Sentence("give an edition or an instant, not both")
        raise InputError(field="on", message=message)
    return area_histories.edition_on(connection(), at)


def _earlier(found: EarlierCounts | None) -> dict[str, Any] | None:
    return None if found is None else _period_counts(found.wanted, found.counts)


def _period_counts(wanted: ReportedFilter, counts: DeadlineCounts) -> dict[str, Any]:
    return {
        "first": wanted.period.first,
        "last": wanted.period.last,
        "as_of": wanted.as_of,
        "figures": _counts(counts),
    }


def _counts(counts: DeadlineCounts) -> dict[str, Any]:
    rates = {
        name: {**asdict(rate), "value": rate.value}
        for name, rate in (
            ("on_time_rate", counts.on_time_rate),
            ("disposal_rate", counts.disposal_rate),
        )
    }
    return {**asdict(counts), "due": counts.due, "pending": counts.pending, **rates}


def _after(area: tuple[str, str] | None) -> tuple[int, str] | None:
    return None if area is None else (get_level(connection(), area[0]).rank, area[1])


def _row(row: TreeRow) -> dict[str, Any]:
    return {
        "level": row.level,
        "code": row.code,
        "name": row.name,
        "parent": row.parent_code,
        "area_m2": row.area_m2,
        "children": row.children,
    }
