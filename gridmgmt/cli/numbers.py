"""Numbers on the command line: digits 0 to 9, as in files and on pages."""

import re
from typing import Any

import click
from click.types import FloatParamType, IntParamType

from gridmgmt.domain.numbers import number_of

# Python's int() also reads 1_000 and the digits of every script.
_WHOLE = re.compile(r"[+-]?[0-9]+")

_Parameter = click.Parameter | None
_Context = click.Context | None


class _WholeText(click.ParamType[Any]):
    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> Any:
        if isinstance(value, str) and not _WHOLE.fullmatch(value):
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        return super().convert(value, param, ctx)


class _DecimalText(click.ParamType[Any]):
    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> Any:
        # Only NaN is not equal to itself.
        if isinstance(value, str) and number_of(value) != number_of(value):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return super().convert(value, param, ctx)


class WholeParam(_WholeText, IntParamType):
    """A whole number."""


class WholeRangeParam(_WholeText, click.IntRange):
    """A whole number between two others, both included."""


class DecimalParam(_DecimalText, FloatParamType):
    """A number."""


class DecimalRangeParam(_DecimalText, click.FloatRange):
    """A number between two others."""
