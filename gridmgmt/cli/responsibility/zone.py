"""Zones: special polygons."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.imports import layer_import
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def zone() -> None:
    """Zones: special polygons with a duty or an exception of their own."""


@zone.command("import")
@layer_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Load zones from a layer of polygons.

    Fields: code, kind (vendor, demolition, river or campus), name and, where there,
    valid_from, valid_to (the last day), categories (what its exception is about: codes with ;
    between them, * or empty for everything). Cases in a vendor zone are marked so on its days.
    """
    from gridmgmt.services.responsibility.zones import import_zones

    return import_zones(conn, path, options, actor=settings.actor)
