from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.numerals import number_in_words

DIGITS = "零一二三四五六七八九"


def written(number: int) -> str:
    """Return a number from 1 to 199 as it is written in Chinese."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        # 十五, but 一百一十五.
        text += f"{DIGITS[tens] if tens > 1 or hundreds else ''}十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "")


@given(st.integers(1, 999))
def test_whole_numbers_are_read_as_they_are_written(number):
    assert number_in_words(written(number)) == number
    assert number_in_words(str(number)) == number


@given(st.integers(0, 99), st.text("零一二三四五六七八九", min_size=1, max_size=3))
def test_digits_behind_a_point_are_decimals(whole, behind):
    digits = "".join(str(DIGITS.index(one)) for one in behind)
    text = f"{written(whole) or '零'}点{behind}"
    assert number_in_words(text) == Fraction(f"{whole}.{digits}")


@pytest.mark.parametrize(
    ("text", "number"),
    [("两", 2), ("兩", 2), ("叁", 3), ("贰拾肆", 24), ("二〇", 20), ("零", 0), ("半", None)],
)
def test_other_writings_of_numerals(text, number):
    assert number_in_words(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "点",
        "点五",
        "一点",
        "十百",
        "百二",
        "一百二",
        "两三",
        "三五",
        "二十二十",
        "一.五",
        "1.",
        ".5",
        "-1",
        "１",
    ],
)
def test_what_is_no_number_is_none(text):
    assert number_in_words(text) is None
