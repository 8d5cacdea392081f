"""``gridmgmt case``: import, list, show, explain and summarise cases."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from gridmgmt.cli.cases.bounces import bounces
from gridmgmt.cli.cases.case_list import list_
from gridmgmt.cli.cases.default_positions import default
from gridmgmt.cli.cases.duplicates import duplicates
from gridmgmt.cli.cases.forget import forget
from gridmgmt.cli.cases.reroute import reroute
from gridmgmt.cli.imports import date_format_option, mapping_option
from gridmgmt.cli.numbers import WholeRangeParam
from gridmgmt.cli.work import (
    commit_option,
    crs_option,
    encoding_option,
    json_option,
    print_json,
    say,
    work,
)
from gridmgmt.errors import InputError, LayerError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from gridmgmt.domain.date_format import DateFormat
    from gridmgmt.services.case_imports.options import CaseImport
    from gridmgmt.services.case_imports.report import CaseImportReport

_personal = click.option(
    "--personal", is_flag=True, help="Include personal data; the audit log notes it."
)


@click.group()
def case() -> None:
    """Import cases; list, show, explain, reroute and summarise them."""


case.add_command(bounces)
case.add_command(default)
case.add_command(duplicates)
case.add_command(forget)
case.add_command(list_)
case.add_command(reroute)


@case.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@mapping_option
@crs_option
@click.option("--tz", metavar="ZONE", help="Time zone of times without an offset.")
@date_format_option
@encoding_option
@click.option("--sheet", help="Sheet of an XLSX file, if it has several.")
@click.option(
    "--on-existing",
    type=click.Choice(["report", "update"]),
    default="report",
    show_default=True,
    help="What to do with known cases whose content differs in the file.",
)
@click.option("--rejects", type=click.Path(path_type=Path), help="File for rejected rows.")
@click.option(
    "--step",
    metavar="ROWS",
    type=WholeRangeParam(min=1),
    default=10_000,
    show_default=True,
    help="Number of rows judged and committed at a time.",
)
@json_option
@commit_option
@click.pass_obj
def import_(
    settings: Settings,
    path: Path,
    mapping: dict[str, str],
    crs: str | None,
    tz: str | None,
    date_formats: "tuple[DateFormat, ...]",
    encoding: str | None,
    sheet: str | None,
    on_existing: str,
    rejects: Path | None,
    step: int,
    as_json: bool,
    commit: bool,
) -> None:
    """Import a file of cases: CSV (plain or .gz), XLSX or Parquet.

    Fields: case_no, category, reported_at, lon, lat; optional: due_at, due_limit,
    due_provisional, disposed_at, closed_at, channel, description, address, accuracy_m. Every
    case is located by the edition that was in force when it was reported, and given to the one
    responder for it.

    With --commit a long file is stored step by step. If the import is stopped or killed, the
    same command continues where it stopped.
    """
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.domain.cases.duplicates import DuplicateRule
    from gridmgmt.services.case_imports.imports import CaseImport, import_cases
    from gridmgmt.services.files.datums import named_datum

    rejects = _rejects_path(path, rejects)
    asked = CaseImport(
        path=path,
        actor=settings.actor,
        rules=settings.judging_rules,
        mapping=mapping,
        source_tz=_zone(tz),
        date_formats=date_formats,
        datum=named_datum(crs, settings.crs_table),
        encoding=encoding,
        sheet=sheet,
        update_known=on_existing == "update",
        duplicates=DuplicateRule(settings.duplicate_m, settings.duplicate_hours),
        rows_at_once=step,
    )
    with work(settings, commit=commit) as conn:
        if commit:
            # Each step is committed; a dry run is one transaction, since all of it is rolled
            # back.
            report = _import_in_chunks(conn, asked)
        else:
            with progress_bar() as progress:
                report = import_cases(conn, asked, progress)
        _tell(report, rejects, as_json=as_json)
        if report.is_useless:
            # Raised after the report and the rejects file, which say why; the exit code tells a
            # script that nothing was stored.
            raise LayerError(path, "no row of it can be used", remedy=f"see {rejects}")


def _import_in_chunks(conn: "Connection", asked: "CaseImport") -> "CaseImportReport":
    """Commit step by step, so that an import of any length can continue after a stop."""
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.services.case_imports.imports import import_in_chunks

    report = None
    try:
        with progress_bar() as progress:
            steps = import_in_chunks(conn, asked, progress)
            # Nothing is stored yet except the run itself. With this commit the same command,
            # typed again, finds it and continues.
            report = next(steps)
            conn.commit()
            if report.interrupted_at is not None:
                say(_goes_on(report.row, report.interrupted_at.astimezone(asked.rules.tz)))
            for _ in steps:
                conn.commit()
    # Ctrl-C too: whoever stops an import must learn that the stored steps stay.
    except BaseException:
        if report is not None and report.row:
            say(
                f"stored as far as row {report.row:,} of {report.rows:,}; type the same "
                "command again to go on"
            )
        raise
    return report


def _goes_on(row: int, since: datetime) -> str:
    return (
        f"goes on after row {row:,} of an import that was interrupted at "
        f"{since:%Y-%m-%d %H:%M:%S}"
    )


def _rejects_path(path: Path, given: Path | None) -> Path:
    # In the current folder, not beside FILE, which may be a read-only share of the city.
    stem = Path(path.name.removesuffix(".gz")).stem
    rejects = given or Path(f"{stem}-rejects.csv")
    if rejects.resolve() == path.resolve():
        message = "the rejected rows would replace the file itself"
        raise InputError(field="rejects", message=message)
    return rejects


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        message = f"{name!r} is not a time zone; write one like Asia/Shanghai"
        raise InputError(field="tz", message=message) from None


def _tell(report: "CaseImportReport", rejects: Path, *, as_json: bool) -> None:
    from gridmgmt.exchange.tables.tables import write_rejects

    for sentence in report.sentences():
        say(sentence)
    if report.rejected:
        write_rejects(rejects, report.rejected)
        say(f"rejected rows: {rejects}")
    if as_json:
        print_json(report.to_json())


@case.command("show")
@click.argument("case_no", metavar="NO")
@_personal
@json_option
@click.pass_obj
def show(settings: Settings, case_no: str, personal: bool, as_json: bool) -> None:
    """Show a case and its history."""
    from gridmgmt.cli.cases.words import print_story, story_json
    from gridmgmt.services.cases.stories import show as show_case

    with work(settings, commit=True if personal else None) as conn:
        # Reading personal data writes an entry to the audit log, so the transaction is
        # committed.
        story = show_case(conn, case_no, personal=personal, actor=settings.actor)
    if as_json:
        print_json(story_json(story, settings.tz, personal=personal))
        return
    print_story(story, settings.tz, personal=personal)


@case.command("explain")
@click.argument("case_no", metavar="NO")
@click.option("--lang", type=click.Choice(["en", "zh", "both"]), default="both")
@_personal
@json_option
@click.pass_obj
def explain(settings: Settings, case_no: str, lang: str, personal: bool, as_json: bool) -> None:
    """Explain in sentences why a case went to its responder, and judge it again."""
    from gridmgmt.cli.cases.words import explanation_json, print_explanation
    from gridmgmt.services.cases.stories import explain as explain_case

    with work(settings, commit=True if personal else None) as conn:
        explained = explain_case(
            conn,
            case_no,
            rules=settings.judging_rules,
            personal=personal,
            actor=settings.actor,
        )
    if as_json:
        print_json(explanation_json(explained, settings.tz, personal=personal))
        return
    print_explanation(explained, lang, settings.tz)


@case.command("summary")
@click.option(
    "--level",
    default="street",
    show_default=True,
    help="Show by areas of this level how deadlines were kept.",
)
@click.option(
    "--as-of", metavar="TIME", help="Time at which deadlines are judged; default: now."
)
@click.option(
    "--top",
    type=WholeRangeParam(min=0),
    default=25,
    show_default=True,
    help="Number of responders to list, most cases first; 0: all. JSON always has all.",
)
@json_option
@click.pass_obj
def summary(settings: Settings, level: str, as_of: str | None, top: int, as_json: bool) -> None:
    """Count cases by responder and location, and by area how deadlines were kept."""
    from datetime import UTC

    from gridmgmt.cli.cases.words import print_summary, summary_json
    from gridmgmt.domain.moments import read_moment
    from gridmgmt.services.cases.summaries import summarise

    try:
        # A fixed instant gives the same figures tomorrow, for a report of last month.
        instant = datetime.now(UTC) if as_of is None else read_moment(as_of, settings.tz)
    except ValueError as error:
        raise InputError(field="as-of", message=str(error)) from None
    with work(settings, commit=None) as conn:
        left_out = not settings.provisional_deadlines
        counted = summarise(conn, level=level, as_of=instant, without_provisional=left_out)
    if as_json:
        print_json(summary_json(counted))
        return
    print_summary(counted, settings.tz, top=top)
