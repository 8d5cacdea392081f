"""``gridmgmt case default``: coordinates that a geocoder gives for addresses it cannot find."""

from dataclasses import asdict

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.domain.cases.default_position import read_lonlat, written
from gridmgmt.domain.moments import shown
from gridmgmt.settings import Settings

# A western longitude begins with a minus, which is no option.
_position = click.argument("position", metavar="LON,LAT")
_MINUS = {"ignore_unknown_options": True}


@click.group("default")
def default() -> None:
    """List, accept and withdraw default coordinates.

    A geocoder that does not find an address often answers with one and the same coordinate. The
    report of an import proposes such coordinates. Cases at an accepted one stay located and
    routed; they are marked, and counts by area, the density and the search for duplicates leave
    them out.
    """


@default.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List the accepted default coordinates with the number of their cases."""
    from gridmgmt.services.cases.default_positions import list_accepted

    with work(settings, commit=None) as conn:
        found = list_accepted(conn)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_columns(
        ("coordinate", "cases", "accepted by", "at"),
        [
            (
                written((one.lon, one.lat)),
                one.cases,
                one.accepted_by,
                shown(one.accepted_at, settings.tz),
            )
            for one in found
        ],
    )


@default.command("accept", context_settings=_MINUS)
@_position
@commit_option
@click.pass_obj
def accept(settings: Settings, position: str, commit: bool) -> None:
    """Accept a coordinate (degrees, EPSG:4326, all digits) and mark the cases there."""
    from gridmgmt.services.cases import default_positions

    lonlat = read_lonlat(position)
    with work(settings, commit=commit) as conn:
        marked = default_positions.accept(conn, lonlat, actor=settings.actor)
        say(f"default coordinate {written(lonlat)}: {marked:,} stored case(s) newly marked")


@default.command("withdraw", context_settings=_MINUS)
@_position
@commit_option
@click.pass_obj
def withdraw(settings: Settings, position: str, commit: bool) -> None:
    """Withdraw an accepted coordinate and take the mark from the cases there."""
    from gridmgmt.services.cases import default_positions

    lonlat = read_lonlat(position)
    with work(settings, commit=commit) as conn:
        unmarked = default_positions.withdraw(conn, lonlat, actor=settings.actor)
        say(f"no default coordinate any more: {written(lonlat)}, {unmarked:,} case(s)")
