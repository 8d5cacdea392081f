"""Two columns of a table as positions: lon/lat, or a reason why a row has none."""

from dataclasses import dataclass

import numpy as np

from gridmgmt.errors import CRSError, FieldError
from gridmgmt.exchange.tables import Rejected, Table
from gridmgmt.geometry.arrays import FloatArray
from gridmgmt.geometry.crs import (
    Datum,
    looks_like_degrees,
    looks_projected,
    looks_swapped,
    to_lonlat,
)


@dataclass(frozen=True)
class PointColumns:
    """Positions of the rows of a table.

    ``x, y`` are as given, ``lon, lat`` degrees (EPSG:4326), all NaN where a row has none.
    ``without`` counts rows whose two cells are empty, ``bad`` names those that cannot be used.
    """

    x: FloatArray
    y: FloatArray
    lon: FloatArray
    lat: FloatArray
    without: int
    bad: list[Rejected]


def point_columns(table: Table, x_column: str, y_column: str, datum: Datum) -> PointColumns:
    """Read positions from two columns of text.

    Raises
    ------
    FieldError
        when a column is not there
    CRSError
        when the whole file is in metres where degrees are meant or the other way round, or has
        latitude in the column of longitude
    """
    FieldError.check(table.path, (x_column, y_column), table.columns)
    bad: list[Rejected] = []
    without = 0
    x, y = np.full(len(table), np.nan), np.full(len(table), np.nan)
    pairs = zip(table.values[x_column], table.values[y_column], strict=True)
    for i, (x_text, y_text) in enumerate(pairs):
        if x_text is None and y_text is None:
            without += 1
            continue
        try:
            x[i], y[i] = _number(x_column, x_text), _number(y_column, y_text)
        except ValueError as error:
            bad.append(Rejected(table.row[i], str(error)))
    _check_whole_file(table, (x_column, y_column), x, y, datum)
    bad += _set_aside(table, (x_column, y_column), x, y, datum)
    lon, lat = to_lonlat(x, y, datum)
    bad.sort(key=lambda one: one.row)
    return PointColumns(x, y, lon, lat, without, bad)


def _number(column: str, text: str | None) -> float:
    if text is None:
        message = f"{column} is empty, the other coordinate is not"
        raise ValueError(message)
    try:
        value = float(text)
    except ValueError:
        message = f"{column} {text[:40]!r} is not a number"
        raise ValueError(message) from None
    if not np.isfinite(value):
        message = f"{column} {text!r} is not a position"
        raise ValueError(message)
    return value


def _check_whole_file(
    table: Table, columns: tuple[str, str], x: FloatArray, y: FloatArray, datum: Datum
) -> None:
    if datum.is_projected and looks_like_degrees(x, y):
        message = f"{columns[0]}, {columns[1]} look like degrees, not like {datum.label}"
        remedy = "say the CRS in degrees with --crs, for example EPSG:4490, EPSG:4326 or gcj02"
        raise CRSError(table.path, message, remedy=remedy)
    if not datum.is_lonlat_degrees:
        return
    if looks_projected(x, y):
        message = (
            f"{columns[0]}, {columns[1]} look projected (up to {np.nanmax(np.abs(x)):,.0f}), "
            f"but are taken as degrees ({datum.label})"
        )
        remedy = "say the projected CRS with --crs, for example EPSG:4547"
        raise CRSError(table.path, message, remedy=remedy)
    if looks_swapped(x, y):
        message = f"{columns[0]} holds latitudes and {columns[1]} longitudes"
        raise CRSError(table.path, message, remedy=swap_remedy(columns))


def swap_remedy(columns: tuple[str, str]) -> str:
    """Say how to read two columns the other way round."""
    return f"swap them: --lon {columns[1]} --lat {columns[0]}"


def _set_aside(
    table: Table, columns: tuple[str, str], x: FloatArray, y: FloatArray, datum: Datum
) -> list[Rejected]:
    """Make positions that are nowhere on Earth NaN, and name their rows."""
    if datum.is_lonlat_degrees:
        nowhere = (np.abs(x) > 180) | (np.abs(y) > 90)
    else:
        lon, lat = to_lonlat(x, y, datum)
        nowhere = np.isfinite(x) & ~(np.isfinite(lon) & np.isfinite(lat))
    bad = [
        Rejected(
            table.row[i],
            f"{columns[0]} {x[i]:.12g}, {columns[1]} {y[i]:.12g} is nowhere on Earth "
            f"({datum.label})",
        )
        for i in np.flatnonzero(nowhere)
    ]
    x[nowhere] = np.nan
    y[nowhere] = np.nan
    return bad
