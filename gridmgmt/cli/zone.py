"""Zones: special polygons."""

from pathlib import Path

import click

from gridmgmt.cli.imports import file_options, layer_options, report
from gridmgmt.cli.work import work
from gridmgmt.settings import Settings


@click.group()
def zone() -> None:
    """Zones: special polygons with a duty or an exception of their own."""


@zone.command("import")
@layer_options
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
) -> None:
    """Load zones from a layer of polygons.

    Fields: code, kind (vendor, demolition, river or campus), name and, where there,
    valid_from, valid_to (the last day).
    """
    from gridmgmt.services.zones import import_zones

    options = file_options(settings, mapping, layer, encoding, crs)
    with work(settings, commit=commit) as conn:
        summary = import_zones(conn, path, options, actor=settings.actor)
        report(summary, as_json=as_json)
