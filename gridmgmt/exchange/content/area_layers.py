"""Read a layer as the areas of a level, or raise an error that names every fault."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray, ObjectArray, objects
from gridmgmt.domain.areas.attributes import AreaAttribute, as_text
from gridmgmt.domain.codes import code_fault, may_be_rounded
from gridmgmt.domain.columns import text_fault
from gridmgmt.domain.listing import listed
from gridmgmt.errors import FieldError, GeometryError, LayerError
from gridmgmt.exchange.content.attribute_columns import columns_note, read_attributes
from gridmgmt.exchange.layers.outlines import named_feature
from gridmgmt.exchange.layers.vectors import Layer, grid_notes, text_values
from gridmgmt.exchange.reading.files import read_layer
from gridmgmt.geometry.coverage.area_faults import outline_fault
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.coverage.level_areas import LevelAreas, rows_by
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.geometry.measure import on_grid, polygon_parts
from gridmgmt.sentence import Sentence, joined

_POLYGONS = ("Polygon", "MultiPolygon")
_POLYGON_IDS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

# The number of a feature, and what is wrong with it.
_Fault = tuple[int, str]


class OnDuplicate(StrEnum):
    """What to do when several features have the same code."""

    REFUSE = "refuse"
    DISSOLVE = "dissolve"


@dataclass(frozen=True)
class AreaFile:
    """The file, the layer, and the fields that make the areas of a level.

    ``parent`` is None if no field says in which area an area lies. ``where`` is an OGR SQL
    condition. ``mend`` makes outlines valid that only the storage grid breaks. ``attributes``
    has the field of each attribute that a person states; others are found by their headings.
    """

    path: Path
    code: str
    name: str
    parent: str | None = None
    layer: str | None = None
    where: str | None = None
    datum: Datum | None = None
    encoding: str | None = None
    on_duplicate: OnDuplicate = OnDuplicate.REFUSE
    mend: bool = False
    attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class AreaLayer:
    """The areas of a file; ``sources`` names the features each area came from.

    ``attributes`` are those that the file has a field for.
    """

    areas: LevelAreas
    sources: dict[str, str]
    notes: tuple[str, ...]
    attributes: tuple[str, ...] = ()


def read_areas(file: AreaFile, level: str, declared: Sequence[AreaAttribute] = ()) -> AreaLayer:
    """Read the areas of a level from a file, lon/lat on the storage grid, ordered by code.

    An outline that crosses itself is read as it is: the check of the draft shows where.

    Raises
    ------
    LayerError
        naming every feature without code, name or polygon, and every duplicate code
    """
    layer = read_layer(
        file.path,
        layer=file.layer,
        where=file.where,
        datum=file.datum,
        encoding=file.encoding,
        mend=file.mend,
        code=file.code,
    )
    asked = (file.code, file.name, *(() if file.parent is None else (file.parent,)))
    FieldError.check(file.path, asked, list(layer.fields))
    codes, names = text_values(layer, file.code), text_values(layer, file.name)
    parents = np.full(len(codes), None, dtype=object)
    if file.parent is not None:
        parents = text_values(layer, file.parent)
    _refuse_unusable(layer, file, codes, names, parents)
    values, columns = read_attributes(layer, declared, file.attributes, asked)
    given = LevelAreas(level, codes, names, parents, as_multipolygons(layer.geom), values)
    rows = rows_by(codes)
    notes = [*layer.notes, *grid_notes(layer, codes), *columns_note(columns)]
    parts = dict(sorted(rows.items()))
    areas = _turned(_one_per_code(given, parts, notes))
    sources = {
        code: f"{file.path.name}:{layer.name} feature {listed(layer.feature[found])}"
        for code, found in parts.items()
    }
    return AreaLayer(areas, sources, tuple(notes), tuple(columns))


def _turned(areas: LevelAreas) -> LevelAreas:
    """Return areas with outer rings counter-clockwise, whatever the format made of them.

    Every export can then be imported into another bureau as the same bytes.
    """
    return replace(areas, geoms=shapely.orient_polygons(areas.geoms))


def _refuse_unusable(
    layer: Layer,
    file: AreaFile,
    codes: ObjectArray,
    names: ObjectArray,
    parents: ObjectArray,
) -> None:
    unfit = _unfit(layer, file, codes, names, parents)
    unnamed = _nameless(layer, file, codes, names)
    shapeless = _shapeless(layer, codes)
    repeated = _repeated(layer, file, codes)
    if not (unnamed or unfit or shapeless or repeated):
        return
    # Alone they do not refuse a file: the check of the draft shows them on a map. But whoever
    # corrects these features corrects all of them once.
    crossing = _crossing(layer, codes)
    # By feature: what is wrong with one stands together.
    found = sorted([*unnamed, *unfit, *shapeless, *crossing], key=lambda one: one[0])
    problems = [*(problem for _, problem in found), *repeated]
    remedies: list[str] = []
    if unnamed:
        remedies.append(_name_remedy(layer, file))
    if unfit:
        remedies.append(
            Sentence("correct these codes and names in the layer and import it again")
        )
    if shapeless:
        remedies.append(
            Sentence("draw what is missing, or leave these features out with --where")
        )
    if crossing:
        remedies.append(Sentence("correct the outlines"))
    # Different areas whose codes a number field made the same are not parts of one area.
    is_rounded = any(len(rows) > 1 and may_be_rounded(c) for c, rows in rows_by(codes).items())
    if repeated and is_rounded:
        remedies.append(
            Sentence(
                "a number field may have changed the last digits of such long codes: take the "
                "layer from where they are text"
            )
        )
    elif repeated:
        remedies.append(
            Sentence(
                "give each area its own code, leave features out with --where, or say "
                "--on-duplicate dissolve where the features are parts of one area"
            )
        )
    others = unnamed or unfit or repeated
    kind = GeometryError if shapeless and not others else LayerError
    raise kind(
        file.path,
        Sentence(
            "layer {} cannot become areas: {} problem(s)", repr(layer.name), len(problems)
        ),
        # What reading left out may be why: two texts in an area, a line that is not closed.
        problems=[*problems, *layer.losses],
        remedy=joined("; ", remedies),
    )


def _unfit(
    layer: Layer, file: AreaFile, codes: ObjectArray, names: ObjectArray, parents: ObjectArray
) -> list[_Fault]:
    problems: list[_Fault] = []
    readers = (
        (file.code, codes, code_fault),
        (file.parent, parents, code_fault),
        (file.name, names, text_fault),
    )
    for field, texts, fault in readers:
        # By type too: a stored time equals the text it has.
        kinds = {(type(text), text) for text in texts if text is not None}
        faults = {kind: fault(kind[1]) for kind in kinds}
        problems += [
            (number, Sentence("feature {}, field {}: {}", number, repr(field), found))
            for number, text in zip(layer.feature, texts, strict=True)
            if (found := faults.get((type(text), text)))
        ]
    # A name without its end is still a name, and a note says so; a code is another code.
    known = set(layer.feature.tolist())
    problems += [
        (
            number,
            Sentence(
                "feature {}, field {}: the code is cut within a character", number, repr(field)
            ),
        )
        for number, field in layer.cut
        if field in (file.code, file.parent) and number in known
    ]
    # One field may hold code and name.
    return list(dict.fromkeys(problems))


def _nameless(
    layer: Layer, file: AreaFile, codes: ObjectArray, names: ObjectArray
) -> list[_Fault]:
    problems: list[_Fault] = []
    for number, code, name in zip(layer.feature, codes, names, strict=True):
        if code is None:
            words = Sentence("feature {} has no code in field {}", number, repr(file.code))
            problems.append((number, words))
        if name is None:
            feature, field = named_feature(number, code), repr(file.name)
            problems.append((number, Sentence("{} has no name in field {}", feature, field)))
    return problems


def _name_remedy(layer: Layer, file: AreaFile) -> str:
    """Suggest fields whose names differ only by spaces; some exports change names so."""
    wanted = {_squeezed(file.code), _squeezed(file.name)}
    alike = [
        field
        for field in layer.fields
        if field not in (file.code, file.name) and _squeezed(field) in wanted
    ]
    if alike:
        split = ", ".join(repr(field) for field in alike)
        return Sentence("the values may stand in the field {}: put them into one field", split)
    return Sentence("fill them in, or name another field with --code or --name")


def _squeezed(field: str) -> str:
    return "".join(field.split()).casefold()


def _shapeless(layer: Layer, codes: ObjectArray) -> list[_Fault]:
    problems: list[_Fault] = []
    for number, code, geom in zip(layer.feature, codes, layer.geom, strict=True):
        feature = named_feature(number, code)
        if geom is None or geom.is_empty:
            problems.append((number, Sentence("{} has no geometry", feature)))
        elif geom.geom_type not in _POLYGONS:
            words = Sentence("{} is a {}, not a polygon", feature, geom.geom_type)
            problems.append((number, words))
    return problems


def _crossing(layer: Layer, codes: ObjectArray) -> list[_Fault]:
    polygons = np.isin(shapely.get_type_id(layer.geom), _POLYGON_IDS)
    return [
        (
            layer.feature[row],
            Sentence(
                "the outline of {} is not valid: {}",
                named_feature(layer.feature[row], codes[row]),
                outline_fault(layer.geom[row])[0],
            ),
        )
        for row in np.flatnonzero(polygons & ~shapely.is_valid(layer.geom)).tolist()
    ]


def _repeated(layer: Layer, file: AreaFile, codes: ObjectArray) -> list[str]:
    if file.on_duplicate is OnDuplicate.DISSOLVE:
        return []
    return [
        Sentence(
            "code {} stands in {} features: {}", code, len(rows), listed(layer.feature[rows])
        )
        for code, rows in sorted(rows_by(codes).items())
        # Several areas whose codes lost their digits are not parts of one area.
        if len(rows) > 1 and not any(code_fault(codes[row]) for row in rows)
    ]


def _one_per_code(
    given: LevelAreas, parts: dict[str, list[int]], notes: list[str]
) -> LevelAreas:
    geoms = np.empty(len(parts), dtype=object)
    several = [f"{code} ({len(rows)})" for code, rows in parts.items() if len(rows) > 1]
    if several:
        notes.append(
            Sentence(
                "{} code(s) stand in several features, made one area each: {}",
                len(several),
                listed(several),
            )
        )
    for i, (code, rows) in enumerate(parts.items()):
        geoms[i] = given.geoms[rows[0]]
        if len(rows) > 1:
            geoms[i] = _dissolved(code, given.geoms[rows], notes)
            _note_disagreement(code, "name", given.names[rows], notes)
            _note_disagreement(code, "parent", given.parent_codes[rows], notes)
            told = objects(map(as_text, given.attributes[rows]))
            _note_disagreement(code, "attributes", told, notes)
    first = [rows[0] for rows in parts.values()]
    return LevelAreas(
        given.level,
        objects(parts),
        given.names[first],
        given.parent_codes[first],
        geoms,
        given.attributes[first],
    )


def _dissolved(code: str, geoms: GeometryArray, notes: list[str]) -> shapely.MultiPolygon:
    if shapely.is_valid(geoms).all():
        dissolved = on_grid(np.array([shapely.union_all(geoms)]))[0]
        return shapely.MultiPolygon(polygon_parts(dissolved))
    notes.append(
        Sentence(
            "code {}: its features were put together but not dissolved, because an "
            "outline among them crosses itself; the check tells where",
            code,
        )
    )
    return shapely.MultiPolygon([part for geom in geoms for part in polygon_parts(geom)])


def _note_disagreement(code: str, what: str, values: ObjectArray, notes: list[str]) -> None:
    others = sorted({str(value) for value in values if value != values[0]})
    if others:
        notes.append(
            Sentence(
                "code {}: its features differ in {}; {} of the first is kept, not {}",
                code,
                what,
                repr(values[0]),
                listed(map(repr, others)),
            )
        )
