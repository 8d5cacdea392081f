"""The content of an export: rows and columns of one noun, and what each column means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any

from gridmgmt.arrays import BoolArray, GeometryArray, ObjectArray, objects
from gridmgmt.exchange.layers.layer_out import LayerLoss
from gridmgmt.exchange.layers.out.geopackage_titles import Title
from gridmgmt.exchange.layers.shapefile_out import FieldMeaning
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class Field:
    """A column of an export: its name, its meaning, and how to read it from a record.

    ``short`` is the name for formats that allow only ten letters; imports accept it too.
    ``personal`` fields are exported only if a person asks for them and is allowed to.
    """

    name: str
    name_en: str
    name_zh: str
    kind: str
    unit: str
    meaning: str
    short: str = ""
    personal: bool = False

    def named(self, *, shortly: bool) -> str:
        """Return the name of the column in a file."""
        return self.short if shortly and self.short else self.name

    @property
    def title(self) -> Title:
        """Return the name of the column for people, and what it means."""
        meaning = "; ".join(filter(None, (self.unit, self.meaning)))
        return Title(self.name_zh, self.name_en, meaning)

    def line(self, *, shortly: bool) -> FieldMeaning:
        """Return the line of the column in the data dictionary."""
        name = self.named(shortly=shortly)
        meaning = self.meaning if name == self.name else f"{self.meaning} ({self.name})"
        return FieldMeaning(name, self.name_en, self.name_zh, self.kind, self.unit, meaning)


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
    """

    name: str
    fields: tuple[Field, ...]
    columns: Mapping[str, ObjectArray]
    keys: Sequence[str]
    geoms: GeometryArray | None = None
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    losses: tuple[LayerLoss, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def named(self, *, shortly: bool) -> dict[str, ObjectArray]:
        """Return the columns by their names in a file."""
        return {one.named(shortly=shortly): self.columns[one.name] for one in self.fields}

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
) -> ExportContent:
    """Build columns from records.

    Each field is read by its name, unless ``take`` has a function for it.
    """
    leaving = tuple(one for one in fields if personal or not one.personal)
    ways = {one.name: attrgetter(one.name) for one in leaving} | dict(take or {})
    return ExportContent(
        name=name,
        fields=leaving,
        columns={
            one.name: objects(_plain(ways[one.name](record)) for record in records)
            for one in leaving
        },
        keys=[key(record) for record in records],
        geoms=geoms,
        losses=tuple(
            LayerLoss("", one.name, Sentence("personal, left out"))
            for one in fields
            if one.personal and not personal
        ),
    )


def _plain(value: object) -> object:
    """Return plain text for the members of an enumeration, which writers do not know."""
    return value.value if isinstance(value, StrEnum) else value
