"""Road segments: stretches of road somebody answers for."""

from pathlib import Path

import click

from gridmgmt.cli.imports import file_options, layer_options, report
from gridmgmt.cli.work import work
from gridmgmt.settings import Settings


@click.group("road-segment")
def road_segment() -> None:
    """Road segments: stretches of road somebody answers for."""


@road_segment.command("import")
@layer_options
@click.option(
    "--tolerance-m",
    type=click.FloatRange(min=0),
    default=15.0,
    show_default=True,
    help="Metres to either side, for segments that state none.",
)
@click.pass_obj
def import_(
    settings: Settings,
    path: Path,
    mapping: dict[str, str],
    layer: str | None,
    crs: str | None,
    encoding: str | None,
    commit: bool,
    as_json: bool,
    tolerance_m: float,
) -> None:
    """Load road segments from a layer of lines.

    Fields: code, name and, where there, tolerance_m (metres to either side of the line).
    """
    from gridmgmt.services.road_segments import import_road_segments

    options = file_options(settings, mapping, layer, encoding, crs)
    with work(settings, commit=commit) as conn:
        summary = import_road_segments(
            conn, path, options, tolerance_m=tolerance_m, actor=settings.actor
        )
        report(summary, as_json=as_json)
