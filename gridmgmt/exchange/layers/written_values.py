"""Return attribute values as a file has them, where GDAL's types change them.

GDAL reads a long number as a double, which has 15 digits, the text in a number column of a
database as 0, 007 in a number field of a shapefile as 7, and 2024-02-31 as 2 March. A code read
so is another code.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import ijson
import numpy as np

from gridmgmt.arrays import IntArray, ObjectArray, objects
from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.exchange.bytes.raw_rows import plain_text
from gridmgmt.exchange.layers.geojson.members import written_text
from gridmgmt.exchange.layers.geojson.plain_json import is_no_number, plain_json, without_marks
from gridmgmt.exchange.layers.geopackage import address, geometry_column, unreadable
from gridmgmt.exchange.layers.mapinfo.tab import Tab
from gridmgmt.exchange.layers.mapinfo.tables import rows_of
from gridmgmt.exchange.layers.readable_file import Readable
from gridmgmt.exchange.layers.shapefile.dbf import Dbf
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.written.dbf_values import numbers_of_dbf, texts_of_dbf

Fields = dict[str, ObjectArray]

# A date or time that exists, as our copies of files write it.
_TIME = re.compile(r"[0-9]{4}(?:-[0-9]{2}){2}(?:T.*)?|[0-9]{2}(?::[0-9]{2}){2}.*")


def as_written(
    fit: Readable, layer: str, fields: Fields, feature: IntArray, fid: IntArray
) -> Fields:
    """Return fields with the values that are in the file where GDAL may have changed them.

    Parameters
    ----------
    fit : the file that GDAL read
    fields : the values of n features as GDAL reads them
    feature : (n,) numbers of the features in the file, from 1
    fid : (n,) numbers that GDAL gives them
    """
    source = fit.source
    if not len(feature):
        return fields
    if source.kind == "GeoPackage":
        try:
            found = _of_geopackage(source, layer, fields, fid)
        except sqlite3.Error as error:
            raise unreadable(source, error) from error
    elif source.kind == "Shapefile":
        found = numbers_of_dbf(_companion(source, ".dbf"), fields, feature)
    elif source.kind == "GeoJSON":
        found = _of_geojson(fit, fields, feature)
    else:
        found = _of_declared(source, fields)
    fields = {**fields, **{name: _texts(values) for name, values in found.items()}}
    table = _table(source)
    return fields if table is None else texts_of_dbf(table, fit.encoding, fields, feature)


def _table(source: LayerSource) -> Dbf | None:
    """Return the table with the text of a shapefile or a MapInfo table."""
    if source.kind == "Shapefile":
        return Dbf(source.shown, _companion(source, ".dbf"))
    if source.kind == "MapInfo TAB":
        return rows_of(source, Tab(source.path.read_bytes()))
    return None


def _companion(source: LayerSource, suffix: str) -> Path:
    path = source.sibling(suffix)
    assert path is not None
    return path


def _of_declared(source: LayerSource, fields: Fields) -> Fields:
    """Read fields that the file declares as times and GDAL reads as text."""
    names = list(fields)
    return {
        names[k]: objects(
            StoredTime(text) if _TIME.fullmatch(text or "") else text
            for text in fields[names[k]]
        )
        for k in source.time_fields
    }


def _texts(values: ObjectArray) -> ObjectArray:
    """Return a column as text: it has values of several types, and goes to another process."""
    return objects(plain_text(value) or None for value in values)


def _of_geopackage(source: LayerSource, layer: str, fields: Fields, fid: IntArray) -> Fields:
    """Read columns of all types but text from the database: any type may hold any value.

    So are columns of types that a GeoPackage does not have, which GDAL leaves out: BIGINT,
    VARCHAR, DECIMAL, TIME.
    """
    with closing(sqlite3.connect(address(source.path), uri=True)) as file:
        file.execute("PRAGMA trusted_schema = OFF")
        file.text_factory = partial(str, encoding="utf-8", errors="replace")
        columns = file.execute(f"PRAGMA table_info({_quoted(layer)})").fetchall()
        others = [name for _, name, kind, *_ in columns if not kind.upper().startswith("TEXT")]
        shape = (geometry_column(source, layer) or "").lower()
        unread = {
            name
            for _, name, kind, *_, key in columns
            if name not in fields
            and not key
            and name.lower() != shape
            and not kind.upper().startswith("BLOB")
        }
        asked = [name for name in others if name in fields or name in unread]
        query = (
            f"SELECT rowid, {', '.join(map(_quoted, asked))} "  # noqa: S608
            f"FROM {_quoted(layer)} WHERE rowid BETWEEN ? AND ?"
        )
        if not asked:
            return {}
        found_rows = file.execute(query, (int(fid.min()), int(fid.max())))
        rows = {number: values for number, *values in found_rows}
    numbers = fid.tolist()
    # A table without a key of its own is numbered by GDAL.
    if not rows.keys() >= set(numbers):
        return {}
    there = [rows[number] for number in numbers]
    found: Fields = {}
    for k, name in enumerate(asked):
        stored = [row[k] for row in there]
        if name in unread:
            found[name] = objects(map(_as_text, stored))
            continue
        values = objects(map(_stored_value, fields[name], stored))
        if any(a is not b for a, b in zip(values, fields[name], strict=True)):
            found[name] = values
    return found


def _as_text(stored: Any) -> Any:
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored


def _stored_value(read: Any, stored: Any) -> Any:
    """Return what GDAL read if it is the same as what is stored, else what is stored."""
    is_same = isinstance(stored, bytes) or read == stored
    if isinstance(read, date) and isinstance(stored, str):
        with suppress(ValueError):
            is_same = type(read).fromisoformat(stored) == read
            # A time without an offset is on no clock yet; GDAL reads it as UTC.
            stored = StoredTime(stored)
    # GDAL stores a float of four bytes with the digits it has in eight.
    if isinstance(read, float | str) and isinstance(stored, float):
        is_same = is_same or float(np.float32(stored)) == stored
    return read if is_same else stored


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _of_geojson(fit: Readable, fields: Fields, feature: IntArray) -> Fields:
    asked = [name for name in fields if name in fit.odd]
    if not asked:
        return {}
    rows = []
    with suppress(ijson.JSONError):
        for properties in _properties(fit.source.path):
            rows.append([properties.get(name) for name in asked])
            if len(rows) == feature[-1]:
                break
    # A single feature, or no JSON: the caller sees that digits are lost.
    if len(rows) != feature[-1]:
        return {}
    found: Fields = {}
    for k, name in enumerate(asked):
        pairs = zip(fields[name], (rows[i][k] for i in feature - 1), strict=True)
        found[name] = objects(_json_value(read, written) for read, written in pairs)
    return found


def _properties(path: Path) -> Iterator[dict[str, Any]]:
    for one in ijson.items(ijson.from_iter(plain_json(path)), "features.item"):
        properties = one.get("properties") if isinstance(one, dict) else None
        yield properties if isinstance(properties, dict) else {}


def _json_value(read: Any, written: Any) -> Any:
    if written is None:
        return read
    if is_no_number(written):
        return None
    is_nested = isinstance(written, dict | list)
    text = _nested_text(written) if is_nested else written_text(written)
    return read if plain_text(read) == text else text


def _nested_text(value: Any) -> str:
    return without_marks(json.dumps(value, ensure_ascii=False, default=float))
