"""``gridmgmt export figures|case-points|density|contours``: take away what the map shows."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import click

from gridmgmt.cli.accounts.area_option import area_option
from gridmgmt.cli.cases.choices import choice_options, chosen
from gridmgmt.cli.days import DayParam
from gridmgmt.cli.exports.options import (
    file_options,
    headings_language,
    headings_options,
    shapefile_encoding,
    tell_report,
)
from gridmgmt.cli.numbers import DecimalParam, WholeParam
from gridmgmt.cli.work import Command, crs_option, work
from gridmgmt.settings import Settings

_FORMATS = ("shp", "gpkg", "parquet", "geojson", "csv", "xlsx")

_bandwidth = click.option(
    "--bandwidth",
    "bandwidth_m",
    type=DecimalParam(),
    help="Standard deviation of the kernel in metres; default: that of the map.",
)


def _question(command: Command) -> Command:
    options: tuple[Callable[..., Any], ...] = (
        click.option("--from", "first", type=DayParam(), help="First day of the report."),
        click.option(
            "--to", "last", type=DayParam(), help="Last day; default: of the newest case."
        ),
        click.option(
            "--edition",
            type=WholeParam(),
            help="Number of the edition; default: the one in force.",
        ),
        area_option("Only what lies in this area of the edition."),
    )
    # click lists the option that is added last first.
    command = choice_options(command)
    for option in reversed(options):
        command = option(command)
    return command


@click.command("figures")
@click.option("--level", required=True, help="Level of the areas, e.g. cell.")
@_question
@crs_option
@shapefile_encoding
@headings_options
@file_options(_FORMATS)
def figures(settings: Settings, **options: Any) -> None:
    """Export the areas of a level with their figures of a period, as on the map.

    Cases, cases per km², open, overdue, on time and late, rates with their n, and demolished
    square metres. Without --from the period has thirty days. Cases in no area are counted
    beside.
    """
    _run(settings, "figures", options)


@click.command("case-points")
@_question
@crs_option
@shapefile_encoding
@headings_options
@file_options(_FORMATS)
def case_points(settings: Settings, **options: Any) -> None:
    """Export the cases reported in a period as points, without personal data.

    Each has its leaf area under the edition. Cases without a position, or at a default
    position, are counted beside.
    """
    _run(settings, "case_points", options)


@click.command("density")
@_question
@_bandwidth
@crs_option
@file_options(("tif",))
def density(settings: Settings, **options: Any) -> None:
    """Export the density that the map draws as a GeoTIFF, in cases per km².

    Its values are those of the map. Unit, bandwidth and period are tags of the file. It is in
    EPSG:4326 or EPSG:4490.
    """
    _run(settings, "density", options)


@click.command("contours")
@_question
@_bandwidth
@click.option("--bands", is_flag=True, help="Polygons between the contours, and not lines.")
@crs_option
@shapefile_encoding
@file_options(("shp", "gpkg", "parquet", "geojson"))
def contours(settings: Settings, **options: Any) -> None:
    """Export contours of the density at the limits of the map's legend.

    With --bands they are polygons that cover the city.
    """
    _run(settings, "contours", options)


def _run(settings: Settings, layer: str, options: Mapping[str, Any]) -> None:
    from datetime import UTC, datetime

    from gridmgmt.cli.exports.options import chosen_format
    from gridmgmt.geometry.crs.crs import WGS84
    from gridmgmt.services.areas.chosen_editions import edition_to_use
    from gridmgmt.services.files.datums import named_datum
    from gridmgmt.services.map_exports.exports import export_map
    from gridmgmt.services.map_exports.wanted import MapExport, MapLayer
    from gridmgmt.store.situation.map_figures import ReportedFilter

    now = datetime.now(UTC)
    wanted = MapLayer(layer)
    fmt = chosen_format(options["output"], options["fmt"], wanted.formats)
    with work(settings, commit=None) as conn:
        period = _period(conn, settings, options["first"], options["last"], now)
        asked = MapExport(
            layer=wanted,
            path=options["output"],
            fmt=fmt,
            reported=ReportedFilter(period, chosen(options, settings), as_of=now),
            edition=edition_to_use(conn, options["edition"], now).number,
            as_of=now,
            level=options.get("level"),
            bandwidth_m=options.get("bandwidth_m"),
            usual_m=settings.density_m,
            bands=options.get("bands", False),
            clip=options["area"],
            datum=named_datum(options.get("crs"), settings.crs_table) or WGS84,
            encoding=options.get("encoding", "utf-8"),
            force=options["force"],
            language=headings_language(options.get("headings"), options.get("lang")),
        )
        report = export_map(conn, asked, now=now)
    tell_report(report, as_json=options["as_json"])


def _period(
    conn: Any, settings: Settings, first: date | None, last: date | None, now: Any
) -> Any:
    from gridmgmt.domain.period import Period
    from gridmgmt.services.situation.reported_days import newest_day

    return Period.asked(first, last or newest_day(conn, settings.tz, now=now), settings.tz)
