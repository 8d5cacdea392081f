"""``gridmgmt case duplicates``: open cases that may be about the same matter."""

from dataclasses import asdict
from datetime import date

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.days import DayParam
from gridmgmt.cli.work import json_option, print_json, say, work
from gridmgmt.domain.period import Period
from gridmgmt.settings import Settings


@click.command("duplicates")
@click.option(
    "--since",
    type=DayParam(),
    metavar="DAY",
    help="Compare only cases reported on this day or later with earlier ones.",
)
@json_option
@click.pass_obj
def duplicates(settings: Settings, since: date | None, as_json: bool) -> None:
    """List open cases that may be about the same matter as an earlier case.

    Two cases may be the same if they have the same minor class and are near in space and time:
    GRIDMGMT_DUPLICATE_M and GRIDMGMT_DUPLICATE_HOURS. Nothing is merged.
    """
    from gridmgmt.domain.cases.duplicates import DuplicateRule
    from gridmgmt.services.cases.duplicates import find_duplicates

    # Only hints: of those found among the cases of Chicago, its office had marked 28 %
    # (DECISIONS 35).
    rule = DuplicateRule(settings.duplicate_m, settings.duplicate_hours)
    first = None if since is None else Period(since, since, settings.tz).begin
    with work(settings, commit=None) as conn:
        found = find_duplicates(conn, rule, since=first)
    if as_json:
        pairs = [asdict(one) for one in found.pairs]
        print_json(
            {"rule": asdict(rule), "open": found.open, "pairs": pairs, "groups": found.groups}
        )
        return
    print_columns(
        ("case_no", "may be", "metres", "hours before", "category"),
        [
            (one.of, one.case_no, f"{one.metres:.1f}", f"{-one.hours:.1f}", one.category)
            for one in found.pairs
        ],
    )
    say(
        f"{found.open:,} open cases looked at: {len(found.pairs):,} pairs in"
        f" {len(found.groups):,} groups, of one minor class within {rule.metres:g} m and"
        f" {rule.hours:g} h"
    )
