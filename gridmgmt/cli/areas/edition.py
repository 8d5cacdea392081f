"""``gridmgmt edition``: published states of all areas."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.areas.publications import publish_draft, tolerance_option
from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.days import DayParam
from gridmgmt.cli.numbers import WholeParam
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.moments import shown
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.services.areas.editions import EditionDetails
    from gridmgmt.services.cases.edition_extensions import Extension


@click.group()
def edition() -> None:
    """List, show, compare, bring back, extend and withdraw editions."""


@edition.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List all editions by number, including withdrawn editions."""
    from gridmgmt.store.areas.editions import list_editions

    now = datetime.now(UTC)
    with work(settings, commit=None) as conn:
        # Withdrawn ones too: their numbers are never given again, and a gap would puzzle
        # people.
        found = list_editions(conn, withdrawn=True)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_columns(
        ("number", "label", "from", "until", "tolerance_m2", "published by", "state"),
        [
            (
                one.number,
                one.label,
                _local(settings, one.effective_from),
                _local(settings, one.in_force_until),
                one.tolerance_m2,
                one.published_by,
                _state(one, now),
            )
            for one in found
        ],
    )


def _local(settings: Settings, at: datetime | None) -> str | None:
    return None if at is None else shown(at, settings.tz)


def _state(one: Edition, now: datetime) -> str:
    if one.withdrawn_at is not None:
        return "withdrawn"
    # By the clock: an edition comes into force without anybody doing anything.
    if now < one.effective_from:
        return "not yet in force"
    if one.in_force_until is None or now < one.in_force_until:
        return "in force"
    return "ended"


@edition.command("show")
@click.argument("number", type=WholeParam())
@click.option("--lineage", is_flag=True, help="Also show where the changed areas went.")
@json_option
@click.pass_obj
def show(settings: Settings, number: int, lineage: bool, as_json: bool) -> None:
    """Show the dates and the tolerance of an edition, and its areas by level."""
    from gridmgmt.services.areas.editions import show as show_edition

    with work(settings, commit=None) as conn:
        found = show_edition(conn, number)
    if as_json:
        answer = {**asdict(found.edition), "levels": [asdict(one) for one in found.levels]}
        if lineage:
            answer["lineage"] = [
                {"level": one.level, **asdict(one.descent)} for one in found.lineage
            ]
        print_json(answer)
        return
    say(_described(settings, found.edition))
    print_columns(
        ("level", "areas", "area_km2"),
        [(one.level, one.areas, one.area_m2 / 1e6) for one in found.levels],
    )
    if lineage:
        click.echo("")
        print_columns(("level", "old", "new", "share", "overlap_m2"), _lineage_rows(found))


def _lineage_rows(found: "EditionDetails") -> list[tuple[object, ...]]:
    return [
        (
            one.level,
            one.descent.old_code,
            one.descent.new_code,
            f"{one.descent.share:.2%}",
            one.descent.overlap_m2,
        )
        for one in found.lineage
    ]


def _described(settings: Settings, one: Edition) -> str:
    published = (
        f"edition {one.number} ({one.label}), published {_local(settings, one.published_at)}"
        f" by {one.published_by} with a tolerance of {one.tolerance_m2:g} m²"
    )
    if one.withdrawn_at is not None:
        withdrawn = _local(settings, one.withdrawn_at)
        return f"{published}; withdrawn {withdrawn}, never in force"
    until = _local(settings, one.in_force_until) or "further notice"
    return f"{published}; in force from {_local(settings, one.effective_from)} until {until}"


@edition.command("diff")
@click.argument("first", type=WholeParam())
@click.argument("second", type=WholeParam())
@json_option
@click.pass_obj
def diff(settings: Settings, first: int, second: int, as_json: bool) -> None:
    """Compare two editions: which areas were added, dropped or changed, and their lineage."""
    from gridmgmt.geometry.coverage.problem import amount_text
    from gridmgmt.services.areas.editions import diff as diff_editions

    with work(settings, commit=None) as conn:
        levels = diff_editions(conn, first, second)
    if as_json:
        print_json({"first": first, "second": second, "levels": [asdict(o) for o in levels]})
        return
    for one in levels:
        click.echo(
            f"{one.level}: {len(one.added)} added, {len(one.dropped)} dropped,"
            f" {len(one.altered)} altered, {amount_text(one.moved_m2, 'm2')} moved"
        )
        click.echo("".join(f"  added {code}\n" for code in one.added), nl=False)
        click.echo("".join(f"  dropped {code}\n" for code in one.dropped), nl=False)
        for changed in one.altered:
            flags = {
                "geometry": changed.geometry,
                "name": changed.name,
                "parent": changed.parent,
                "attributes": changed.attributes,
            }
            what = ", ".join(name for name, is_so in flags.items() if is_so)
            click.echo(f"  altered {changed.code}: {what}")
        for went in one.descents:
            click.echo(
                f"  {went.old_code} -> {went.new_code or 'no area'}:"
                f" {amount_text(went.overlap_m2, 'm2')} ({_percent(went.share)})"
            )
    if not levels:
        say(f"editions {first} and {second} have the same areas")


def _percent(share: float) -> str:
    # 0.00% would say that no ground went there.
    return f"{share:.2%}" if share >= 0.0001 else "under 0.01%"


@edition.command("withdraw")
@click.argument("number", type=WholeParam())
@commit_option
@click.pass_obj
def withdraw(settings: Settings, number: int, commit: bool) -> None:
    """Withdraw the newest edition, if it is not in force yet. Its draft opens again."""
    from gridmgmt.services.drafts.withdrawing import withdraw as withdraw_edition

    with work(settings, commit=commit) as conn:
        done = withdraw_edition(conn, number, actor=settings.actor, tz=settings.tz)
        say(f"edition {number} withdrawn; its number is not used again")
        for label in done.reopened:
            say(f"draft {label!r} is open again")
        base = "nothing" if done.before is None else f"edition {done.before}"
        for row in done.rows.changes:
            say(f"{row.kind.said} {row.name} is again as it was before")
        for row in done.rows.kept:
            say(f"{row.kind.said} {row.name} was changed since and stays as it is")
        for label in done.moved:
            say(
                f"draft {label!r} was made on edition {number} and now rests on {base}; areas"
                f" that it changes keep what edition {number} had: look at them before you"
                " publish"
            )


@edition.command("revert")
@click.argument("number", type=WholeParam())
@click.option("--label", help="Of the draft; without it: back to edition NUMBER.")
@click.option(
    "--effective-from",
    metavar="DATE",
    help="Publish at once, in force from then; without it the draft stays open.",
)
@tolerance_option
@commit_option
@click.pass_obj
def revert(
    settings: Settings,
    number: int,
    label: str | None,
    effective_from: str | None,
    tolerance_m2: float,
    commit: bool,
) -> None:
    """Bring back the areas of an earlier edition: as a draft on the newest one, or published.

    Areas come back under their own codes, those made since are dropped. The checks and the
    review (GRIDMGMT_REVIEW) are those of any other draft.
    """
    from gridmgmt.services.drafts import reverting

    label = label or f"back to edition {number}"
    with work(settings, commit=commit) as conn:
        done = reverting.revert(conn, number, label, actor=settings.actor)
        say(
            f"draft {label!r} on top of edition {done.draft.base_edition} has the areas of"
            f" edition {number}: {done.added} added, {done.altered} altered,"
            f" {done.dropped} dropped"
        )
        if done.rows:
            say(
                f"note: duties, zones and the like stored with editions since: {done.rows}."
                " They stay; end them in the draft if they are to end with it"
            )
        if effective_from is None:
            say("it is not published yet: look at it, then `draft submit` or `draft publish`")
        else:
            publish_draft(conn, settings, label, effective_from, tolerance_m2=tolerance_m2)


@edition.command("extend")
@click.argument("number", type=WholeParam())
@click.option(
    "--from",
    "first_day",
    type=DayParam(),
    required=True,
    metavar="DAY",
    help="The earlier day on which it begins, such as 2019-01-01.",
)
@json_option
@commit_option
@click.pass_obj
def extend(
    settings: Settings, number: int, first_day: date, as_json: bool, commit: bool
) -> None:
    """Let the first edition begin earlier, and judge the cases that were reported before it.

    They are judged by its areas and by the duties of the day of their report. What a person
    decided about them stays.
    """
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.services.cases.edition_extensions import (
        ExtensionAsked,
        extend_first_edition,
    )

    start = datetime.combine(first_day, time(), settings.tz)
    asked = ExtensionAsked(
        number, start, settings.judging_rules, settings.actor, datetime.now(UTC)
    )
    with work(settings, commit=commit) as conn:
        with progress_bar() as progress:
            done = extend_first_edition(conn, asked, progress)
        if as_json:
            print_json(done.to_json())
        else:
            _tell_extended(settings, done)


def _tell_extended(settings: Settings, done: "Extension") -> None:
    one = done.edition
    new, old = (shown(at, settings.tz) for at in (done.effective_from, one.effective_from))
    say(f"edition {one.number} ({one.label}) in force from {new} instead of {old}")
    say(
        f"{done.judged:,} case(s) waited for it: {done.located:,} located,"
        f" {done.routed:,} with a responder"
    )
    if done.earlier:
        assert done.earliest is not None
        say(
            f"{done.earlier:,} case(s) were reported before that day too, the first on"
            f" {shown(done.earliest, settings.tz)}"
        )
