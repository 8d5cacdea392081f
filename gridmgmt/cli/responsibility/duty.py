"""``gridmgmt duty``: who answers where, for what, when."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.days import DayParam
from gridmgmt.cli.imports import dated_table_import
from gridmgmt.cli.responsibility.duty_change import add, end
from gridmgmt.cli.work import json_option, print_json, say, work
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def duty() -> None:
    """Import, list, change and audit duties: who answers where, for what, when."""


@duty.command("import")
@dated_table_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Import duties from a CSV, XLSX or Parquet file.

    Columns: responder_code, role (dispose, assist or oversee), target (area, group,
    road_segment or zone), target_code, categories (codes separated by ;, or * for all);
    optional: level (of an area; otherwise the level that has the code), hours (Mo-Fr
    08:00-18:00, 22:00-06:00 …), valid_from, valid_to (the last day), letter_no. A stored duty
    ends if it is imported again with another valid_to.
    """
    from gridmgmt.services.responsibility.duties import import_duties

    return import_duties(conn, path, options, actor=settings.actor)


@duty.command("list")
@click.option("--responder", help="Only duties of this responder.")
@click.option("--area", help="Only duties on areas with this code.")
@click.option("--on", type=DayParam(), help="Only duties valid on this day.")
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
        # A name and not a quantity: as a number it would be written 1,234.
        row["id"] = str(row["id"])
        row["categories"] = "*" if row["categories"] is None else ";".join(row["categories"])
    columns = list(rows[0]) if rows else ["id"]
    print_columns(columns, [list(row.values()) for row in rows])


@duty.command("audit")
@click.option("--on", type=DayParam(), help="Day to check; default: today.")
@json_option
@click.pass_obj
def audit(settings: Settings, on: date | None, as_json: bool) -> None:
    """List places where nobody, or more than one responder, would dispose of a case.

    Checks every leaf area of the edition in force with every mapped category, at every hour of
    the week, and checks the duties on zones and road segments for duplicates. A finding names
    the fallback that would answer, but a fallback does not count as a responder.
    """
    from gridmgmt.cli.responsibility.duty_audit import audit_json, audit_lines
    from gridmgmt.services.responsibility.duty_audits import audit as audit_day

    # The bureau's day, which early in the morning in China is not yet that of UTC.
    day = on or datetime.now(settings.tz).date()
    with work(settings, commit=None) as conn:
        result = audit_day(conn, day, tz=settings.tz)
    if as_json:
        print_json(audit_json(result))
        return
    for line in audit_lines(result):
        click.echo(line)
    # Without this, an audit of nothing would look like one without findings.
    if not result.categories:
        say("no category is known yet, so nothing was looked at: gridmgmt category import")


duty.add_command(add)
duty.add_command(end)
