"""``gridmgmt case list``: list cases that the options choose."""

import click

from gridmgmt.cli.cases.choices import choice_options, chosen
from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.numbers import WholeRangeParam
from gridmgmt.cli.work import json_option, print_json, say, work
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings


@click.command("list")
@click.option(
    "--status",
    type=click.Choice([one.value for one in CaseStatus]),
    help="Only cases with this status.",
)
@choice_options
@click.option("--area", metavar="LEVEL:CODE", help="Only cases in this area.")
@click.option(
    "--edition",
    type=WholeRangeParam(1, None),
    help="By whose borders the area is meant; otherwise the one in force.",
)
@click.option("--unlocated", is_flag=True, help="Only cases without an area.")
@click.option("--limit", type=WholeRangeParam(1, 10_000), default=50, show_default=True)
@click.option(
    "--after", metavar="NO", help="Continue after this case, the last of the page before."
)
@json_option
@click.pass_obj
def list_(
    settings: Settings,
    /,
    status: str | None,
    area: str | None,
    edition: int | None,
    unlocated: bool,
    limit: int,
    after: str | None,
    as_json: bool,
    **choice: str | bool | None,
) -> None:
    """List cases, newest first, without personal data."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from gridmgmt.cli.cases.words import case_rows
    from gridmgmt.services.cases.questions import Asker, CaseQuestion, find
    from gridmgmt.store.cases.case_filter import filter_of
    from gridmgmt.store.cases.cases import list_cases

    given = replace(
        filter_of(chosen(choice, settings), settings.tz, datetime.now(UTC)),
        status=None if status is None else CaseStatus(status),
        unlocated=unlocated,
    )
    place = None if area is None else _level_and_code(area)
    with work(settings, commit=None) as conn:
        wanted = find(conn, CaseQuestion(given, place, edition), Asker(settings.actor))
        found = list_cases(conn, wanted, limit=limit, after=after)
    columns, rows = case_rows(found, settings.tz)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    print_columns(columns, rows)
    # By key and not by offset: cases that come in meanwhile move no page (DECISIONS 23).
    if len(found) == limit:
        say(f"there may be more: --after {found[-1].given.case_no}")


def _level_and_code(area: str) -> tuple[str, str]:
    level, colon, code = area.partition(":")
    if not (level and colon and code):
        message = f"{area!r} is not LEVEL:CODE, for example street:330103001"
        raise InputError(field="area", message=message)
    return level, code
