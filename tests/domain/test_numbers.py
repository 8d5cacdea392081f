import math

import pytest

from gridmgmt.domain.numbers import (
    count,
    degrees_or_metres,
    no_number,
    number,
    number_of,
    numbers,
)

NOT_NUMBERS = [
    "",
    "x",
    "1_20.105",
    "1_000",
    "nan",
    "inf",
    "-Infinity",
    "1e400",
    "-1e400",
    "１２.5",
    "١٢",
    "1,5",
    "1 000",
    "0x10",
    "--1",
    "1.2.3",
    "1e",
    ".",
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-0.5", -0.5),
        ("+3.", 3),
        (".5", 0.5),
        ("1.5E-05", 1.5e-5),
        ("1e3", 1000),
        (" 7 ", 7),
    ],
)
def test_numbers_are_digits_a_point_a_sign_and_an_exponent(text, value):
    assert number_of(text) == value
    assert numbers([text.strip(), None], -1e9, 1e9) == [value, None]
    assert numbers([text.strip()], value, value + 1) == [value]
    assert no_number([text.strip()]) is None


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_other_texts_are_no_numbers(text):
    assert math.isnan(number_of(text))
    assert numbers(["1", text], -1e308, math.inf) is None
    for read in (number, degrees_or_metres, count):
        with pytest.raises(ValueError, match="is no"):
            read(text)
