"""``gridmgmt display``: wall screens, which show figures and the map without a login."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.accounts.area_option import area_option
from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.numbers import WholeParam
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.domain.accounts.display import Display


@click.group()
def display() -> None:
    """Make, list and revoke wall screens."""


@display.command()
@click.argument("name")
@area_option("Limit the screen to an area.")
@commit_option
@click.pass_obj
def create(settings: Settings, name: str, area: tuple[str, str] | None, commit: bool) -> None:
    """Make a wall screen and print its link. The link is shown only once."""
    from datetime import UTC, datetime

    from gridmgmt.services.accounts import displays

    with work(settings, commit=commit) as conn:
        now = datetime.now(UTC)
        made = displays.create(conn, name, area=area, actor=settings.actor, now=now)
        say(f"wall screen {made.display.id}: {made.display.name}")
    # After a dry run the link would open nothing. Only its path is printed: this command does
    # not know under which name browsers reach the pages.
    if commit:
        say("open this address of the pages on the screen; it opens once, within 24 hours:")
        click.echo(f"/display/{made.secret}")


@display.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List the wall screens, newest first, revoked screens last."""
    from gridmgmt.store.accounts.displays import list_displays

    with work(settings, commit=None) as conn:
        rows = [_plain(one) for one in list_displays(conn)]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "name", "area", "created_by", "last_used_at", "revoked_at")
    print_columns(columns, [[row[column] for column in columns] for row in rows])


@display.command()
@click.argument("number", type=WholeParam())
@commit_option
@click.pass_obj
def revoke(settings: Settings, number: int, commit: bool) -> None:
    """Revoke the wall screen NUMBER, so that it shows nothing any more."""
    from datetime import UTC, datetime

    from gridmgmt.services.accounts import displays

    with work(settings, commit=commit) as conn:
        now = datetime.now(UTC)
        revoked = displays.revoke(conn, number, actor=settings.actor, now=now)
        say(f"wall screen {revoked.id}: {revoked.name} shows nothing any more")


def _plain(one: "Display") -> dict[str, object]:
    return {**asdict(one), "area": None if one.area is None else ":".join(one.area)}
