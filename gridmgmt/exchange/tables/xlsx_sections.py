"""Sections of the number format of an XLSX cell: what they make of a number or a text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<blank>.)
    | \*(?P<fill>.?)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|Standard|G/通用格式|G/標準)
    | (?P<number>[%/]|E[+-])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<text>@)
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
# What shows the digits behind the point.
_FRACTIONS = ("point", "general")
# Words beside a number that say what is counted or measured: the number is what was written.
_MEASURES = frozenset(
    [
        "元",
        "元整",
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
class _Part:
    """A part of a section: what it is (a name of the tokens), and its text."""

    role: str
    text: str

    @property
    def is_literal(self) -> bool:
        """Return whether it is shown as it is written."""
        return self.role in ("literal", "currency")


@dataclass(frozen=True)
class FormatSection:
    """One section: its kind, its condition, and what it shows in order.

    ``least`` is how many digits it shows at least before the point.
    """

    kind: Kind
    condition: tuple[str, float] | None = None
    parts: tuple[_Part, ...] = ()
    least: int = 0
    is_grouped: bool = False
    is_named: bool = False

    def covers(self, value: float) -> bool:
        """Return whether the stated condition holds; True without one."""
        return self.condition is None or _HOLDS[self.condition[0]](value, self.condition[1])

    def kind_of(self, value: float) -> Kind:
        """Return what it makes of a number."""
        if self.kind is not Kind.TEXT:
            return self.kind
        # Without a point, digits would be rounded away.
        if not value.is_integer() and not any(one.role in _FRACTIONS for one in self.parts):
            return Kind.NUMBER
        # Thousands are the number itself unless zeros stand before it.
        is_full = len(_digits(value)[0]) >= self.least
        return Kind.NUMBER if self.is_grouped and is_full and not self.is_named else Kind.TEXT

    def text(self, value: float) -> str:
        """Return what it shows for a number without its sign; no digit is rounded away."""
        whole, fraction = _digits(value)
        point = next((k for k, one in enumerate(self.parts) if one.role == "point"), None)
        before, after = self.parts[:point], () if point is None else self.parts[point:]
        wholes = self._wholes(whole, sum(one.role == "digit" for one in before))
        places = [one.text for one in after if one.role == "digit"]
        zeros = max((k for k, text in enumerate(places, start=1) if text == "0"), default=0)
        fractions = _dealt(fraction.ljust(zeros, "0"), len(places))
        shown = []
        for one in before:
            if one.role == "general":
                shown.append(f".{fraction}" if fraction else "")
            else:
                shown.append(next(wholes) if one.role == "digit" else one.text)
        shown.extend(next(fractions) if one.role == "digit" else one.text for one in after)
        return "".join(shown)

    def _wholes(self, digits: str, places: int) -> Iterator[str]:
        """Yield what stands at every place before the point; the first has all beyond them."""
        padded = digits.zfill(self.least).rjust(places)
        one_each = [
            digit.strip() + "," * (self.is_grouped and digit != " " and right % 3 == 0 < right)
            for right, digit in zip(range(len(padded) - 1, -1, -1), padded, strict=True)
        ]
        beyond = len(padded) - places
        yield "".join(one_each[: beyond + 1])
        yield from one_each[beyond + 1 :]


def _digits(value: float) -> tuple[str, str]:
    """Return the digits before and after the point, without zeros that mean nothing."""
    whole, _, fraction = format(Decimal(repr(abs(value))), "f").partition(".")
    return whole.lstrip("0"), fraction.rstrip("0")


def _dealt(digits: str, places: int) -> Iterator[str]:
    """Yield a digit for every place; the last has all that follow, those behind have none."""
    for k in range(places):
        yield digits[k:] if k == places - 1 else digits[k : k + 1]


def sections_of(code: str) -> Iterator[FormatSection]:
    """Yield the sections of the code of a format."""
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


def _section(tokens: Sequence[tuple[str, str]]) -> FormatSection:
    brackets = [text for kind, text in tokens if kind == "bracket"]
    stated = next((found for text in brackets if (found := _CONDITION.fullmatch(text))), None)
    condition = (stated[1], float(stated[2])) if stated else None
    if any(re.fullmatch("h+|m+|s+", text, re.IGNORECASE) for text in brackets):
        return FormatSection(Kind.DURATION, condition)
    if any(kind == "moment" for kind, _ in tokens):
        return FormatSection(Kind.MOMENT, condition)
    parts = tuple(part for kind, text in tokens for part in _parts(kind, text))
    roles = [part.role for part in parts]
    if "text" in roles:
        named = _is_name("".join(one.text for one in parts if one.is_literal))
        return FormatSection(Kind.NUMBER, condition, parts, is_named=named)
    if "number" in roles or roles.count("point") > 1 or "digit" not in roles:
        return FormatSection(Kind.NUMBER, condition)
    places = [k for k, role in enumerate(roles) if role == "digit"]
    point = roles.index("point") if "point" in roles else len(roles)
    before = [k for k in places if k < point]
    commas = [k for k, role in enumerate(roles) if role == "comma"]
    # A comma behind the digits divides by a thousand.
    if not before or not all(before[0] < k < before[-1] for k in commas):
        return FormatSection(Kind.NUMBER, condition)
    zeros = [k for k in before if parts[k].text == "0"]
    least = sum(k >= zeros[0] for k in before) if zeros else 0
    # Chinese numerals (DBNum) stand for the number, as currencies do.
    is_number = "currency" in roles or any(text.startswith("DBNum") for text in brackets)
    named = not is_number and _is_named(parts, places, least)
    kind = Kind.TEXT if named or least > 1 else Kind.NUMBER
    shown = tuple(part for part in parts if part.role != "comma")
    return FormatSection(kind, condition, shown, least, bool(commas), named)


def _parts(kind: str, text: str) -> Iterator[_Part]:
    """Yield what a token shows; colours, conditions and locales show nothing."""
    if kind == "general":
        yield from (_Part("digit", "0"), _Part(kind, ""))
    elif kind == "blank":
        yield _Part("literal", " ")
    elif kind in ("quoted", "escaped", "plain"):
        yield _Part("literal", text)
    elif kind == "bracket":
        # [$¥-804] is a currency with a locale, [$-804] a locale alone.
        if text.startswith("$") and (sign := text[1:].partition("-")[0]):
            yield _Part("currency", sign)
    elif kind != "fill":
        yield _Part(kind, text)


def _is_named(parts: Sequence[_Part], places: Sequence[int], least: int) -> bool:
    """Return whether literals show more than the number and what it measures."""
    first, last = places[0], places[-1]
    before, between, after = (
        "".join(one.text for one in some if one.is_literal)
        for some in (parts[:first], parts[first:last], parts[last + 1 :])
    )
    roles = {one.role for one in parts}
    # Thousands stand behind currencies and decimals before measures, which are never all known.
    is_before = ("comma" not in roles or least > 1) and _is_name(before)
    is_after = roles.isdisjoint(("comma", "point")) and _is_name(after)
    return bool(between.strip()) or is_before or is_after


def _is_name(literal: str) -> bool:
    """Return whether a literal is more than a sign, a currency or a measure."""
    text = literal.strip().casefold()
    is_currency = any(unicodedata.category(letter) == "Sc" for letter in text)
    return (
        text not in _MEASURES
        and not is_currency
        and any(letter not in "()+- " for letter in text)
    )
