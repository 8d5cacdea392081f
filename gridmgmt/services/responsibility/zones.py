"""Import zones: polygons with a duty or an exception of their own."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, check_days, one_of, plain
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.exchange.content.import_files import FileOptions, open_layer
from gridmgmt.sentence import joined
from gridmgmt.services.record_imports.rows import (
    Importable,
    ImportSummary,
    compare,
    note_import,
    read_lines,
)
from gridmgmt.services.record_imports.shaped_records import (
    Shaped,
    described,
    multipolygon,
    shaped_by_code,
    shapes,
)
from gridmgmt.services.responsibility.named_categories import category_problems, read_categories
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.zones import list_zones, put_zones


def _build(values: Mapping[str, Any], geom: BaseGeometry | None) -> Shaped[Zone]:
    check_days(values["valid_from"], values["valid_to"])
    return Shaped(Zone(**values), multipolygon(geom))


def _with_categories_of(shaped: Shaped[Zone], stored: Shaped[Zone]) -> Shaped[Zone]:
    zone = replace(shaped.record, categories=stored.record.categories)
    return replace(shaped, record=zone)


def _checked(shaped: Shaped[Zone], known: Mapping[str, bool]) -> Shaped[Zone]:
    problems = category_problems(shaped.record.categories, known)
    if problems:
        raise ValueError(joined("; ", problems))
    return shaped


ZONE = Importable(
    noun="zone",
    columns=(
        Column("code", code, required=True),
        Column("kind", one_of(ZoneKind), required=True),
        Column("name", plain, required=True),
        Column("valid_from", DateReader.day, is_dated=True),
        Column("valid_to", DateReader.last_day, is_dated=True),
        Column("categories", read_categories),
    ),
    build=_build,
    key=lambda shaped: shaped.record.code,
    describe=lambda shaped: described(shaped.record),
)


def import_zones(
    conn: Connection, path: Path, options: FileOptions, *, actor: str
) -> ImportSummary:
    """Import zones from a layer of polygons; a known code is replaced.

    Raises
    ------
    LayerError
        listing every feature that cannot be used
    """
    file = open_layer(path, options)
    reading = read_lines(ZONE, file, options)
    stored = shaped_by_code(*list_zones(conn))
    # Without the column the stored limit stays: empty would open the zone to all categories.
    reading.keep("categories", stored, _with_categories_of)
    known = {one.code: one.mapped for one in list_categories(conn)}
    reading.refine(lambda shaped: _checked(shaped, known))
    changes = compare(reading, stored)
    stated = changes.to_store
    put_zones(conn, [shaped.record for shaped in stated], shapes(stated))
    return note_import(conn, reading, changes, actor=actor)
