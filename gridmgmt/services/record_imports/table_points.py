"""Points of tables: two columns of numbers in any datum, converted to lon/lat."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray
from gridmgmt.domain.columns import Column, headed, read_column
from gridmgmt.domain.headings import names_of
from gridmgmt.domain.numbers import degrees_or_metres
from gridmgmt.exchange.content.import_files import ImportFile
from gridmgmt.geometry.crs.crs import Datum, to_lonlat
from gridmgmt.geometry.measure import round_lonlat
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.rows import Importable, file_columns
from gridmgmt.services.record_imports.shaped_records import R, Shaped

POINT_COLUMNS = tuple(
    # Metres of a plane have names of their own.
    replace(column, aliases=(*names_of("positions", plane), *column.aliases))
    for column, plane in zip(
        headed(
            "positions",
            Column("lon", degrees_or_metres, required=True),
            Column("lat", degrees_or_metres, required=True),
        ),
        ("x", "y"),
        strict=True,
    )
)


def placed(
    importable: Importable[Shaped[R]],
    file: ImportFile,
    mapping: Mapping[str, str],
    datum: Datum,
) -> ImportFile:
    """Return a table with the points of its rows, all converted to lon/lat at once.

    A row whose two numbers are not a position on Earth gets a fault. A row whose cells are no
    numbers has None: the columns say why.

    Raises
    ------
    LayerError, InputError
        as `file_columns`
    """
    columns = file_columns(importable, file, mapping)
    x, y = (_numbers(column, file.cells[columns[column.name]]) for column in POINT_COLUMNS)
    given = np.isfinite(x) & np.isfinite(y)
    bounds = (180.0, 90.0) if datum.is_lonlat_degrees else (np.inf, np.inf)
    x_most, y_most = datum.east_first(*bounds)
    # Degrees beyond the globe are not positions, whatever a conversion makes of them.
    inside = given & (np.abs(x) <= x_most) & (np.abs(y) <= y_most)
    lon, lat = to_lonlat(np.where(inside, x, np.nan), np.where(inside, y, np.nan), datum)
    lon, lat = round_lonlat(lon), round_lonlat(lat)
    on_earth = np.isfinite(lon) & np.isfinite(lat)
    points = np.full(len(x), None, dtype=object)
    points[on_earth] = shapely.points(lon[on_earth], lat[on_earth])
    nowhere = [
        (file.number[i], _not_a_position(float(x[i]), float(y[i]), datum))
        for i in np.flatnonzero(given & ~on_earth).tolist()
    ]
    return replace(file, geoms=points, faults=(*file.faults, *nowhere))


def without_point(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row without those of its point."""
    names = {column.name for column in POINT_COLUMNS}
    return {name: value for name, value in values.items() if name not in names}


def _numbers(column: Column, texts: list[str | None]) -> FloatArray:
    values, _ = read_column(column, texts)
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _not_a_position(x: float, y: float, datum: Datum) -> str:
    return Sentence(
        "({}, {}) is not a position in {}: are lon and lat swapped, or is another --crs meant?",
        f"{x:g}",
        f"{y:g}",
        datum.label,
    )
