"""Import the register of components from tables or layers, with the responsible units."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, headed, plain
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.listing import listed
from gridmgmt.domain.responsibility.component import Component, ComponentState, class_digits
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, is_table, open_layer, open_table
from gridmgmt.geometry.crs.crs import WGS84
from gridmgmt.geometry.locating.cover import cover
from gridmgmt.geometry.locating.locator_index import build_locator
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.rows import (
    Changes,
    Importable,
    ImportSummary,
    RecordIntake,
    compare,
    note_import,
    read_lines,
)
from gridmgmt.services.record_imports.shaped_records import (
    Shaped,
    described,
    shaped_by_code,
    shapes,
    single_point,
)
from gridmgmt.services.record_imports.table_points import POINT_COLUMNS, placed, without_point
from gridmgmt.services.responsibility.component_classes import ComponentClasses
from gridmgmt.store.areas.areas import areas_in, leaf_level
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.components import list_components, put_components
from gridmgmt.store.responsibility.responders import list_responders

Line = Shaped[Component]

LAYER_COLUMNS = headed(
    "components",
    Column("code", code, required=True),
    Column("class_code", code),
    Column("name", plain),
    Column("owner_code", code),
    Column("owner_name", plain),
    Column("maintainer_code", code),
    Column("maintainer_name", plain),
    Column("manager_code", code),
    Column("manager_name", plain),
    Column("state", OneOf(ComponentState)),
    Column("recorded_on", DateReader.day, is_dated=True),
    Column("changed_on", DateReader.day, is_dated=True),
)
TABLE_COLUMNS = (*LAYER_COLUMNS, *POINT_COLUMNS)
# The fields that stay as stored if the file has no column for them.
_KEPT = tuple(one.name for one in LAYER_COLUMNS if one.name not in ("code", "class_code"))


@dataclass(frozen=True)
class RegisterOptions:
    """What a person stated beside the file.

    ``classes`` is word -> class, and ``owners`` is class -> code of the owner, for components
    whose rows state none; the key ``None`` is for components of all classes. ``update``: known
    components take over values of the file; otherwise a component with other content is
    refused.
    """

    classes: Mapping[str | None, str] = field(default_factory=dict)
    owners: Mapping[str | None, str] = field(default_factory=dict)
    update: bool = False


def import_components(
    conn: Connection,
    path: Path,
    options: FileOptions,
    said: RegisterOptions,
    *,
    actor: str,
) -> ImportSummary:
    """Import components from a layer of points, or a table with lon and lat.

    Raises
    ------
    LayerError
        listing every row or feature that cannot be used
    """
    table = is_table(path)
    file = open_table(path, options) if table else open_layer(path, options)
    classes = ComponentClasses(
        list_categories(conn),
        {word: to for word, to in said.classes.items() if word is not None},
        said.classes.get(None),
    )
    importable = _importable(classes, table=table)
    if table:
        # Before the comparison, since stored points are longitude and latitude.
        file = placed(importable, file, options.mapping, options.datum or WGS84)
    reading = read_lines(importable, file, options)
    stored = shaped_by_code(*list_components(conn))
    for name in _KEPT:
        reading.keep(name, stored, _keeper(name))
    reading.refine(lambda one: _owned(one, said.owners))
    # The default: an old copy of the register must not undo corrections without a word.
    if not said.update:
        reading.refine(lambda one: _refuse_change(one, stored))
    changes = compare(reading, stored)
    stated = changes.to_store
    _tell_layout(reading, changes)
    # Only notes: registers name many units that are not responders, and cases still go
    # somewhere.
    _tell_units(conn, reading)
    _tell_outside(conn, reading)
    put_components(conn, [one.record for one in stated], shapes(stated))
    return note_import(conn, reading, changes, actor=actor)


def _importable(classes: ComponentClasses, *, table: bool) -> Importable[Line]:
    def build(values: Mapping[str, Any], geom: BaseGeometry) -> Line:
        rest = without_point(values)
        rest["class_code"] = classes.of(rest["class_code"], rest["code"])
        return Shaped(Component(**rest), geom)

    return Importable(
        noun="component",
        columns=TABLE_COLUMNS if table else LAYER_COLUMNS,
        build=build,
        key=lambda shaped: shaped.record.code,
        describe=lambda shaped: described(shaped.record),
        rules=(Rule(("class_code", "code"), classes.of),),
        shape=None if table else single_point,
    )


def _keeper(name: str) -> Callable[[Line, Line], Line]:
    def keep(item: Line, known: Line) -> Line:
        values: dict[str, Any] = {name: getattr(known.record, name)}
        return replace(item, record=replace(item.record, **values))

    return keep


def _owned(item: Line, owners: Mapping[str | None, str]) -> Line:
    one = item.record
    owner = owners.get(one.class_code, owners.get(None))
    # The row itself wins over the option for its class.
    if owner is None or one.owner_code is not None:
        return item
    return replace(item, record=replace(one, owner_code=owner))


def _refuse_change(item: Line, stored: Mapping[str, Line]) -> Line:
    known = stored.get(item.record.code)
    if known is None or known == item:
        return item
    before, after = described(known.record), described(item.record)
    fields = [name for name in after if after[name] != before[name]] or ["position"]
    raise ValueError(
        Sentence(
            "component {} has another {} in the register; --on-existing update replaces it",
            repr(item.record.code),
            ", ".join(fields),
        )
    )


def _tell_layout(reading: RecordIntake[Line], changes: Changes[Line]) -> None:
    """Add notes on codes that do not have 16 digits, or that mean another class."""
    codes = [one.record.code for one in changes.to_store]
    other = [code for code in codes if class_digits(code) is None]
    if other:
        reading.notes.append(
            Sentence(
                "{} code(s) do not have 16 digits (6 of the district, 4 of the "
                "class, a serial number of 6) and are stored as they are: {}",
                f"{len(other):,}",
                listed(other, 5),
            )
        )
    contrary = [
        one.record.code
        for one in changes.to_store
        if class_digits(one.record.code) not in (None, one.record.class_code)
    ]
    if contrary:
        reading.notes.append(
            Sentence(
                "{} code(s) state another class than their rows, and the rows count: {}",
                f"{len(contrary):,}",
                listed(contrary, 5),
            )
        )


def _tell_units(conn: Connection, reading: RecordIntake[Line]) -> None:
    """Add a note on components that decide nothing, because no known unit answers for them."""
    known = {one.code for one in list_responders(conn)}
    strangers: set[str] = set()
    of_strangers = without = passed_on = 0
    for _, item in reading.lines:
        units = item.record.units
        if not units:
            without += 1
        elif known.isdisjoint(units):
            of_strangers += 1
            strangers.update(units)
        elif units[0] not in known:
            passed_on += 1
            strangers.add(units[0])
    on = Sentence("cases about them are routed by the duties of the place")
    if of_strangers:
        reading.notes.append(
            Sentence(
                "{} component(s) name only units that are not responders; {}",
                f"{of_strangers:,}",
                on,
            )
        )
    if without:
        reading.notes.append(Sentence("{} component(s) name no unit; {}", f"{without:,}", on))
    if passed_on:
        reading.notes.append(
            Sentence(
                "{} component(s) go to another of their units, since the first "
                "is not a responder",
                f"{passed_on:,}",
            )
        )
    if strangers:
        count = len(strangers)
        reading.notes.append(
            Sentence(
                "{} unit(s) are not responders: {}", f"{count:,}", listed(sorted(strangers), 10)
            )
        )


def _tell_outside(conn: Connection, reading: RecordIntake[Line]) -> None:
    edition = newest_edition(conn)
    level = None if edition is None else leaf_level(conn, edition.number)
    if edition is None or level is None or not reading.lines:
        return
    areas = areas_in(conn, edition.number, level)[level]
    at = shapely.get_coordinates(shapes([item for _, item in reading.lines]))
    index = build_locator(areas.codes, areas.geoms)
    outside = np.flatnonzero(cover(index, at[:, 0], at[:, 1]).cell < 0).tolist()
    if outside:
        codes = [reading.lines[i][1].record.code for i in outside]
        reading.notes.append(
            Sentence(
                "edition {} has no area where {} component(s) lie: {}",
                edition.number,
                f"{len(outside):,}",
                listed(codes, 5),
            )
        )
