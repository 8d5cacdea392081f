"""Demolitions of unlawful structures."""

from datetime import datetime
from pathlib import Path

import click

from gridmgmt.cli.imports import file_options, layer_options, report
from gridmgmt.cli.work import work
from gridmgmt.settings import Settings


@click.group()
def demolition() -> None:
    """Demolitions of unlawful structures."""


@demolition.command("import")
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
    """Load demolitions from a layer of footprints or points, or a table with lon and lat.

    Fields: code and, where there, name, address, mode (self, assisted or forced),
    demolished_on, claimed_m2, cases_count (起), sites_count (处), households_count (户).
    """
    from gridmgmt.services.demolitions import import_demolitions

    options = file_options(settings, mapping, layer, encoding, crs)
    today = datetime.now(settings.tz).date()
    with work(settings, commit=commit) as conn:
        summary = import_demolitions(conn, path, options, today=today, actor=settings.actor)
        report(summary, as_json=as_json)
