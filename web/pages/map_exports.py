"""What a request takes away from the map, with the parameters of the map's own address."""

from datetime import UTC, datetime
from pathlib import Path

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.period import Period
from gridmgmt.errors import InputError, NotAllowedError
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.geometry.crs.crs import WGS84
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts.case_scopes import figures_case_scope, sees_density
from gridmgmt.services.areas.chosen_editions import edition_to_show
from gridmgmt.services.exports.files import suffix_of
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.services.files.downloads import CASES
from gridmgmt.services.map_exports.wanted import MapExport, MapLayer
from gridmgmt.services.situation.reported_days import newest_day
from gridmgmt.store.cases.case_pages import count_up_to
from gridmgmt.store.situation.map_figures import ReportedFilter
from web.app import params
from web.app.params import Args
from web.app.transaction import connection, current_settings
from web.door.access import account, case_scope, may
from web.pages.case_filters import chosen
from web.words.languages import headings_language

# What is made while a person waits; the command line has no such end.
MOST_POINTS = 50_000

NEEDS = {
    MapLayer.FIGURES: Permission.EXPORT_LAYERS,
    MapLayer.CASE_POINTS: Permission.EXPORT_CASES,
    MapLayer.DENSITY: Permission.EXPORT_LAYERS,
    MapLayer.CONTOURS: Permission.EXPORT_LAYERS,
}


def allowed_layers() -> list[MapLayer]:
    """Return the layers that the account may take away."""
    return [
        layer
        for layer, needed in NEEDS.items()
        if may(needed) and (sees_density(account()) or not layer.is_density)
    ]


def asked_layer(args: Args) -> MapLayer:
    """Return the requested layer; without one, what the map shows, if that is allowed.

    Raises
    ------
    InputError
        when there is no such layer
    NotAllowedError
        when the account may not take it away
    """
    layer = params.kind(args, "take", MapLayer)
    if layer is None:
        first = MapLayer.DENSITY if args.get("layer") == "density" else MapLayer.FIGURES
        layer = first if first in allowed_layers() else allowed_layers()[0]
    return check_layer(layer)


def check_layer(layer: MapLayer) -> MapLayer:
    """Return a layer that the account may take away.

    Raises
    ------
    NotAllowedError
        when it may not
    """
    if layer not in allowed_layers():
        message = Sentence("your role does not take away {}", layer.replace("_", " "))
        raise NotAllowedError(message)
    return layer


def asked_period(args: Args, now: datetime) -> Period:
    """Return the requested period; without one, the thirty days up to the newest case."""
    tz = current_settings().tz
    return params.period(args, tz=tz, newest=newest_day(connection(), tz, now=now))


def asked_export(args: Args, layer: MapLayer, folder: Path) -> MapExport:
    """Return the export that a request describes, to a file in ``folder``.

    Raises
    ------
    InputError
        when a parameter is invalid, or there are too many cases to wait for
    EditionError, NotFoundError
        when there is no such edition
    """
    conn, now = connection(), datetime.now(UTC)
    fmt = params.kind(args, "format", Format) or layer.formats[0]
    scope = figures_case_scope(conn, account())
    if layer is MapLayer.CASE_POINTS:
        # Who may see figures need not see cases.
        scope = case_scope()
    reported = ReportedFilter(asked_period(args, now), chosen(args), scope, now)
    if layer is MapLayer.CASE_POINTS:
        _check_count(reported)
    crs = params.text(args, "crs")
    level = params.text(args, "level") if layer is MapLayer.FIGURES else None
    return MapExport(
        layer=layer,
        path=folder / f"{_stem(layer, level, reported.period)}{suffix_of(fmt)}",
        fmt=fmt,
        reported=reported,
        edition=edition_to_show(conn, params.whole(args, "edition"), now).number,
        as_of=now,
        level=level,
        bandwidth_m=params.decimal(args, "bandwidth_m"),
        usual_m=current_settings().density_m,
        bands=params.flag(args, "bands"),
        clip=params.area(args),
        within=account().area,
        datum=remote_datum(crs, current_settings().crs_table) or WGS84,
        encoding=(params.text(args, "encoding") if fmt is Format.SHP else None) or "utf-8",
        language=headings_language(args) if fmt.is_table else None,
    )


def _stem(layer: MapLayer, level: str | None, period: Period) -> str:
    """Return the name of a file, which says of what level and days it is."""
    # The beginning by which files with cases are found and deleted.
    what = f"{CASES}points" if layer is MapLayer.CASE_POINTS else layer.value
    days = f"{period.first:%Y%m%d}-{period.last:%Y%m%d}"
    return "_".join(filter(None, (what, level, days)))


def _check_count(reported: ReportedFilter) -> None:
    if count_up_to(connection(), reported.cases, MOST_POINTS + 1) > MOST_POINTS:
        raise InputError(
            field="from",
            message=Sentence(
                "there are more than {} cases: choose fewer days, or use the command "
                "gridmgmt export case-points",
                f"{MOST_POINTS:,}",
            ),
        )
