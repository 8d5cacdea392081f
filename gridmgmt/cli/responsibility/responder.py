"""``gridmgmt responder``: those who dispose, assist or oversee."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.imports import table_import
from gridmgmt.cli.work import json_option, print_json, work
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def responder() -> None:
    """Import and list responders: those who dispose, assist or oversee."""


@responder.command("import")
@table_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Import responders from a CSV, XLSX or Parquet file.

    Columns: code, kind (squad, street_chief, grid_member, department, company, street_office or
    district_centre), name; optional: phone, superior_code, area_code, area_level (otherwise the
    level that has the code).
    """
    from gridmgmt.services.responsibility.responders import import_responders

    return import_responders(conn, path, options, actor=settings.actor)


@responder.command("list")
@click.option(
    "--personal", is_flag=True, help="Show phone numbers too; the audit log notes it."
)
@json_option
@click.pass_obj
def list_(settings: Settings, personal: bool, as_json: bool) -> None:
    """List all responders by code."""
    from gridmgmt.services.record_imports.shaped_records import described
    from gridmgmt.services.responsibility.responders import list_responders

    # Reading personal data writes an entry to the audit log, so the transaction is committed.
    with work(settings, commit=True if personal else None) as conn:
        found = list_responders(conn, personal=personal, actor=settings.actor)
    rows = [dict(described(one)) for one in found]
    for row in rows:
        if not personal:
            del row["phone"]
    if as_json:
        print_json(rows)
        return
    columns = ["code", "kind", "name", "superior_code", "area_level", "area_code"]
    columns += ["phone"] if personal else []
    print_columns(columns, [[row[name] for name in columns] for row in rows])
