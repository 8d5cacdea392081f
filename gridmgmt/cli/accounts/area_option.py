"""The option that limits something to one area."""

from collections.abc import Callable
from typing import Any

import click


def area_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option ``--area LEVEL:CODE``, parsed into level and code."""
    return click.option("--area", callback=_read, metavar="LEVEL:CODE", help=help_text)


def _read(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[str, str] | None:
    if value is None:
        return None
    # The first colon separates, since a code may have one itself.
    level, colon, code = value.partition(":")
    if not (level and colon and code):
        message = f"write LEVEL:CODE, like street:330106001, not {value!r}"
        raise click.BadParameter(message)
    return level, code
