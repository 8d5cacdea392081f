"""Import road segments: stretches of road that a responder answers for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.surroundings import RoadSegment
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, headed, plain
from gridmgmt.domain.numbers import number
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
    multiline,
    shaped_by_code,
    shapes,
)
from gridmgmt.store.responsibility.road_segments import (
    delete_road_segments,
    list_road_segments,
    put_road_segments,
)
from gridmgmt.store.responsibility.turns import wait_for_turn

# From the kerb to the middle of an ordinary street.
DEFAULT_TOLERANCE_M = 15.0


COLUMNS = headed(
    "road_segments",
    Column("code", code, required=True),
    Column("name", plain, required=True),
    Column("tolerance_m", number),
)


def _importable(tolerance_m: float) -> Importable[Shaped[RoadSegment]]:
    def build(values: Mapping[str, Any], geom: BaseGeometry) -> Shaped[RoadSegment]:
        given = values["tolerance_m"]
        tolerance = float(tolerance_m if given is None else given)
        return Shaped(RoadSegment(values["code"], values["name"], tolerance), geom)

    return Importable(
        noun="road_segment",
        columns=COLUMNS,
        build=build,
        key=lambda shaped: shaped.record.code,
        describe=lambda shaped: described(shaped.record),
        shape=multiline,
    )


def import_road_segments(
    conn: Connection,
    path: Path,
    options: FileOptions,
    *,
    tolerance_m: float = DEFAULT_TOLERANCE_M,
    actor: str,
) -> ImportSummary:
    """Import road segments from a layer of lines; a known code is replaced.

    Parameters
    ----------
    tolerance_m : metres to each side, for features that state none

    Raises
    ------
    LayerError
        listing every feature that cannot be used
    """
    file = open_layer(path, options)
    reading = read_lines(_importable(tolerance_m), file, options)
    wait_for_turn(conn)
    changes = compare(reading, ROAD_SEGMENTS.stored(conn))
    ROAD_SEGMENTS.put(conn, changes)
    return note_import(conn, reading, changes, actor=actor)


def _put(conn: Connection, changes: Changes[Shaped[RoadSegment]]) -> None:
    stated = changes.to_store
    put_road_segments(conn, [shaped.record for shaped in stated], shapes(stated))


ROAD_SEGMENTS = RecordStore(
    key_columns=("code",),
    is_dated=False,
    known=lambda conn, _: Known(_importable(DEFAULT_TOLERANCE_M)),
    stored=lambda conn: dict(shaped_by_code(*list_road_segments(conn))),
    put=_put,
    remove=lambda conn, gone: delete_road_segments(
        conn, [shaped.record.code for shaped in gone]
    ),
    writing={},
)
