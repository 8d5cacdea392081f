"""``gridmgmt export cases``: all cases as a table, on request judged again."""

from pathlib import Path

import click

from gridmgmt.cli.exports.options import headings_language, headings_options
from gridmgmt.cli.numbers import WholeParam
from gridmgmt.cli.outputs import check_table_output
from gridmgmt.cli.work import say, work
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings


@click.command("cases")
@click.option("--edition", type=WholeParam(), help="Also judge every case by this edition.")
@click.option("--level", help="Also name the area of this level, e.g. street.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["csv", "xlsx"]),
    help="Format; default: by the suffix of the file.",
)
@click.option("--personal", is_flag=True, help="Include personal data; the audit log notes it.")
@headings_options
@click.option(
    "-o", "output", required=True, type=click.Path(path_type=Path), help="File to write."
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def cases(
    settings: Settings,
    edition: int | None,
    level: str | None,
    fmt: str | None,
    personal: bool,
    headings: str | None,
    lang: str | None,
    output: Path,
    force: bool,
) -> None:
    """Export all cases as CSV or XLSX (-o - writes CSV to stdout).

    With --headings people the file has Chinese or English headings, words for values, names
    beside codes and how each case stands to its deadline. The import reads it as it is.

    With --edition each case is also judged by that edition, in extra columns. Nothing of this
    is stored. Description and address are exported only with --personal.
    """
    from gridmgmt.exchange.tables.tables import write_table
    from gridmgmt.services.cases.exports import CaseExport, open_export
    from gridmgmt.store.cases.case_filter import CaseFilter

    _check_output(output, fmt, force=force)
    asked = CaseExport(
        actor=settings.actor,
        rules=settings.judging_rules,
        edition=edition,
        level=level,
        personal=personal,
        wanted=CaseFilter(without_provisional=not settings.provisional_deadlines),
        language=headings_language(headings, lang),
    )
    # Reading personal data writes an entry to the audit log, so the transaction is committed.
    with work(settings, commit=True if personal else None) as conn:
        table = open_export(conn, asked)
        quoted = write_table(output, table.columns, table.rows(), sheet=table.title)
    say(f"{output}: {table.rows_written:,} cases")
    if quoted:
        say(
            f"lost: {quoted:,} text(s) begin like a formula, so a ' stands before each of "
            "them; .xlsx keeps them"
        )


def _check_output(output: Path, fmt: str | None, *, force: bool) -> None:
    if str(output) == "-" and fmt == "xlsx":
        message = "only CSV can be written to stdout"
        raise InputError(field="format", message=message)
    if fmt is not None and str(output) != "-" and output.suffix.lower() != f".{fmt}":
        message = f"{output.name} does not end in .{fmt}"
        raise InputError(field="output", message=message)
    check_table_output(output, force=force, option="output")
