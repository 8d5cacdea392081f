"""Numbers in Chinese numerals: 二十四, 一点五, 二〇."""

import re
from fractions import Fraction

_DIGITS = dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True))
_DIGITS |= dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)) | {"两": 2, "兩": 2}
# All numerals, for the class of a pattern.
NUMERALS = "".join((*_DIGITS, *"十拾百佰"))

_ONE = "".join(letter for letter, value in _DIGITS.items() if value)
# 二十四, 十五, 一百, 一百零五, 一百一十; a single digit behind 百 has 零 before it.
_TENS_AND_ONES = re.compile(
    rf"(?:(?P<hundreds>[{_ONE}])[百佰])?"
    rf"(?:(?:(?P<tens>[{_ONE}]?)(?P<ten>[十拾])(?P<ones>[{_ONE}]?))|(?<=[百佰])[零〇](?P<one>[{_ONE}]))?"
)


def number_in_words(text: str) -> Fraction | None:
    """Return a number in Chinese numerals or in digits 0 to 9 with a point, None for others.

    一百二 is none: people say it for 120, and write it for 102; so is 两三, two or three.

    Examples
    --------
    >>> [str(number_in_words(text)) for text in ("1.5", "二十四", "一百零五", "一点五", "二〇")]
    ['3/2', '24', '105', '3/2', '20']
    >>> number_in_words("十百"), number_in_words("一百二"), number_in_words("")
    (None, None, None)
    """
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return Fraction(text)
    whole, point, behind = text.partition("点")
    value = _whole(whole)
    if value is None or not _are_digits(behind) or (point and not behind):
        return None
    digits = "".join(str(_DIGITS[letter]) for letter in behind)
    return value + Fraction(int(digits or 0), 10 ** len(digits))


def _are_digits(text: str) -> bool:
    return all(letter in _DIGITS for letter in text)


def _whole(text: str) -> Fraction | None:
    if text and _are_digits(text):
        # Several digits without tens are written like a year: 二〇 is 20. But 三五 and 两三 say
        # "three to five", "two or three".
        if len(text) > 1 and not set(text) & set("〇零"):
            return None
        return Fraction(int("".join(str(_DIGITS[letter]) for letter in text)))
    found = _TENS_AND_ONES.fullmatch(text)
    if text == "" or found is None:
        return None
    hundreds, tens, ones = found["hundreds"], found["tens"], found["ones"] or found["one"]
    value = 100 * _DIGITS.get(hundreds or "", 0)
    if found["ten"]:
        value += 10 * _DIGITS.get(tens or "", 1)
    return Fraction(value + _DIGITS.get(ones or "", 0))
