"""Import zones: polygons with a duty or an exception of their own."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, check_days, headed, plain
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, open_layer
from gridmgmt.services.record_imports.record_stores import Known, RecordStore
from gridmgmt.services.record_imports.rows import (
    Changes,
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
from gridmgmt.services.responsibility.named_categories import (
    check_categories,
    read_categories,
    written_categories,
)
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.turns import wait_for_turn
from gridmgmt.store.responsibility.zones import delete_zones, list_zones, put_zones


def _build(values: Mapping[str, Any], geom: BaseGeometry) -> Shaped[Zone]:
    return Shaped(Zone(**values), geom)


def _with_categories_of(shaped: Shaped[Zone], stored: Shaped[Zone]) -> Shaped[Zone]:
    zone = replace(shaped.record, categories=stored.record.categories)
    return replace(shaped, record=zone)


ZONE = Importable(
    noun="zone",
    columns=headed(
        "zones",
        Column("code", code, required=True),
        Column("kind", OneOf(ZoneKind), required=True),
        Column("name", plain, required=True),
        Column("valid_from", DateReader.day, is_dated=True),
        Column("valid_to", DateReader.last_day, is_dated=True),
        Column("categories", read_categories),
    ),
    build=_build,
    key=lambda shaped: shaped.record.code,
    describe=lambda shaped: described(shaped.record),
    rules=(Rule(("valid_from", "valid_to"), check_days),),
    shape=multipolygon,
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
    reading = read_lines(_known(conn).importable, file, options)
    wait_for_turn(conn)
    stored = ZONES.stored(conn)
    # Without the column the stored limit stays: empty would open the zone to all categories.
    reading.keep("categories", stored, _with_categories_of)
    changes = compare(reading, stored)
    ZONES.put(conn, changes)
    return note_import(conn, reading, changes, actor=actor)


def _known(conn: Connection) -> Known[Shaped[Zone]]:
    categories = {one.code: one.mapped for one in list_categories(conn)}
    rule = Rule(("categories",), lambda named: check_categories(named, categories))
    return Known(ZONE.with_rules(rule))


def _put(conn: Connection, changes: Changes[Shaped[Zone]]) -> None:
    stated = changes.to_store
    put_zones(conn, [shaped.record for shaped in stated], shapes(stated))


ZONES = RecordStore(
    key_columns=("code",),
    is_dated=False,
    known=lambda conn, _: _known(conn),
    stored=lambda conn: dict(shaped_by_code(*list_zones(conn))),
    put=_put,
    remove=lambda conn, gone: delete_zones(conn, [shaped.record.code for shaped in gone]),
    writing={"categories": written_categories},
)
