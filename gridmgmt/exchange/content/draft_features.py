"""Read the features of a level from the file of a draft that was edited elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.arrays import ObjectArray
from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeValue
from gridmgmt.domain.codes import code_fault
from gridmgmt.domain.columns import text_fault
from gridmgmt.errors import FieldError, LayerError
from gridmgmt.exchange.content.attribute_columns import attribute_columns, attributes_of
from gridmgmt.exchange.layers.draft_files.writing import CODE, NAME, PARENT
from gridmgmt.exchange.layers.outlines import named_feature
from gridmgmt.exchange.layers.positions import without_datum_doubt
from gridmgmt.exchange.layers.vectors import Layer, text_values
from gridmgmt.exchange.reading.files import list_layers, read_layer
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.sentence import Sentence

_POLYGONS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class DrawnFeature:
    """A feature of a level; what is blank in the file is None.

    ``number`` is that of the feature in the file, from 1. ``ground`` is lon/lat on the storage
    grid, outer rings turning left; it may cross itself. ``attributes`` has those that the file
    has a column for, None where the cell is empty.
    """

    number: int
    code: str | None
    name: str | None
    parent: str | None
    ground: shapely.MultiPolygon
    attributes: Mapping[str, AttributeValue | None]


@dataclass(frozen=True)
class DrawnLevel:
    """The features of a level, in the order of the file, with notes for people."""

    level: str
    features: tuple[DrawnFeature, ...]
    notes: tuple[str, ...]


def read_levels(
    path: Path, levels: Sequence[str], declared: Mapping[str, Sequence[AreaAttribute]]
) -> list[DrawnLevel]:
    """Read the levels that a file has a layer of; a level without a layer is left out.

    Height, the order of rings and whatever other columns an editor added are ignored.

    Parameters
    ----------
    declared : the attributes of each level that has any

    Raises
    ------
    LayerError
        naming every feature without a polygon, every code or name that cannot be stored, and
        every value that is none of its attribute
    """
    there = set(list_layers(path))
    return [_read(path, level, declared.get(level, ())) for level in levels if level in there]


def _read(path: Path, level: str, declared: Sequence[AreaAttribute]) -> DrawnLevel:
    layer = read_layer(path, layer=level, code=CODE)
    FieldError.check(path, (CODE,), list(layer.fields))
    codes, names, parents = (_texts(layer, field) for field in (CODE, NAME, PARENT))
    columns = attribute_columns(layer, declared, {}, (CODE, NAME, PARENT))
    values, problems = attributes_of(layer, declared, columns)
    problems = [*_problems(layer, codes, names, parents), *problems]
    if problems:
        raise LayerError(
            path,
            Sentence("layer {} cannot become areas: {} problem(s)", repr(level), len(problems)),
            problems=problems,
            remedy=Sentence("correct these features in the file and import it again"),
        )
    grounds = shapely.orient_polygons(as_multipolygons(layer.geom))
    features = tuple(
        DrawnFeature(
            int(number), code, name, parent, ground, {one: own.get(one) for one in columns}
        )
        for number, code, name, parent, ground, own in zip(
            layer.feature, codes, names, parents, grounds, values, strict=True
        )
    )
    # The program wrote the file; only an editor can have put another datum in it.
    return DrawnLevel(level, features, without_datum_doubt(layer.notes))


def _texts(layer: Layer, field: str) -> ObjectArray:
    # An editor may drop a column: then nothing in it was changed.
    if field not in layer.fields:
        return np.full(len(layer), None, dtype=object)
    return text_values(layer, field)


def _problems(
    layer: Layer, codes: ObjectArray, names: ObjectArray, parents: ObjectArray
) -> list[str]:
    problems: list[str] = []
    for row, (number, geom) in enumerate(zip(layer.feature, layer.geom, strict=True)):
        feature = named_feature(number, codes[row])
        if geom is None or geom.is_empty:
            problems.append(Sentence("{} has no geometry", feature))
        elif geom.geom_type not in _POLYGONS:
            problems.append(Sentence("{} is a {}, not a polygon", feature, geom.geom_type))
        for field, value, fault in (
            (CODE, codes[row], code_fault),
            (NAME, names[row], text_fault),
            (PARENT, parents[row], code_fault),
        ):
            found = None if value is None else fault(value)
            if found:
                told = Sentence("feature {}, field {}: {}", number, repr(field), found)
                problems.append(told)
    return problems
