"""Dates on the command line."""

from datetime import date
from typing import Any

import click

from gridmgmt.domain.moments import EARLIEST_YEAR, LATEST_YEAR


class DayParam(click.ParamType[date]):
    """A date such as 2026-01-31."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Parse the date, or fail with a message that shows the format."""
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write 2026-01-31", param, ctx)
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            self.fail(f"{value!r} is not between {EARLIEST_YEAR} and {LATEST_YEAR}", param, ctx)
        return day
