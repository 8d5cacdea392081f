"""``gridmgmt demolition``: demolitions of unlawful structures."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.imports import dated_layer_import
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def demolition() -> None:
    """Import demolitions of unlawful structures."""


@demolition.command("import")
@dated_layer_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Import demolitions from a layer of footprints or points, or a table with lon and lat.

    Fields: code; optional: name, address, mode (self, assisted or forced), demolished_on,
    claimed_m2, cases_count (起), sites_count (处), households_count (户).
    """
    from gridmgmt.services.responsibility.demolitions import import_demolitions

    # The bureau's day: early in the morning in China it is still yesterday in UTC, and what was
    # demolished today would lie in the future.
    today = datetime.now(settings.tz).date()
    return import_demolitions(conn, path, options, today=today, actor=settings.actor)
