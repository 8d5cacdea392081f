"""Write GeoParquet 1.1: WKB shapes, the bounds of each in a column, and typed values."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gridmgmt.arrays import GeometryArray, ObjectArray
from gridmgmt.geometry.crs.crs import Datum, geometries_from_lonlat

VERSION = "1.1.0"
GEOMETRY = "geometry"
# With the bounds of its shape beside each row, a reader of one street reads only a part.
BOUNDS = "bbox"
ABOUT = b"gridmgmt"

_TYPES: dict[type, pa.DataType] = {
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def write_geoparquet(
    path: Path,
    *,
    geoms: GeometryArray,
    columns: Mapping[str, ObjectArray],
    datum: Datum,
    description: str,
) -> None:
    """Write a GeoParquet file; it is not complete before the function returns.

    A column of None only is text. A time is stored as an instant, in UTC.

    Parameters
    ----------
    geoms : (n,) shapes, lon/lat; they may be mixed
    columns : (n,) values each: text, numbers, dates, aware times, None; none is named
        geometry or bbox
    datum : the datum of the written coordinates; GCJ-02 and BD-09 are stated as no CRS
    description : about the file, in its metadata under ``gridmgmt``
    """
    # With pandas it takes long to load, and few write such a file.
    import geopandas  # noqa: PLC0415

    shapes = geometries_from_lonlat(geoms, datum)
    frame = geopandas.GeoDataFrame(
        {name: _typed(values) for name, values in columns.items()},
        geometry=shapes,
        crs=datum.crs,
    )
    frame.to_parquet(
        path,
        index=False,
        schema_version=VERSION,
        geometry_encoding="WKB",
        write_covering_bbox=True,
        compression="zstd",
    )
    _describe(path, description)


def stated_crs(path: Path) -> Any:
    """Return the CRS that a GeoParquet file states, as PROJJSON; None if it states none.

    A file that leaves it out means OGC:CRS84; this program always states one or null.
    """
    about = json.loads(pq.read_schema(path).metadata[b"geo"])
    return about["columns"][about["primary_column"]]["crs"]


def _typed(values: ObjectArray) -> Any:
    import pandas as pd  # noqa: PLC0415 (as above)

    kinds = {type(value) for value in values if value is not None}
    known = _TYPES.get(kinds.pop(), pa.string()) if len(kinds) == 1 else pa.string()
    plain = values.tolist()
    if known == _TYPES[datetime]:
        plain = [None if value is None else value.astimezone(UTC) for value in plain]
    elif known == pa.string():
        plain = [None if value is None else str(value) for value in plain]
    array = pa.array(plain, type=known)
    return pd.Series(pd.arrays.ArrowExtensionArray(array))


def _describe(path: Path, description: str) -> None:
    table = pq.read_table(path)
    about = {**(table.schema.metadata or {}), ABOUT: description.encode()}
    pq.write_table(table.replace_schema_metadata(about), path, compression="zstd")
