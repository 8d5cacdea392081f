"""``gridmgmt case reroute``: route open cases by the edition in force."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.numbers import WholeParam
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.domain.judging.reroute import Fate, Reroute

_NOBODY = "(nobody)"


@click.command("reroute")
@click.option(
    "--edition", type=WholeParam(), required=True, help="Number of the edition in force."
)
@json_option
@commit_option
@click.pass_obj
def reroute(settings: Settings, edition: int, as_json: bool, commit: bool) -> None:
    """Route open cases again, by the edition in force.

    A case keeps its edition and area of the day it was reported. Its responder is found again,
    by the duties valid today. Cases that a person assigned, and bounced cases, do not change.
    """
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.services.judging.reroutes import RerouteAsked
    from gridmgmt.services.judging.reroutes import reroute as reroute_cases

    asked = RerouteAsked(edition, settings.judging_rules, settings.actor, datetime.now(UTC))
    with work(settings, commit=commit) as conn:
        with progress_bar() as progress:
            done = reroute_cases(conn, asked, progress)
        if as_json:
            print_json(done.to_json())
        else:
            _print(done)


def _print(done: "Reroute") -> None:
    print_columns(
        ("responder", "open before", "loses", "gains", "open after"),
        [(row.responder or _NOBODY, *row[1:]) for row in done.balances()],
    )
    click.echo("")
    print_columns(
        ("from", "to", "cases"),
        [(old or _NOBODY, new or _NOBODY, cases) for (old, new), cases in done.matrix()],
    )
    fates = ", ".join(
        f"{done.fates[fate]:,} {word}" for fate, word in _words().items() if done.fates[fate]
    )
    say(f"{done.open_cases:,} open case(s): {fates or 'none'}")
    if done.judged_again:
        say(
            f"{done.judged_again:,} of them stood under another edition although"
            f" {done.edition} was in force when they were reported: judged again in full"
        )


def _words() -> "dict[Fate, str]":
    from gridmgmt.domain.judging.reroute import Fate

    return {
        Fate.UNCHANGED: "unchanged",
        Fate.MOVED: "to another responder",
        Fate.OWNED: "newly owned",
        Fate.UNOWNED: "newly without an owner",
        Fate.WAITS_OTHERWISE: "waiting for another reason",
        # What a person decided outlives every rule (DECISIONS 36).
        Fate.ASSIGNED: "left alone: given to somebody by hand",
        Fate.BOUNCED: "left alone: bounced",
    }
