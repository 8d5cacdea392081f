"""``gridmgmt road-segment``: stretches of road that a responder answers for."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.imports import layer_import
from gridmgmt.cli.numbers import DecimalRangeParam
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group("road-segment")
def road_segment() -> None:
    """Import road segments: stretches of road that a responder answers for."""


@road_segment.command("import")
@layer_import
@click.option(
    "--tolerance-m",
    type=DecimalRangeParam(min=0),
    default=15.0,
    show_default=True,
    help="Distance to either side in metres, for segments that state none.",
)
def import_(
    settings: Settings,
    conn: Connection,
    path: Path,
    options: "FileOptions",
    *,
    tolerance_m: float,
) -> "ImportSummary":
    """Import road segments from a layer of lines.

    Fields: code, name; optional: tolerance_m (metres to each side of the line).
    """
    from gridmgmt.services.responsibility.road_segments import import_road_segments

    return import_road_segments(
        conn, path, options, tolerance_m=tolerance_m, actor=settings.actor
    )
