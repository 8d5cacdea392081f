"""``gridmgmt export``: write the platform's data to files for other programs."""

from collections.abc import Mapping
from typing import Any

import click

from gridmgmt.cli.exports.cases import cases
from gridmgmt.cli.exports.map_layers import case_points, contours, density, figures
from gridmgmt.cli.exports.options import (
    chosen_format,
    file_options,
    headings_language,
    headings_options,
    shapefile_encoding,
    tell_report,
)
from gridmgmt.cli.numbers import WholeParam
from gridmgmt.cli.work import crs_option, work
from gridmgmt.settings import Settings


@click.group()
def export() -> None:
    """Export layers, tables and cases to files that other programs read."""


export.add_command(cases)
export.add_command(figures)
export.add_command(case_points)
export.add_command(density)
export.add_command(contours)


_layer = file_options(("shp", "gpkg", "geojson", "csv", "xlsx"))
_table = file_options(("csv", "xlsx"))
_personal = click.option(
    "--personal", is_flag=True, help="Include personal data; the audit log notes it."
)


@export.command("areas")
@click.option("--level", required=True, help="Level to export, e.g. cell.")
@click.option(
    "--edition", type=WholeParam(), help="Number of the edition; default: the one in force."
)
@crs_option
@shapefile_encoding
@headings_options
@_layer
def areas(settings: Settings, **options: Any) -> None:
    """Export one level of an edition as a Shapefile, GeoPackage, GeoJSON, CSV or XLSX.

    A shapefile is a zip with a data dictionary inside. The command lists everything that the
    format cannot hold. GeoJSON is always longitude and latitude in WGS 84. In CSV and XLSX each
    shape is one position on it.
    """
    _run(settings, "areas", options)


@export.command("road-segments")
@crs_option
@shapefile_encoding
@headings_options
@_layer
def road_segments(settings: Settings, **options: Any) -> None:
    """Export all road segments. Formats as for areas; road-segment import reads them."""
    _run(settings, "road_segments", options)


@export.command("zones")
@crs_option
@shapefile_encoding
@headings_options
@_layer
def zones(settings: Settings, **options: Any) -> None:
    """Export all zones. Formats as for areas; zone import reads them."""
    _run(settings, "zones", options)


@export.command("demolitions")
@crs_option
@shapefile_encoding
@_personal
@headings_options
@_layer
def demolitions(settings: Settings, **options: Any) -> None:
    """Export all demolitions. Formats as for areas; demolition import reads them.

    If some have a footprint and some only a point, the zip of a shapefile holds two layers.
    Addresses are exported only with --personal.
    """
    _run(settings, "demolitions", options)


@export.command("components")
@crs_option
@shapefile_encoding
@headings_options
@_layer
def components(settings: Settings, **options: Any) -> None:
    """Export all components. Formats as for areas; component import reads them.

    In a shapefile the units have the names of GB/T 30428.2 (DeptCode1, DeptName1 …).
    """
    _run(settings, "components", options)


@export.command("responders")
@_personal
@headings_options
@_table
def responders(settings: Settings, **options: Any) -> None:
    """Export all responders as CSV or XLSX. Phone numbers only with --personal."""
    _run(settings, "responders", options)


@export.command("duties")
@headings_options
@_table
def duties(settings: Settings, **options: Any) -> None:
    """Export all duties as CSV or XLSX, including ended duties."""
    _run(settings, "duties", options)


@export.command("categories")
@headings_options
@_table
def categories(settings: Settings, **options: Any) -> None:
    """Export the categories as CSV or XLSX, without codes that are known only from cases."""
    _run(settings, "categories", options)


@export.command("groups")
@headings_options
@_table
def groups(settings: Settings, **options: Any) -> None:
    """Export the groups as CSV or XLSX, one row for each area of a group."""
    _run(settings, "groups", options)


@export.command("levels")
@headings_options
@_table
def levels(settings: Settings, **options: Any) -> None:
    """Export the levels as CSV or XLSX, the topmost first; level set reads them."""
    _run(settings, "levels", options)


def _run(settings: Settings, noun: str, options: Mapping[str, Any]) -> None:
    from datetime import UTC, datetime

    from gridmgmt.geometry.crs.crs import WGS84
    from gridmgmt.services.exports.exports import Export, Noun, export
    from gridmgmt.services.files.datums import named_datum

    wanted = Export(
        noun=Noun(noun),
        path=options["output"],
        fmt=chosen_format(options["output"], options["fmt"], Noun(noun).formats),
        actor=settings.actor,
        level=options.get("level"),
        edition=options.get("edition"),
        datum=named_datum(options.get("crs"), settings.crs_table) or WGS84,
        encoding=options.get("encoding", "utf-8"),
        personal=options.get("personal", False),
        force=options["force"],
        language=headings_language(options["headings"], options["lang"]),
    )
    # Reading personal data writes an entry to the audit log, so the transaction is committed.
    with work(settings, commit=True if wanted.personal else None) as conn:
        report = export(conn, wanted, now=datetime.now(UTC), tz=settings.tz)
    tell_report(report, as_json=options["as_json"])
