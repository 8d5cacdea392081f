"""Import demolitions: unlawful structures, with their footprints or points."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, headed, plain
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.moments import read_day
from gridmgmt.domain.numbers import count, number
from gridmgmt.domain.responsibility.demolition import Demolition, DemolitionMode
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, is_table, open_layer, open_table
from gridmgmt.geometry.crs.crs import WGS84
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.rows import (
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
    multipolygon,
    shaped_by_code,
    shapes,
)
from gridmgmt.services.record_imports.table_points import POINT_COLUMNS, placed, without_point
from gridmgmt.store.responsibility.demolitions import list_demolitions, put_demolitions

# Many registers have only the year or the month.
# A year, or a year and month, with the signs that dates may have.
_YEAR = re.compile(r"([0-9]{4})(?:年|[-/.年]([0-9]{1,2})月?)?")


def _day_or_year(dates: DateReader, text: str) -> date:
    known = _YEAR.fullmatch(text)
    if known is None:
        return dates.day(text)
    return read_day(f"{known[1]}-{known[2] or 1}-1", dates.tz)


LAYER_COLUMNS = headed(
    "demolitions",
    Column("code", code, required=True),
    Column("name", plain),
    Column("address", plain, personal=True, takes_times=True),
    Column("mode", OneOf(DemolitionMode)),
    Column("demolished_on", _day_or_year, is_dated=True),
    Column("claimed_m2", number),
    # 起, 处 and 户 count different things: each is stored, none is computed from another.
    Column("cases_count", count),
    Column("sites_count", count),
    Column("households_count", count),
)
TABLE_COLUMNS = (
    *LAYER_COLUMNS,
    *POINT_COLUMNS,
)


def import_demolitions(
    conn: Connection, path: Path, options: FileOptions, *, today: date, actor: str
) -> ImportSummary:
    """Import demolitions from a layer of footprints or points, or a table with lon and lat.

    A known code is replaced. A file without addresses keeps the stored ones. The area of a
    footprint is measured on the ellipsoid; the claimed area stays beside it.

    Parameters
    ----------
    today : no structure was demolished after this day

    Raises
    ------
    LayerError
        listing every row or feature that cannot be used
    """
    table = is_table(path)
    file = open_table(path, options) if table else open_layer(path, options)
    importable = _importable(today, table=table)
    if table:
        file = placed(importable, file, options.mapping, options.datum or WGS84)
    reading = read_lines(importable, file, options)
    _tell_years(reading)
    # Before the comparison: the measured area is a property of the record.
    _measure(reading)
    stored = shaped_by_code(*list_demolitions(conn))
    reading.keep("address", stored, _keep_address)
    changes = compare(reading, stored)
    stated = changes.to_store
    put_demolitions(conn, [one.record for one in stated], shapes(stated))
    return note_import(conn, reading, changes, actor=actor)


def _importable(today: date, *, table: bool) -> Importable[Shaped[Demolition]]:
    def build(values: Mapping[str, Any], geom: BaseGeometry) -> Shaped[Demolition]:
        return Shaped(Demolition(**without_point(values)), geom)

    def not_after(on: date | None) -> None:
        if on is not None and on > today:
            raise ValueError(Sentence("demolished_on {} lies in the future", on))

    return Importable(
        noun="demolition",
        columns=TABLE_COLUMNS if table else LAYER_COLUMNS,
        build=build,
        key=lambda shaped: shaped.record.code,
        describe=lambda shaped: described(shaped.record),
        rules=(Rule(("demolished_on",), not_after),),
        shape=None if table else _footprint_or_point,
    )


def _footprint_or_point(geom: BaseGeometry | None) -> BaseGeometry:
    return geom if geom is not None and geom.geom_type == "Point" else multipolygon(geom)


def _keep_address(item: Shaped[Demolition], known: Shaped[Demolition]) -> Shaped[Demolition]:
    return replace(item, record=replace(item.record, address=known.record.address))


def _tell_years(reading: RecordIntake[Shaped[Demolition]]) -> None:
    column = reading.columns.get("demolished_on", "")
    texts = reading.file.cells.get(column, [])
    years = sum(text is not None and bool(_YEAR.fullmatch(text)) for text in texts)
    if years:
        words = Sentence(
            "{} row(s) name no day, only a year or month"
            if reading.file.what == "row"
            else "{} feature(s) name no day, only a year or month",
            f"{years:,}",
        )
        reading.notes.append(Sentence("{}: {}; its first day is stored", column, words))


def _measure(reading: RecordIntake[Shaped[Demolition]]) -> None:
    areas = area_m2(shapes([item for _, item in reading.lines]))
    reading.lines = [
        (row, item)
        if item.geom.geom_type == "Point"
        else (row, Shaped(replace(item.record, measured_m2=float(measured)), item.geom))
        for (row, item), measured in zip(reading.lines, areas, strict=True)
    ]
