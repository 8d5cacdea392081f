"""Take the platform's data away as files that other programs read."""

import click


@click.group()
def export() -> None:
    """Take areas and cases away as files that other programs read."""
