"""Groups: beats and inspection areas."""

from pathlib import Path

import click

from gridmgmt.cli.imports import file_options, report, table_options
from gridmgmt.cli.work import work
from gridmgmt.settings import Settings


@click.group()
def group() -> None:
    """Beats and inspection areas: sets of areas that cross the tree."""


@group.command("import")
@table_options
@click.pass_obj
def import_(
    settings: Settings,
    path: Path,
    mapping: dict[str, str],
    layer: str | None,
    encoding: str | None,
    commit: bool,
    as_json: bool,
) -> None:
    """Load groups from a CSV, XLSX or Parquet file, one row for each area of a group.

    Columns: group_code, kind (beat or inspection_area), name, area_code and, where there,
    level (else the one the code exists on), valid_from, valid_to (its last day).
    """
    from gridmgmt.services.groups import import_groups

    options = file_options(settings, mapping, layer, encoding)
    with work(settings, commit=commit) as conn:
        summary = import_groups(conn, path, options, actor=settings.actor)
        report(summary, as_json=as_json)
