"""``gridmgmt map``: the fixed classes of density on the map."""

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.domain.moments import shown
from gridmgmt.settings import Settings


@click.group("map")
def map_() -> None:
    """List the fixed classes of density on the map, and make them anew.

    They are made when a map is opened, from the twelve full months before its first day, and
    stored, so that maps of different periods can be compared. Cases that come in late for these
    months do not move them; an administrator does.
    """


@map_.command("breaks")
@json_option
@click.pass_obj
def breaks(settings: Settings, as_json: bool) -> None:
    """List the stored limits between classes: cases per km² per 30 days."""
    from gridmgmt.store.situation.density_breaks import list_breaks

    with work(settings, commit=None) as conn:
        stored = list_breaks(conn)
    if as_json:
        print_json(
            [
                {
                    "edition": one.key.edition,
                    "level": one.key.level,
                    "bandwidth_m": one.key.bandwidth_m,
                    "category": one.key.category,
                    "first_month": one.key.first_month,
                    "months": one.months,
                    "cases": one.cases,
                    "breaks": list(one.breaks),
                    "made_at": one.made_at,
                }
                for one in stored
            ]
        )
        return
    print_columns(
        (
            "edition",
            "level",
            "category",
            "12 months from",
            "with cases",
            "cases",
            "limits",
            "made",
        ),
        [
            (
                str(one.key.edition),
                one.key.level or f"surface, {one.key.bandwidth_m:g} m",
                one.key.category or "all",
                f"{one.key.first_month:%Y-%m}",
                one.months,
                one.cases,
                _limits(one.breaks),
                shown(one.made_at, settings.tz),
            )
            for one in stored
        ],
    )


@map_.command("renew-breaks")
@commit_option
@click.pass_obj
def renew_breaks(settings: Settings, commit: bool) -> None:
    """Make all stored limits anew from the cases there are now.

    Do so after cases of past months were imported or corrected: colours of maps that people
    saw before mean something else afterwards.
    """
    from datetime import UTC, datetime

    from gridmgmt.services.situation import breaks_renewal

    with work(settings, commit=commit) as conn:
        renewed = breaks_renewal.renew_breaks(conn, tz=settings.tz, now=datetime.now(UTC))
        for one in renewed:
            if one.changed:
                key = one.before.key
                after = "none any more" if one.after is None else _limits(one.after.breaks)
                click.echo(
                    f"edition {key.edition}, {key.level or 'surface'},"
                    f" {key.category or 'all categories'}, from {key.first_month:%Y-%m}:"
                    f" {_limits(one.before.breaks)} -> {after}"
                )
        changed = sum(one.changed for one in renewed)
        say(f"limits of classes: {changed} of {len(renewed)} changed")


def _limits(breaks: tuple[float, ...]) -> str:
    return " ".join(f"{one:g}" for one in breaks) or "one class"
