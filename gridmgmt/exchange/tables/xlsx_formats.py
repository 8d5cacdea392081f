"""Number formats of XLSX cells: which numbers are moments, and which show more than a number.

A number is shown by the first section of its format whose condition it meets:

========================  ===========  =======================
format                    stored       read as
========================  ===========  =======================
General, 0, #,##0.00, 0%  1234.5       the stored number
¥0, 0"元", 0"㎡"          12           the stored number
000                       1            001
"ZJ-"000, 00-00           7, 801       ZJ-007, 08-01
yyyy"年"m"月", id 27      46082        a moment
[h]:mm                    1.5          36:00:00, a duration
========================  ===========  =======================
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

# The formats that a file names by number alone. East Asian Excel has 27 to 36 and 50 to 58,
# Thai Excel 71 to 81: dates and times in every language that has them.
_MOMENT_IDS = frozenset(
    (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59), *range(71, 82))
)
_DURATION_ID = 46

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<blank>.)
    | \*(?P<fill>.?)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<number>General|Standard|G/通用格式|G/標準|[.,%/@]|E[+-])
    | (?P<moment>AM/PM|A/P|上午/下午|[ymdhsbeg]|a{3,4})
    | (?P<digit>[0#?])
    | (?P<end>;)
    | (?P<plain>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_HOLDS = {
    "<": float.__lt__,
    "<=": float.__le__,
    ">": float.__gt__,
    ">=": float.__ge__,
    "=": float.__eq__,
    "<>": float.__ne__,
}
# Words beside a number that say what is counted or measured: the number is what was written.
_MEASURES = frozenset(
    [
        "元",
        "万元",
        "亿元",
        "角",
        "分",
        "rmb",
        "cny",
        "usd",
        "hkd",
        "eur",
        "㎡",
        "m²",
        "m2",
        "m",
        "米",
        "平方米",
        "平米",
        "km",
        "公里",
        "千米",
        "cm",
        "mm",
        "亩",
        "公顷",
        "ha",
        "kg",
        "千克",
        "公斤",
        "吨",
        "t",
        "人",
        "户",
        "家",
        "件",
        "个",
        "次",
        "处",
        "起",
        "宗",
        "条",
        "座",
        "台",
        "辆",
        "棵",
        "株",
        "年",
        "月",
        "天",
        "日",
        "小时",
        "时",
        "分钟",
        "秒",
        "h",
        "min",
        "s",
        "倍",
        "度",
        "°",
        "°c",
        "℃",
    ]
)


class Kind(Enum):
    """What a section makes of a number."""

    NUMBER = "number"
    MOMENT = "moment"
    DURATION = "duration"
    TEXT = "text"


@dataclass(frozen=True)
class _Section:
    """One section: its kind, its condition, and its literals (str) and digits (one of 0#?)."""

    kind: Kind
    condition: tuple[str, float] | None = None
    parts: tuple[tuple[bool, str], ...] = ()

    def covers(self, value: float) -> bool:
        """Return whether the stated condition holds; True without one."""
        return self.condition is None or _HOLDS[self.condition[0]](value, self.condition[1])


@dataclass(frozen=True)
class NumberFormat:
    """The format of a cell, from its code or from the number of a built-in one."""

    code: str
    number: int = 0

    @cached_property
    def _sections(self) -> Sequence[_Section]:
        if self.code:
            return list(_sections(self.code)) or [_Section(Kind.NUMBER)]
        if self.number == _DURATION_ID:
            return [_Section(Kind.DURATION)]
        return [_Section(Kind.MOMENT if self.number in _MOMENT_IDS else Kind.NUMBER)]

    @cached_property
    def is_plain(self) -> bool:
        """Return whether every number stays the stored number."""
        return all(section.kind is Kind.NUMBER for section in self._sections)

    def kind(self, value: float) -> Kind:
        """Return what the format makes of a number."""
        return self._section(float(value)).kind

    def text(self, value: int) -> str:
        """Return what a cell shows for a whole number.

        Examples
        --------
        >>> NumberFormat("000").text(1), NumberFormat('"ZJ-"000').text(7)
        ('001', 'ZJ-007')
        >>> NumberFormat("00-00").text(801), NumberFormat("000").text(-5)
        ('08-01', '-005')
        """
        section = self._section(float(value))
        places = sum(is_digit for is_digit, _ in section.parts)
        digits = str(abs(value)) if value else ""
        beyond, digits = digits[: max(len(digits) - places, 0)], digits[-places:]
        padded = digits.rjust(places)
        shown = []
        for is_digit, text in section.parts:
            if not is_digit:
                shown.append(text)
                continue
            digit, padded = padded[0], padded[1:]
            shown.append(beyond + (digit if digit != " " else "0" if text == "0" else ""))
            beyond = ""
        # A section for negative numbers writes its own sign.
        is_signed = value < 0 and section is self._sections[0] and section.condition is None
        return "-" * is_signed + "".join(shown)

    def _section(self, value: float) -> _Section:
        sections = self._sections[:3]
        if any(section.condition for section in sections):
            stated = [one for one in sections if one.condition and one.covers(value)]
            others = [one for one in sections if not one.condition]
            return (stated or others or sections)[0]
        if value < 0 and len(sections) > 1:
            return sections[1]
        return sections[2] if value == 0 and len(sections) > 2 else sections[0]


def _sections(code: str) -> Iterator[_Section]:
    # One more end closes the last section.
    tokens = [
        (found.lastgroup or "", found[found.lastgroup or 0]) for found in _TOKEN.finditer(code)
    ]
    section: list[tuple[str, str]] = []
    for token in (*tokens, ("end", ";")):
        if token[0] == "end":
            yield _section(section)
            section = []
        else:
            section.append(token)


def _section(tokens: Sequence[tuple[str, str]]) -> _Section:
    brackets = [text for kind, text in tokens if kind == "bracket"]
    stated = next((found for text in brackets if (found := _CONDITION.fullmatch(text))), None)
    condition = (stated[1], float(stated[2])) if stated else None
    if any(re.fullmatch("h+|m+|s+", text, re.IGNORECASE) for text in brackets):
        return _Section(Kind.DURATION, condition)
    if any(kind == "moment" for kind, _ in tokens):
        return _Section(Kind.MOMENT, condition)
    # Chinese numerals (DBNum) stand for the number, as currencies do.
    is_number = any(kind == "number" for kind, _ in tokens)
    if is_number or any(text.startswith(("DBNum", "$")) for text in brackets):
        return _Section(Kind.NUMBER, condition)
    parts = tuple(
        (kind == "digit", " " if kind == "blank" else text)
        for kind, text in tokens
        if kind in ("digit", "quoted", "escaped", "blank", "plain")
    )
    kind = Kind.TEXT if _shows_more(parts) else Kind.NUMBER
    return _Section(kind, condition, parts)


def _shows_more(parts: Sequence[tuple[bool, str]]) -> bool:
    """Return whether digits and literals show more than the number and what it measures."""
    digits = [i for i, (is_digit, _) in enumerate(parts) if is_digit]
    if not digits:
        return False
    if sum(parts[i][1] == "0" for i in digits) > 1:
        return True
    first, last = digits[0], digits[-1]
    between = "".join(text for is_digit, text in parts[first:last] if not is_digit)
    before = "".join(text for _, text in parts[:first])
    after = "".join(text for _, text in parts[last + 1 :])
    return bool(between.strip()) or _is_name(before) or _is_name(after)


def _is_name(literal: str) -> bool:
    """Return whether a literal is more than a sign, a currency or a measure."""
    text = literal.strip().casefold()
    return text not in _MEASURES and any(
        unicodedata.category(letter) != "Sc" and letter not in "()+- " for letter in text
    )
