"""Duties: who answers where, for what, when."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.days import DayParam
from gridmgmt.cli.imports import table_import
from gridmgmt.cli.work import json_option, print_json, say, work
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def duty() -> None:
    """Duties: who answers where, for what, when, by which letter."""


@duty.command("import")
@table_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Load duties from a CSV, XLSX or Parquet file.

    Columns: responder_code, role (dispose, assist or oversee), target (area, group,
    road_segment or zone), target_code, categories (codes with ; between them, or * for all)
    and, where there, level (of an area; else the one the code exists on), hours (Mo-Fr
    08:00-18:00, 22:00-06:00 …), valid_from, valid_to (the last day), letter_no. The same duty
    with another valid_to ends the one that is stored.
    """
    from gridmgmt.services.responsibility.duties import import_duties

    return import_duties(conn, path, options, actor=settings.actor)


@duty.command("list")
@click.option("--responder", help="Only those of one responder.")
@click.option("--area", help="Only those on the areas of this code.")
@click.option("--on", type=DayParam(), help="Only those valid on a day.")
@json_option
@click.pass_obj
def list_(
    settings: Settings, responder: str | None, area: str | None, on: date | None, as_json: bool
) -> None:
    """List duties in the order in which they were stored."""
    from gridmgmt.services.record_imports.shaped_records import described
    from gridmgmt.services.responsibility.duties import list_duties

    with work(settings, commit=None) as conn:
        found = list_duties(conn, responder=responder, area=area, on=on)
    rows = [dict(described(one)) for one in found]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["id"] = str(row["id"])
        row["categories"] = "*" if row["categories"] is None else ";".join(row["categories"])
    columns = list(rows[0]) if rows else ["id"]
    print_columns(columns, [list(row.values()) for row in rows])


@duty.command("audit")
@click.option("--on", type=DayParam(), help="The day to look at; else today.")
@json_option
@click.pass_obj
def audit(settings: Settings, on: date | None, as_json: bool) -> None:
    """List where nobody, or two, would dispose, before any case arrives.

    Looks at every leaf area of the edition in force and every mapped category, at every hour;
    and at the duties on zones and road segments for doubles among themselves. Where a fallback
    would answer, that is said, but it is no owner.
    """
    from gridmgmt.cli.responsibility.duty_audit import audit_json, audit_lines
    from gridmgmt.services.responsibility.duty_audits import audit as audit_day

    day = on or datetime.now(settings.tz).date()
    with work(settings, commit=None) as conn:
        result = audit_day(conn, day, tz=settings.tz)
    if as_json:
        print_json(audit_json(result))
        return
    for line in audit_lines(result):
        click.echo(line)
    if not result.categories:
        say("no category is known yet, so nothing was looked at: gridmgmt category import")
