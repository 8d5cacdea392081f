"""The file that GDAL may read, once its content was checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class Readable:
    """The file that GDAL may read, the encoding of its text, and notes for people.

    ``crs_member`` is the GeoJSON crs member, if there is one. ``deleted`` is the number of rows
    of a shapefile that are marked as deleted. ``counts`` are the features that GDAL must find
    in each layer, where the file announces them. ``odd`` are the fields of a GeoJSON file that
    GDAL reads otherwise than they are written. ``faults`` say by number what is wrong with the
    geometry of a feature, of which GDAL would read a part. ``cut`` are the features and fields
    whose text ends within a character.
    """

    source: LayerSource
    encoding: str
    notes: tuple[str, ...]
    crs_member: dict[str, Any] | None = None
    deleted: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    odd: frozenset[str] = frozenset()
    faults: Mapping[int, Sentence] = field(default_factory=dict)
    cut: tuple[tuple[int, str], ...] = ()
