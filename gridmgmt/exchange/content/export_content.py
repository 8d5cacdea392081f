"""The content of an export: rows and columns of one noun, and what each column means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from gridmgmt.arrays import BoolArray, GeometryArray, ObjectArray, objects
from gridmgmt.domain.headings import HEADINGS, Heading, Language, sheet_of
from gridmgmt.domain.local_time import written_on_clock
from gridmgmt.domain.value_words import in_words
from gridmgmt.exchange.layers.layer_out import LayerLoss
from gridmgmt.exchange.layers.out.geopackage_titles import Title
from gridmgmt.exchange.layers.shapefile_out import FieldMeaning
from gridmgmt.sentence import Sentence

_NO_HEADING = Heading("", "")


@dataclass(frozen=True)
class Field:
    """A column of an export: its name, its headings, and what it means in both languages.

    ``personal`` fields are exported only if a person asks for them and is allowed to. Fields
    that are ``is_beside`` are names of codes, only in files with headings for people.
    ``noun`` is what the rows are whose field it is.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    meaning_zh: str
    personal: bool = False
    is_beside: bool = False
    heading: Heading = _NO_HEADING
    noun: str = ""

    def named(self, *, shortly: bool, language: Language | None = None) -> str:
        """Return the name of the column in a file; in a ``language`` its heading."""
        if language is not None:
            return self.heading.said(language)
        return self.heading.short if shortly and self.heading.short else self.name

    @property
    def title(self) -> Title:
        """Return the name of the column for people, and what it means."""
        meaning = "; ".join(filter(None, (self.unit, self.meaning)))
        return Title(self.heading.zh, self.heading.en, meaning)

    def line(self, *, shortly: bool) -> FieldMeaning:
        """Return the line of the column in the data dictionary."""
        name = self.named(shortly=shortly)
        meaning, meaning_zh = self.meaning, self.meaning_zh
        if name != self.name:
            meaning, meaning_zh = f"{meaning} ({self.name})", f"{meaning_zh}（{self.name}）"
        heading = self.heading
        return FieldMeaning(
            name, heading.en, heading.zh, self.kind, self.unit, meaning, meaning_zh
        )


def fields_of(noun: str, *fields: Field) -> tuple[Field, ...]:
    """Return the fields of a noun with their headings."""
    return tuple(replace(one, noun=noun, heading=HEADINGS[noun][one.name]) for one in fields)


def fields_for(fields: Sequence[Field], language: Language | None) -> tuple[Field, ...]:
    """Return the fields of a file for people; of one for programs, those without names."""
    return tuple(one for one in fields if language is not None or not one.is_beside)


@dataclass(frozen=True)
class Fact:
    """A fact about the whole file, for people and for the data dictionary."""

    key: str
    name_en: str
    name_zh: str
    value: str


@dataclass(frozen=True)
class ExportContent:
    """All exported rows of one noun.

    ``name`` is ASCII. ``columns`` hold the values of the fields in their order. ``geoms`` is
    lon/lat, or None for a table. ``keys`` are the names of rows in the list of losses.
    ``language`` is that of the headings and values, None: those for programs.
    """

    name: str
    fields: tuple[Field, ...]
    columns: Mapping[str, ObjectArray]
    keys: Sequence[str]
    geoms: GeometryArray | None = None
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    losses: tuple[LayerLoss, ...] = ()
    language: Language | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def sheet(self) -> str:
        """Return the name of the sheet of a workbook."""
        return sheet_of(self.fields[0].noun, self.language)

    def named(self, *, shortly: bool) -> dict[str, ObjectArray]:
        """Return the columns by their names in a file."""
        language = self.language
        return {
            one.named(shortly=shortly, language=language): self.columns[one.name]
            for one in self.fields
        }

    def picked(self, these: BoolArray) -> "ExportContent":
        """Return the content with only some of the rows."""
        return replace(
            self,
            columns={name: values[these] for name, values in self.columns.items()},
            keys=[key for key, there in zip(self.keys, these, strict=True) if there],
            geoms=None if self.geoms is None else self.geoms[these],
        )


def content_of(
    name: str,
    fields: Sequence[Field],
    records: Sequence[Any],
    key: Callable[[Any], str],
    *,
    personal: bool,
    geoms: GeometryArray | None = None,
    take: Mapping[str, Callable[[Any], object]] | None = None,
    language: Language | None = None,
) -> ExportContent:
    """Build columns from records.

    Each field is read by its name, unless ``take`` has a function for it. Values are those for
    programs, or words of ``language``.
    """
    leaving = tuple(one for one in fields_for(fields, language) if personal or not one.personal)
    ways = {one.name: attrgetter(one.name) for one in leaving} | dict(take or {})
    return ExportContent(
        name=name,
        fields=leaving,
        columns={
            one.name: objects(_written(ways[one.name](record), language) for record in records)
            for one in leaving
        },
        keys=[key(record) for record in records],
        geoms=geoms,
        losses=tuple(
            LayerLoss("", one.name, Sentence("personal, left out"))
            for one in fields
            if one.personal and not personal
        ),
        language=language,
    )


def written_values(
    columns: Mapping[str, Sequence[object]], language: Language | None
) -> dict[str, ObjectArray]:
    """Return columns with values for programs, or in the words of a language."""
    return {
        name: objects(_written(value, language) for value in values)
        for name, values in columns.items()
    }


def _written(value: object, language: Language | None) -> object:
    """Return a value as a file has it; writers do not know the members of an enumeration."""
    if language is not None:
        value = in_words(value, language)
        if isinstance(value, datetime) and isinstance(value.tzinfo, ZoneInfo):
            return written_on_clock(value, value.tzinfo)
    return value.value if isinstance(value, StrEnum) else value
