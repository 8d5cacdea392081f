"""Groups: beats and inspection areas."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.imports import table_import
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def group() -> None:
    """Beats and inspection areas: sets of areas that cross the tree."""


@group.command("import")
@table_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Load groups from a CSV, XLSX or Parquet file, one row for each area of a group.

    Columns: group_code, kind (beat or inspection_area), name, area_code and, where there,
    level (else the one the code exists on), valid_from, valid_to (its last day).
    """
    from gridmgmt.services.responsibility.groups import import_groups

    return import_groups(conn, path, options, actor=settings.actor)
