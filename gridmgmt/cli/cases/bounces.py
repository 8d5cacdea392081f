"""``gridmgmt case bounces``: what bounced cases show about borders and duties."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.days import DayParam
from gridmgmt.cli.numbers import DecimalParam
from gridmgmt.cli.work import json_option, print_json, say, work
from gridmgmt.domain.period import Period, in_order
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from collections import Counter

    from gridmgmt.domain.judging.bounces import BounceGroup
    from gridmgmt.services.cases.bounces import BouncesFound

_WAITS = "(waits)"


@click.command("bounces")
@click.option("--since", type=DayParam(), metavar="DAY", help="First day of the period.")
@click.option(
    "--until", type=DayParam(), metavar="DAY", help="Last day of the period, included."
)
@click.option(
    "--border-m",
    type=DecimalParam(),
    default=30.0,
    show_default=True,
    help="Largest distance of a case from a border that it lies at, metres.",
)
@click.option("--level", help="Group matters by areas of this level; default: streets.")
@json_option
@click.pass_obj
def bounces(
    settings: Settings,
    since: date | None,
    until: date | None,
    border_m: float,
    level: str | None,
    as_json: bool,
) -> None:
    """Report bounced cases by border, and by area and category.

    Each group shows who bounced the cases and who has them now. If more than half went the same
    way, the report names the border or duty to check. Groups of fewer than three cases are
    listed separately.
    """
    from gridmgmt.services.cases.bounces import BouncesAsked, find_bounces

    if since and until:
        in_order(since, until, field="since")
    asked = BouncesAsked(
        rules=settings.judging_rules,
        # Whole days of the bureau; the last one counts to its end.
        since=None if since is None else Period(since, since, settings.tz).begin,
        until=None if until is None else Period(until, until, settings.tz).end,
        reach_m=border_m,
        level=level,
    )
    with work(settings, commit=None) as conn:
        found = find_bounces(conn, asked)
    if as_json:
        print_json(bounces_json(found))
        return
    _print(found)


def bounces_json(found: "BouncesFound") -> dict[str, Any]:
    """Return a report of bounces as JSON values."""
    report = found.report
    return {
        "bounces": report.bounces,
        "cases": report.cases,
        "level": found.level,
        "borders": [_group_json(one) for one in report.borders],
        "matters": [_group_json(one) for one in report.matters],
    }


def _group_json(group: "BounceGroup") -> dict[str, Any]:
    proposal = group.proposal
    return {
        **group.key._asdict(),
        "cases": group.cases,
        "bounced_by": dict(group.bounced_by),
        "ended_with": [
            {"responder": code, "cases": n} for code, n in group.ended_with.most_common()
        ],
        "at_borders": group.at_borders,
        "case_nos": list(group.case_nos),
        "proposal": None
        if proposal is None
        else {
            "look": proposal.look,
            "moved": proposal.moved,
            "cases": proposal.cases,
            "from": proposal.by,
            "to": proposal.ended_with,
            "duties": list(proposal.duties),
        },
    }


def _print(found: "BouncesFound") -> None:
    report = found.report
    columns = ("cases", "bounced by", "ended with", "share")
    for heading, groups in (("border", report.borders), ("matter", report.matters)):
        # Small groups are shown apart: so few cases may be chance.
        large = [one for one in groups if not one.is_small]
        print_columns((heading, *columns), [_row(one) for one in large])
        click.echo("")
    small = [one for one in (*report.borders, *report.matters) if one.is_small]
    if small:
        print_columns(("fewer than three", *columns), [_row(one) for one in small])
        click.echo("")
    for group in (*report.borders, *report.matters):
        # Borders first: a case that a border explains says nothing about a duty.
        if group.proposal is not None:
            click.echo(_sentence(group, found))
    say(f"{report.bounces:,} bounce(s) of {report.cases:,} case(s)")


def _row(group: "BounceGroup") -> tuple[object, ...]:
    leading = group.leading
    share = None if leading is None else f"{leading[1]}/{group.cases}"
    return (
        " | ".join(code or "(none)" for code in group.key),
        group.cases,
        _counted(group.bounced_by),
        _counted(group.ended_with),
        share,
    )


def _counted(counts: "Counter[Any]") -> str:
    return ", ".join(f"{code or _WAITS} {n}" for code, n in counts.most_common())


def _sentence(group: "BounceGroup", found: "BouncesFound") -> str:
    proposal = group.proposal
    assert proposal is not None
    some = f"{proposal.moved} of {proposal.cases}"
    if proposal.by is None or proposal.ended_with is None:
        border = " | ".join(str(code) for code in group.key)
        return (
            f"{some} cases bounced at the border {border} ended with who answers on the other"
            " side: look at this border"
        )
    area, category = group.key
    what = found.categories.get(category, category)
    where = "no area" if area is None else found.areas.get(area, area)
    who, to = (found.responders.get(code, code) for code in (proposal.by, proposal.ended_with))
    told = f"{some} “{what}” in {where} went from {who} to {to}: "
    if not proposal.duties:
        return f"{told}no duty gave them to {who}, so give {to} one"
    letters = [_duty(duty, found) for duty in proposal.duties]
    return f"{told}look at duty {', '.join(letters)}"


def _duty(duty: int, found: "BouncesFound") -> str:
    letter = found.letters.get(duty)
    # People know a duty by its letter, the program by its number.
    return f"{duty}" if letter is None else f"{duty} (letter {letter})"
