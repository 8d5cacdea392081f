"""The option that says whose version stands where two sides changed the same."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gridmgmt.geometry.merging.divergence import Take

take_option = click.option(
    "--take",
    type=click.Choice(["mine", "theirs"]),
    help="What stands where both changed the same: the draft's or file's own, or the other.",
)


def taken(take: str | None) -> "Take | None":
    """Return whose version stands, None where nothing was said."""
    from gridmgmt.geometry.merging.divergence import Take

    return None if take is None else Take(take)
