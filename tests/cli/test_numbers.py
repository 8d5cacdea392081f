from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from click.types import FloatParamType, IntParamType

from gridmgmt.cli import program
from gridmgmt.cli.numbers import DecimalParam, DecimalRangeParam, WholeParam, WholeRangeParam

OURS = (WholeParam, WholeRangeParam, DecimalParam, DecimalRangeParam)


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    yield from command.params
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            under = command.get_command(context, name)
            assert under is not None
            yield from parameters(under)


def test_every_number_on_the_command_line_has_one_reader() -> None:
    numbers = [
        one
        for one in parameters(program)
        if isinstance(one.type, (IntParamType, FloatParamType))
    ]
    assert len(numbers) > 15
    assert [one.name for one in numbers if not isinstance(one.type, OURS)] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (WholeParam(), "1_000"),
        (WholeParam(), "１２"),
        (WholeRangeParam(0), "1_0"),
        (WholeRangeParam(0), "5.0"),
        (DecimalParam(), "nan"),
        (DecimalParam(), "1_20.105"),
        (DecimalRangeParam(min=0), "nan"),
        (DecimalRangeParam(min=0), "inf"),
        (DecimalRangeParam(min=0), "1e400"),
        (DecimalRangeParam(min=0), "３"),
    ],
)
def test_other_texts_are_refused(kind: click.ParamType[float], text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a"):
        kind.convert(text, None, None)


def test_numbers_are_read() -> None:
    assert WholeParam().convert("-12", None, None) == -12
    assert WholeRangeParam(0, 5).convert("5", None, None) == 5
    assert DecimalParam().convert("1.5e2", None, None) == 150
    assert DecimalRangeParam(min=0).convert("0.5", None, None) == 0.5
    with pytest.raises(click.BadParameter, match="range"):
        WholeRangeParam(0, 5).convert("6", None, None)
    with pytest.raises(click.BadParameter, match="range"):
        DecimalRangeParam(min=0).convert("-1", None, None)


def test_a_tolerance_that_is_no_number_is_a_wrong_argument() -> None:
    asked = ["draft", "check", "d", "--tolerance-m2", "nan"]
    outcome = CliRunner().invoke(program, asked)
    assert outcome.exit_code == 2
    assert "'nan' is not a number" in outcome.output
