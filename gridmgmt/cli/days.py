"""Dates on the command line."""

from datetime import UTC, date
from typing import Any

import click

from gridmgmt.domain.moments import read_day


class DayParam(click.ParamType[date]):
    """A date such as 2026-01-31."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Parse the date, or fail with a message that says why."""
        try:
            if isinstance(value, date):
                return value
            # ``obj`` are the settings: a day written as an instant is the bureau's.
            return read_day(value, UTC if ctx is None or ctx.obj is None else ctx.obj.tz)
        except ValueError as error:
            self.fail(str(error), param, ctx)
