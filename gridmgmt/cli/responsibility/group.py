"""``gridmgmt group``: beats and inspection areas."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.imports import dated_table_import
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def group() -> None:
    """Import beats and inspection areas: sets of areas that may cross communities."""


@group.command("import")
@dated_table_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Import groups from a CSV, XLSX or Parquet file, one row for each area of a group.

    Columns: group_code, kind (beat or inspection_area), name, area_code; optional: level
    (otherwise the level that has the code), valid_from, valid_to (the last day).
    """
    from gridmgmt.services.responsibility.groups import import_groups

    return import_groups(conn, path, options, actor=settings.actor)
