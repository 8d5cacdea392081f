"""Responders: those who dispose, assist or oversee."""

from pathlib import Path

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.imports import file_options, report, table_options
from gridmgmt.cli.work import json_option, print_json, work
from gridmgmt.settings import Settings


@click.group()
def responder() -> None:
    """Responders: those who dispose, assist or oversee."""


@responder.command("import")
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
    """Load responders from a CSV, XLSX or Parquet file.

    Columns: code, kind (squad, street_chief, grid_member, department, company, street_office
    or district_centre), name and, where there, phone, superior_code, area_code, area_level
    (else the one the code exists on).
    """
    from gridmgmt.services.responders import import_responders

    options = file_options(settings, mapping, layer, encoding)
    with work(settings, commit=commit) as conn:
        summary = import_responders(conn, path, options, actor=settings.actor)
        report(summary, as_json=as_json)


@responder.command("list")
@click.option("--personal", is_flag=True, help="Show phones too; noted in the audit log.")
@json_option
@click.pass_obj
def list_(settings: Settings, personal: bool, as_json: bool) -> None:
    """List all responders by code."""
    from gridmgmt.services.records import described
    from gridmgmt.services.responders import list_responders

    # Reading personal data leaves an audit entry, so that reading is committed.
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
