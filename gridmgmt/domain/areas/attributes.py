"""What a deployment declares about the areas of a level: 用地类别, 管理等级 and others."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gridmgmt.domain.columns import text_fault
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.numbers import number_of
from gridmgmt.sentence import Sentence

AttributeValue = str | float
# The values of an area by attribute; what is not known is absent.
Attributes = Mapping[str, AttributeValue]

# Not declared by anybody: the allowed gaps of an area (`allowed_gaps`).
GAPS = "gaps"
ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Columns that every file of areas has.
RESERVED = frozenset(
    {
        "level",
        "code",
        "name",
        "parent",
        "parent_name",
        "edition",
        "effective",
        "area_m2",
        "geometry",
        "geom",
        "fid",
        GAPS,
    }
)
_MOST_LETTERS = 200


class AttributeKind(StrEnum):
    """What the values of an attribute are: any text, a number, or a day (ISO 8601)."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True)
class AreaAttribute:
    """An attribute of the areas of a level; ``allowed`` are its values, () for any."""

    level: str
    name: str
    name_zh: str
    name_en: str
    kind: AttributeKind = AttributeKind.TEXT
    allowed: tuple[str, ...] = ()

    @property
    def headings(self) -> frozenset[str]:
        """Return how a column with its values may be headed, in lower case."""
        return frozenset({self.name, self.name_zh.casefold(), self.name_en.casefold()})

    def fault(self, value: object) -> str | None:
        """Return why a value is none of it, None if it is one."""
        if self.kind is AttributeKind.NUMBER:
            return None if _is_number(value) else Sentence("{} is not a number", repr(value))
        if not isinstance(value, str) or not value or value != value.strip():
            return Sentence("{} is not text", repr(value))
        if len(value) > _MOST_LETTERS:
            return Sentence("longer than {} characters", _MOST_LETTERS)
        if self.kind is AttributeKind.DAY:
            return None if _is_day(value) else Sentence("{} is no date", repr(value))
        if self.allowed and value not in self.allowed:
            return Sentence("{} is none of {}", repr(value), ", ".join(self.allowed))
        return text_fault(value)

    def read(self, text: str) -> AttributeValue:
        """Return the value that a file has as text; what is none of it stays text.

        Examples
        --------
        >>> AreaAttribute("cell", "class", "等级", "Class", AttributeKind.NUMBER).read("2")
        2.0
        """
        if self.kind is AttributeKind.NUMBER:
            number = number_of(text)
            # What is no number is read as NaN.
            return text if math.isnan(number) else number
        if self.kind is AttributeKind.DAY:
            with suppress(ValueError):
                return DateReader().day(text).isoformat()
        return text


@dataclass(frozen=True)
class AttributeChange:
    """Another value of an attribute; None where an area has none."""

    name: str
    old: AttributeValue | None
    new: AttributeValue | None


def attribute_changes(old: Attributes, new: Attributes) -> tuple[AttributeChange, ...]:
    """List the attributes with other values, by name.

    Examples
    --------
    >>> [one.name for one in attribute_changes({"a": "1", "b": "2"}, {"b": "3", "c": "4"})]
    ['a', 'b', 'c']
    """
    return tuple(
        AttributeChange(name, old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )


def with_values(
    before: Attributes, values: Mapping[str, AttributeValue | None]
) -> dict[str, AttributeValue]:
    """Return attributes with other values; None takes one away.

    Examples
    --------
    >>> with_values({"a": "1", "b": "2"}, {"a": None, "c": "3"})
    {'b': '2', 'c': '3'}
    """
    both = {**before, **values}
    return {name: value for name, value in sorted(both.items()) if value is not None}


def as_text(values: Attributes) -> str:
    """Return attributes as one text, by name.

    Examples
    --------
    >>> as_text({"b": 2.0, "a": "x"})
    'a=x, b=2'
    """
    return ", ".join(f"{name}={told(name, value)}" for name, value in sorted(values.items()))


def told(name: str, value: AttributeValue) -> str:
    """Return the value of an attribute as text for people; of allowed gaps their names.

    Examples
    --------
    >>> told("grade", 2.0), told("gaps", '[{"name": "池塘"}]')
    ('2', '池塘')
    """
    if not isinstance(value, str):
        short = format(value, ".12g")
        # What differs is also told differently.
        return short if float(short) == value else repr(value)
    if name == GAPS:
        return ", ".join(str(one["name"]) for one in json.loads(value))
    return value


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Return names of at most ten bytes for files that hold no longer ones, each another.

    Examples
    --------
    >>> short_names(["land_use", "land_use_class", "land_use_class_2"])
    {'land_use': 'land_use', 'land_use_class': 'land_use_c', 'land_use_class_2': 'land_use01'}
    """
    found: dict[str, str] = {}
    for name in names:
        tries = [name[:10], *(f"{name[:8]}{n:02d}" for n in range(1, 100))]
        found[name] = next(one for one in tries if one not in found.values())
    return found


def attribute_problems(given: Iterable[AreaAttribute]) -> list[str]:
    """Return what is wrong with declarations taken together."""
    problems: list[str] = []
    seen: set[tuple[str, str]] = set()
    for one in given:
        said = f"{one.level}.{one.name}"
        if not ATTRIBUTE_NAME.fullmatch(one.name):
            problems.append(
                Sentence("{} is not lower-case letters, digits and _", repr(one.name))
            )
        for heading in sorted(RESERVED & {one.name, *one.headings}):
            # Such a column has something else in it.
            problems.append(Sentence("{} is a column of every file of areas", repr(heading)))
        for heading in sorted({one.name, *one.headings}):
            if (one.level, heading) in seen:
                problems.append(Sentence("{}: {} stands twice", said, repr(heading)))
            seen.add((one.level, heading))
        faults = dict.fromkeys(one.fault(value) for value in one.allowed)
        if one.allowed and one.kind is not AttributeKind.TEXT:
            faults = dict.fromkeys([Sentence("only text has a list of values")])
        problems += [Sentence("{}: {}", said, fault) for fault in faults if fault]
        if len({*one.allowed}) < len(one.allowed):
            problems.append(Sentence("{}: a value stands twice", said))
    return problems


def _is_number(value: object) -> bool:
    # NaN and the infinities are none: JSON has no such numbers.
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < 1e15


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
