"""``gridmgmt zone``: polygons with a duty or an exception of their own."""

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
def zone() -> None:
    """Import zones: polygons with a duty or an exception of their own."""


@zone.command("import")
@dated_layer_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Import zones from a layer of polygons.

    Fields: code, kind (vendor, demolition, river or campus), name; optional: valid_from,
    valid_to (the last day), categories (of the exception: codes separated by ;, * or empty for
    all). Cases in a vendor zone get a mark on the days of the zone.
    """
    from gridmgmt.services.responsibility.zones import import_zones

    return import_zones(conn, path, options, actor=settings.actor)
