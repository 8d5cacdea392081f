"""``gridmgmt export figures|case-points``: take away what the map shows."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import click

from gridmgmt.cli.accounts.area_option import area_option
from gridmgmt.cli.days import DayParam
from gridmgmt.cli.exports.options import file_options, shapefile_encoding, tell_report
from gridmgmt.cli.numbers import WholeParam
from gridmgmt.cli.work import Command, crs_option, work
from gridmgmt.settings import Settings

_FORMATS = ("shp", "gpkg", "parquet", "geojson", "csv", "xlsx")
_DAYS = 30


def _question(command: Command) -> Command:
    options: tuple[Callable[..., Any], ...] = (
        click.option("--from", "first", type=DayParam(), help="First day of the report."),
        click.option(
            "--to", "last", type=DayParam(), help="Last day; default: of the newest case."
        ),
        click.option("--category", help="Only cases of this category."),
        click.option(
            "--edition",
            type=WholeParam(),
            help="Number of the edition; default: the one in force.",
        ),
        area_option("Only what lies in this area of the edition."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("figures")
@click.option("--level", required=True, help="Level of the areas, e.g. cell.")
@_question
@crs_option
@shapefile_encoding
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
@file_options(_FORMATS)
def case_points(settings: Settings, **options: Any) -> None:
    """Export the cases reported in a period as points, without personal data.

    Each has its leaf area under the edition. Cases without a position, or at a default
    position, are counted beside.
    """
    _run(settings, "case_points", options)


def _run(settings: Settings, layer: str, options: Mapping[str, Any]) -> None:
    from datetime import UTC, datetime

    from gridmgmt.cli.exports.options import chosen_format
    from gridmgmt.domain.case_choice import CaseChoice
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
            reported=ReportedFilter(
                period, CaseChoice(category=options["category"]), as_of=now
            ),
            edition=edition_to_use(conn, options["edition"], now).number,
            as_of=now,
            level=options.get("level"),
            clip=options["area"],
            datum=named_datum(options.get("crs"), settings.crs_table) or WGS84,
            encoding=options.get("encoding", "utf-8"),
            force=options["force"],
        )
        report = export_map(conn, asked, now=now)
    tell_report(report, as_json=options["as_json"])


def _period(
    conn: Any, settings: Settings, first: date | None, last: date | None, now: Any
) -> Any:
    from datetime import timedelta

    from gridmgmt.domain.period import Period
    from gridmgmt.errors import InputError
    from gridmgmt.sentence import Sentence
    from gridmgmt.services.situation.reported_days import newest_day

    end = last or newest_day(conn, settings.tz, now=now)
    begin = first or end - timedelta(days=_DAYS - 1)
    if begin > end:
        message = Sentence("{} is after {}; put the earlier day first", begin, end)
        raise InputError(field="from", message=message)
    return Period(begin, end, settings.tz)
