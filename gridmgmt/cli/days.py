"""Days as they are typed on the command line."""

from datetime import date
from typing import Any

import click

# Days that could be meant; others only end beyond all calendars.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


class Day(click.ParamType[date]):
    """A date as 2026-01-31."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Read the date, or say how to write one."""
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write 2026-01-31", param, ctx)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            self.fail(f"{value!r} is not between {_FIRST_YEAR} and {_LAST_YEAR}", param, ctx)
        return day
