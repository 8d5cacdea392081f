"""Find what GDAL passes over in GeoJSON, or reads otherwise than it is written."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import ijson

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.raw_rows import EXACT_BELOW, plain_text
from gridmgmt.exchange.layers.geojson.coordinates import Coordinates
from gridmgmt.exchange.layers.geojson.plain_json import is_no_number, plain_json
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence, joined

_MEMBER, _PROPERTIES, _GEOMETRY = "features.item", "features.item.properties", "features.item.g"
# From here on JSON writes a character as two halves, of which GDAL loses one.
_IN_HALVES = "\U00010000"


@dataclass
class MemberFacts:
    """What the members of a FeatureCollection hold; they are counted from 1.

    ``others`` are the members that are no Feature. ``twice`` are the names that stand twice in
    a feature, ``cut`` the properties of a feature whose text holds a zero byte. ``odd`` are the
    names of properties that GDAL reads otherwise than they are written, in some feature.
    ``shapes`` say what is wrong with the geometry of a feature.
    ``no_numbers`` are the properties of a feature that are NaN or infinity.
    ``nested`` counts the lists and objects among the values of each property that also has
    others.
    """

    kind: str | None = None
    others: list[int] = field(default_factory=list)
    twice: dict[int, dict[str, None]] = field(default_factory=dict)
    cut: dict[int, dict[str, None]] = field(default_factory=dict)
    no_numbers: dict[int, dict[str, None]] = field(default_factory=dict)
    shapes: dict[int, Sentence] = field(default_factory=dict)
    odd: set[str] = field(default_factory=set)
    nested: Counter[str] = field(default_factory=Counter)


def checked_members(source: LayerSource) -> MemberFacts:
    """Return what the members of a FeatureCollection in UTF-8 hold.

    Invalid JSON is left to GDAL.

    Raises
    ------
    LayerError
        when members are no Feature, which GDAL passes over in silence: a type that is absent or
        written otherwise, null, a bare geometry, a collection within the collection; when a
        feature states something twice, of which GDAL reads one; when a text is longer than GDAL
        reads it
    """
    facts = _scanned(source.path)
    if facts.kind != "FeatureCollection":
        return MemberFacts()
    if facts.others:
        raise LayerError(
            source.shown,
            Sentence(
                "{} member(s) of its features are no Feature, and cannot be read: number {}",
                f"{len(facts.others):,}",
                listed(facts.others),
            ),
            remedy=Sentence('write each as a Feature, with "type": "Feature", or remove it'),
        )
    if facts.twice or facts.cut:
        raise _unclear(source, facts)
    return facts


def member_notes(facts: MemberFacts) -> Iterator[Sentence]:
    """Yield notes on values that are read as the text they are written in, or as empty."""
    if facts.nested:
        counted = [f"{name} ({count:,})" for name, count in facts.nested.items()]
        yield Sentence(
            "values that are lists or objects were read as the text they are written in: {}",
            listed(counted),
        )
    if facts.no_numbers:
        yield Sentence(
            "NaN or Infinity, which JSON does not have, was read as empty in {} feature(s): {}",
            f"{len(facts.no_numbers):,}",
            listed(
                Sentence("{} of feature {}", ", ".join(map(repr, names)), number)
                for number, names in facts.no_numbers.items()
            ),
        )


def _unclear(source: LayerSource, facts: MemberFacts) -> LayerError:
    problems: list[tuple[int, Sentence]] = []
    remedies = []
    for number, names in facts.twice.items():
        shown = ", ".join(map(repr, names))
        problems.append((number, Sentence("feature {} has {} twice", number, shown)))
    if facts.twice:
        remedies.append(Sentence("leave each name only once in a feature"))
    for number, names in facts.cut.items():
        shown = ", ".join(map(repr, names))
        words = Sentence(
            "feature {}: the text of {} holds a zero byte (\\u0000)", number, shown
        )
        problems.append((number, words))
    if facts.cut:
        remedies.append(Sentence("remove the zero bytes"))
    return LayerError(
        source.shown,
        Sentence("{} feature(s) do not say clearly what they hold", f"{len(problems):,}"),
        problems=[words for _, words in sorted(problems, key=lambda one: one[0])],
        remedy=joined("; ", remedies),
    )


def _scanned(path: Path) -> MemberFacts:
    walk = _Walk()
    with suppress(ijson.JSONError):
        walk.take(ijson.parse(ijson.from_iter(plain_json(path))))
        return walk.whole()
    return MemberFacts()


class _Walk:
    def __init__(self) -> None:
        self._shape = Coordinates()
        self.facts = MemberFacts()
        self._booleans: set[str] = set()
        self._numbers: set[str] = set()
        self._strings: set[str] = set()
        self._number = 0
        self._member_kind: str | None = None
        self._key = ""
        self._place_of_value = _PROPERTIES + "."
        self._seen: set[tuple[str, str]] = set()

    def take(self, events: Iterator[tuple[str, str, Any]]) -> None:
        for place, event, value in events:
            # Nearly all of a file are positions.
            if place.startswith(_GEOMETRY):
                self._shape.take(place, event, value)
                continue
            if event == "map_key":
                self._take_name(place, value)
            elif place == self._place_of_value:
                self._take_value(event, value)
            elif place == _MEMBER:
                self._take_member(event)
            elif place == "features.item.type":
                self._member_kind = value
            elif place == "type":
                self.facts.kind = value

    def whole(self) -> MemberFacts:
        """Return the facts after the last event."""
        # GDAL makes 1 and 0 of true and false where the same property has numbers.
        self.facts.odd |= self._booleans & self._numbers
        plain = self._booleans | self._numbers | self._strings
        for name in self.facts.nested.keys() - plain:
            del self.facts.nested[name]
        return self.facts

    def _take_name(self, place: str, name: str) -> None:
        if place not in (_MEMBER, _PROPERTIES):
            return
        if (place, name) in self._seen:
            self.facts.twice.setdefault(self._number, {})[name] = None
        self._seen.add((place, name))
        if place == _PROPERTIES:
            self._key = name
            self._place_of_value = f"{_PROPERTIES}.{name}"

    def _take_member(self, event: str) -> None:
        if event == "start_map":
            self._number, self._member_kind = self._number + 1, None
            self._seen.clear()
            self._shape = Coordinates()
        elif event == "end_map":
            if self._member_kind != "Feature":
                self.facts.others.append(self._number)
            elif self._shape.fault:
                self.facts.shapes[self._number] = self._shape.fault
        elif event != "end_array":
            self._number += 1
            self.facts.others.append(self._number)

    def _take_value(self, event: str, value: Any) -> None:
        if event == "number":
            self._numbers.add(self._key)
            if not _is_plain(value):
                self.facts.odd.add(self._key)
        elif is_no_number(value):
            self.facts.no_numbers.setdefault(self._number, {})[self._key] = None
            self.facts.odd.add(self._key)
        elif event == "string":
            self._strings.add(self._key)
            if "\0" in value:
                self.facts.cut.setdefault(self._number, {})[self._key] = None
            if not value.isascii() and max(value) >= _IN_HALVES:
                self.facts.odd.add(self._key)
        elif event == "boolean":
            self._booleans.add(self._key)
        elif event in ("start_map", "start_array"):
            self.facts.odd.add(self._key)
            self.facts.nested[self._key] += 1


def written_text(value: Any) -> str:
    """Return a number of JSON as it is written; a whole number without decimals.

    Examples
    --------
    >>> [written_text(Decimal(text)) for text in ("33.10", "7.0", "3.3e8", "1e6")]
    ['33.10', '7', '3.3E+08', '1E+06']
    """
    if not isinstance(value, Decimal):
        return plain_text(value)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent <= 0 and value == value.to_integral_value():
        return str(int(value))
    digits, has_exponent, power = str(value).partition("E")
    return f"{digits}E{power[0]}{power[1:]:0>2}" if has_exponent else digits


def _is_plain(number: int | Decimal) -> bool:
    """Return whether a double has the text that a number is written with."""
    if isinstance(number, int):
        return abs(number) < EXACT_BELOW
    return abs(float(number)) < EXACT_BELOW and written_text(number) == plain_text(
        float(number)
    )
