"""``gridmgmt draft impact``: what a draft would change for cases, responders and duties."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.numbers import WholeParam
from gridmgmt.cli.work import json_option, print_json, say, work
from gridmgmt.domain.moments import shown
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmgmt.services.workbench.impact_balances import LostAndGained
    from gridmgmt.services.workbench.impact_places import MovedPlace
    from gridmgmt.services.workbench.impact_result import Impact
    from gridmgmt.services.workbench.impact_streets import StreetRates

_MOST = 20


@click.command("impact")
@click.argument("label")
@click.option(
    "--limit",
    type=WholeParam(),
    default=_MOST,
    show_default=True,
    metavar="N",
    help="List this many of the open cases; their number is always told.",
)
@json_option
@click.pass_obj
def impact(settings: Settings, label: str, limit: int, as_json: bool) -> None:
    """Show what a draft would change, compared with the edition on which it rests.

    Open cases that would go to somebody else by the duties of today and those of the draft;
    ground, roads, components and cases of a year that responders lose and gain; duties and
    areas that lose each other; structures and zones that change streets; how the streets
    would have kept the deadlines of a year. Nothing is changed.
    """
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.services.workbench.impact import DraftImpact
    from gridmgmt.services.workbench.impact_cases import ImpactAsked

    asked = ImpactAsked(settings.judging_rules, datetime.now(UTC))
    with work(settings, commit=None) as conn, progress_bar() as progress:
        found = DraftImpact(conn, label, asked).measured(progress)
    found = found.page(most=limit)
    if as_json:
        print_json(found.to_json())
        return
    _print_cases(found)
    _print_responders(found)
    _print_duties(found)
    _print_places("demolition", found.demolitions)
    _print_places("zone", found.zones)
    _print_streets(found.streets)
    _tell(settings, found)


def _tell(settings: Settings, found: "Impact") -> None:
    base = "nothing" if found.base_edition is None else f"edition {found.base_edition}"
    say(
        f"draft {found.draft!r} on top of {base}: {found.leaf_areas:,} leaf area(s) touched,"
        f" {found.judged:,} case(s) judged again by the duties of"
        f" {shown(found.now, settings.tz)[:10]}"
    )
    say(
        f"{found.moving:,} open case(s) would change their disposer"
        f" ({len(found.cases):,} listed); {found.held:,} more stay, since a person decided who"
        " has them"
    )
    if found.other_streets:
        say(f"the counts of {found.other_streets:,} other street(s) stay as they are")


def _print_cases(found: "Impact") -> None:
    _section(
        "open cases that change their disposer",
        ("from", "to", "cases"),
        [(one.from_responder, one.to_responder, one.cases) for one in found.moves],
    )
    _section(
        "",
        ("case", "from", "to", "old area", "new area"),
        [
            (
                one.case_no,
                one.from_responder,
                one.to_responder,
                one.from_area,
                one.to_area,
            )
            for one in found.cases
        ],
    )


def _print_responders(found: "Impact") -> None:
    _section(
        "lost and gained by responder",
        ("responder", "role", "km2", "road_km", "components", "open cases", "cases a year"),
        [
            (
                one.responder,
                one.role,
                _change(one.km2, 3),
                _change(one.road_km, 2),
                _change(one.components),
                _change(one.open_cases),
                _change(one.year_cases),
            )
            for one in found.responders
        ],
    )


def _change(balance: "LostAndGained", places: int = 0) -> str:
    sides = (("-", balance.lost), ("+", balance.gained))
    return " ".join(f"{sign}{_amount(value, places)}" for sign, value in sides if value)


def _amount(value: float, places: int) -> str:
    # What is there and too little for these places is not told as nothing.
    least = 10.0**-places
    return f"{value:,.{places}f}" if value >= least / 2 else f"<{least:.{places}f}"


def _print_duties(found: "Impact") -> None:
    _section(
        "left without an area",
        ("kind", "number", "responder", "role", "level", "code", "proposed for"),
        [
            (
                one.kind,
                one.group or one.duty,
                one.responder,
                one.role,
                one.level,
                one.code,
                ", ".join(f"{heir.code} ({heir.share:.0%})" for heir in one.heirs) or None,
            )
            for one in found.left_duties
        ],
    )
    _section(
        "areas left without a duty",
        ("level", "code", "name", "came from", "categories uncovered", "proposed duties"),
        [
            (
                one.level,
                one.code,
                one.name,
                one.from_code,
                len(one.uncovered),
                ", ".join(map(str, one.duties)) or None,
            )
            for one in found.bare_areas
        ],
    )


def _print_places(noun: str, places: "Sequence[MovedPlace]") -> None:
    _section(
        f"{noun}s that change areas",
        (noun, "name", "areas", "new areas", "streets", "new streets"),
        [
            (
                one.code,
                one.name,
                *(
                    ", ".join(codes) or None
                    for codes in (
                        one.leaves_before,
                        one.leaves_after,
                        one.streets_before,
                        one.streets_after,
                    )
                ),
            )
            for one in places
        ],
    )


def _print_streets(streets: "Sequence[StreetRates]") -> None:
    _section(
        "on time within a year, by the present and the new borders",
        ("street", "name", "cases", "on time", "new cases", "new on time"),
        [
            (
                one.code,
                one.name,
                *(
                    value
                    for counts in (one.before, one.after)
                    for value in (
                        (None, None)
                        if counts is None
                        else (counts.cases, counts.on_time_rate.shown())
                    )
                ),
            )
            for one in streets
        ],
    )


def _section(title: str, headings: "Sequence[str]", rows: "Sequence[Sequence[object]]") -> None:
    if not rows:
        return
    if title:
        click.echo(f"{title}:")
    print_columns(headings, rows)
    click.echo("")
