"""Take the platform's data away as files that other programs read."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.case_export import cases
from gridmgmt.cli.work import crs_option, json_option, print_json, say, work
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.services.exports import AreaExportReport


@click.group()
def export() -> None:
    """Take areas and cases away as files that other programs read."""


export.add_command(cases)


@export.command("areas")
@click.option("--level", required=True, help="Level to take, e.g. cell.")
@click.option("--edition", type=int, help="Number of the edition; else the one in force now.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["shp", "gpkg", "geojson"]),
    required=True,
    help="Shapefile (as one zip), GeoPackage or GeoJSON.",
)
@crs_option
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030"]),
    default="utf-8",
    show_default=True,
    help="Encoding of a shapefile's text.",
)
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), help="The file.")
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@json_option
@click.pass_obj
def areas(
    settings: Settings,
    level: str,
    edition: int | None,
    fmt: str,
    crs: str | None,
    encoding: str,
    output: Path,
    force: bool,
    as_json: bool,
) -> None:
    """Write one level of an edition as a Shapefile, GeoPackage or GeoJSON.

    A shapefile is a zip with a data dictionary inside; whatever the format cannot carry is
    listed. GeoJSON is always longitude and latitude in WGS 84.
    """
    from datetime import UTC, datetime

    from gridmgmt.exchange.layer_out import Format
    from gridmgmt.geometry.crs import WGS84
    from gridmgmt.services.datums import named_datum
    from gridmgmt.services.exports import AreaExport, export_areas

    wanted = AreaExport(
        level=level,
        path=output,
        fmt=Format(fmt),
        edition=edition,
        datum=named_datum(crs, settings.crs_table) or WGS84,
        encoding=encoding,
        force=force,
    )
    with work(settings, commit=None) as conn:
        report = export_areas(conn, wanted, now=datetime.now(UTC), tz=settings.tz)
    for note in report.notes:
        say(note)
    say(
        f"{report.areas:,} areas of level {report.level}, edition {report.edition} (in force "
        f"from {report.effective}), in {report.crs}, written to {report.path}"
    )
    for loss in report.losses:
        say(f"lost: {loss}")
    if as_json:
        print_json(_as_json(report))


def _as_json(report: "AreaExportReport") -> dict[str, object]:
    return {
        "path": str(report.path),
        "level": report.level,
        "edition": report.edition,
        "effective": report.effective,
        "areas": report.areas,
        "crs": report.crs,
        "encoding": report.encoding,
        "notes": list(report.notes),
        "losses": [vars(loss) for loss in report.losses],
    }
