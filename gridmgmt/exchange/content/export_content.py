"""What leaves: rows and columns of one noun, with what each column means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any

from gridmgmt.arrays import BoolArray, GeometryArray, ObjectArray, objects
from gridmgmt.exchange.layers.layer_out import LayerLoss
from gridmgmt.exchange.layers.shapefile_out import FieldMeaning


@dataclass(frozen=True)
class Field:
    """A column that leaves: what it is called, what it means, and how a record gives it.

    ``short`` is its name where a file has no room for more than ten letters; the imports know
    it as well. ``personal`` fields leave only when somebody asks for them and may.
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
        """Give the name in a file."""
        return self.short if shortly and self.short else self.name

    def line(self, *, shortly: bool) -> FieldMeaning:
        """Give the line of a data dictionary."""
        name = self.named(shortly=shortly)
        meaning = self.meaning if name == self.name else f"{self.meaning} ({self.name})"
        return FieldMeaning(name, self.name_en, self.name_zh, self.kind, self.unit, meaning)


@dataclass(frozen=True)
class Fact:
    """Something about the file as a whole, for people and for the data dictionary."""

    key: str
    name_en: str
    name_zh: str
    value: str


@dataclass(frozen=True)
class ExportContent:
    """Everything of one noun that leaves.

    ``name`` is ASCII. ``columns`` hold the values of the fields in their order. ``geoms`` is
    lon/lat, None for a table. ``keys`` are what a row is called in the list of losses.
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
        """Give the columns by their names in a file."""
        return {one.named(shortly=shortly): self.columns[one.name] for one in self.fields}

    def picked(self, these: BoolArray) -> "ExportContent":
        """Give some of the rows only."""
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
    """Make columns of records, each field by its name unless ``take`` says how."""
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
            LayerLoss("", one.name, "personal, left out")
            for one in fields
            if one.personal and not personal
        ),
    )


def _plain(value: object) -> object:
    """Writers know text, not lists of closed words."""
    return value.value if isinstance(value, StrEnum) else value
