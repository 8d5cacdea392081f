"""Write vector layers in any datum, and list what the format cannot hold."""

import json
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import pyproj
import shapely

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray, ObjectArray, objects
from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.bytes.safe_tables import replacing
from gridmgmt.exchange.layers.out.geopackage_titles import Title, add_titles
from gridmgmt.exchange.layers.out.geoparquet_out import stated_crs, write_geoparquet
from gridmgmt.geometry.crs.crs import (
    WGS84,
    Datum,
    from_crs,
    from_lonlat,
    geometries_from_lonlat,
)
from gridmgmt.geometry.crs.datum import YX
from gridmgmt.geometry.measure import on_grid
from gridmgmt.sentence import Sentence

# A CRS that is read back may differ in its last digits; that is less than a centimetre.
_SAME_M = 0.01
_M_PER_DEGREE = 111_320.0
_SAMPLE = 100


class Format(StrEnum):
    """The formats of exported files; tables have no shapes, and a raster has no rows."""

    SHP = "shp"
    GPKG = "gpkg"
    GEOJSON = "geojson"
    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"
    TIF = "tif"

    @property
    def is_table(self) -> bool:
        """Return whether the format has only rows and columns."""
        return self in (Format.CSV, Format.XLSX)

    @property
    def is_raster(self) -> bool:
        """Return whether the format holds a grid of values."""
        return self is Format.TIF


_DRIVERS = {
    Format.SHP: "ESRI Shapefile",
    Format.GPKG: "GPKG",
}


@dataclass(frozen=True)
class LayerLoss:
    """Something the file cannot hold: the row, the field, and what is lost."""

    row: str
    field: str
    what: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.row, self.field) if part)
        return Sentence("{}: {}", place, self.what) if place else self.what


def check_datum(path: Path, fmt: Format, datum: Datum) -> None:
    """Raise an error, before any work, if a format cannot state a datum."""
    if datum.is_yx and not fmt.is_table:
        raise CRSError(
            path,
            Sentence("a layer is written with east or longitude first, not as {}", datum.label),
            remedy=Sentence("leave {} out of --crs", repr(YX)),
        )
    if fmt is not Format.GEOJSON:
        return
    if datum.crs is None or not datum.crs.equals(_epsg_4326(), ignore_axis_order=True):
        raise CRSError(
            path,
            Sentence(
                "GeoJSON (RFC 7946) is longitude and latitude in WGS 84, not {}", datum.label
            ),
            remedy=Sentence("leave --crs out, or use --format gpkg or shp"),
        )


def _epsg_4326() -> pyproj.CRS:
    assert WGS84.crs is not None
    return WGS84.crs


def write_layer(
    path: Path,
    *,
    fmt: Format,
    name: str,
    geoms: GeometryArray,
    columns: Mapping[str, ObjectArray],
    datum: Datum,
    description: str = "",
    titles: Mapping[str, Title] | None = None,
) -> list[LayerLoss]:
    """Write a GeoPackage, GeoJSON or GeoParquet; the file appears only when it is complete.

    Parameters
    ----------
    geoms : (n,) multipolygons, multilines or points, lon/lat; they may be mixed
    columns : (n,) values each: text, whole or real numbers, dates, aware times, None
    datum : the datum of the written coordinates
    titles : what columns mean, which a GeoPackage says

    Returns
    -------
    what the file cannot hold
    """
    check_datum(path, fmt, datum)
    options: dict[str, Any] = {"layer": name}
    if description:
        options["layer_options"] = {"DESCRIPTION": description}
    with replacing(path) as temporary:
        target = temporary.with_suffix(f".{fmt}")
        if fmt is Format.GEOJSON:
            _write_geojson(target, name, geoms, columns, description)
        elif fmt is Format.PARQUET:
            write_geoparquet(
                target, geoms=geoms, columns=columns, datum=datum, description=description
            )
        else:
            write_gdal(path, target, fmt, geoms, columns, datum, **options)
            if titles:
                add_titles(target, name, titles)
        losses = crs_losses(target, geoms, datum)
        target.replace(temporary)
    return losses


def _write_geojson(
    target: Path,
    name: str,
    geoms: GeometryArray,
    columns: Mapping[str, ObjectArray],
    description: str,
) -> None:
    """Write GeoJSON (RFC 7946) with every coordinate in the digits of the storage grid.

    GDAL takes runs of nines or zeros for errors of rounding and drops them: 120.12999999 became
    120.13, a millimetre to a centimetre off.
    """
    # Outer rings counter-clockwise. A number on the grid has at most eight decimals when it is
    # written in as few digits as tell it from others.
    shapes = shapely.to_geojson(shapely.orient_polygons(on_grid(geoms)))
    names = [json.dumps(column, ensure_ascii=False) for column in columns]
    with target.open("w", encoding="utf-8", newline="\n") as sink:
        title = json.dumps(name, ensure_ascii=False)
        sink.write(f'{{\n"type": "FeatureCollection",\n"name": {title},\n')
        if description:
            sink.write(f'"description": {json.dumps(description, ensure_ascii=False)},\n')
        sink.write('"xy_coordinate_resolution": 1e-08,\n"features": [\n')
        for row, shape in enumerate(shapes):
            values = (_json_value(column[row]) for column in columns.values())
            pairs = ", ".join(map(": ".join, zip(names, values, strict=True)))
            sink.write(",\n" if row else "")
            sink.write(f'{{ "type": "Feature", "properties": {{ {pairs} }}, ')
            sink.write(f'"geometry": {(shape or "null").translate(_SPACED)} }}')
        sink.write("\n]\n}\n")


# Spaces where GDAL puts them, so that files can be compared with older ones.
_SPACED = str.maketrans({"[": "[ ", "]": " ]", "{": "{ ", "}": " }", ",": ", ", ":": ": "})


def _json_value(value: object) -> str:
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return json.dumps(value, ensure_ascii=False)


def write_gdal(
    path: Path,
    target: Path,
    fmt: Format,
    geoms: GeometryArray,
    columns: Mapping[str, ObjectArray],
    datum: Datum,
    **options: Any,
) -> None:
    """Write ``target`` with GDAL; errors name ``path``, which the person knows."""
    crs = None if datum.crs is None else datum.crs.to_wkt()
    wkb = shapely.to_wkb(geometries_from_lonlat(geoms, datum))
    has_times = fmt is Format.GPKG
    fields = [_typed(values, has_times=has_times) for values in columns.values()]
    in_utc = {
        name: np.full(len(geoms), _UTC)
        for name, (values, _) in zip(columns, fields, strict=True)
        if values.dtype.kind == "M" and values.dtype != _DAYS
    }
    with warnings.catch_warnings():
        # GDAL warns that GCJ-02 has no CRS; our own note says so.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        try:
            pyogrio.raw.write(
                target,
                wkb,
                [values for values, _ in fields],
                list(columns),
                field_mask=[missing for _, missing in fields],
                gdal_tz_offsets=in_utc,
                driver=_DRIVERS[fmt],
                geometry_type=_geometry_type(geoms),
                crs=crs,
                **options,
            )
        except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, OSError) as error:
            raise LayerError(path, Sentence("cannot be written ({})", error)) from error


def _geometry_type(geoms: GeometryArray) -> str:
    kinds = {one.geom_type for one in geoms}
    return kinds.pop() if len(kinds) == 1 else "Unknown"


# How GDAL marks a time as UTC, and the type of dates without a time.
_UTC = 100
_DAYS = np.dtype("datetime64[D]")


def _typed(values: ObjectArray, *, has_times: bool) -> tuple[np.ndarray, BoolArray | None]:
    """Convert numbers, dates and times to typed arrays, so that they are not written as text.

    Without ``has_times`` the format has no type for times: they are text, with their offset.

    Returns
    -------
    the values, and which of them are missing if the type cannot mark this itself
    """
    missing = np.array([value is None for value in values], dtype=bool)
    kinds = {type(value) for value in values[~missing]}
    if kinds == {int}:
        return np.where(missing, 0, values).astype(np.int64), missing
    if kinds == {float}:
        return values.astype(np.float64), None
    if kinds == {date}:
        return values.astype(_DAYS), None
    if kinds == {datetime}:
        return (_instants(values), None) if has_times else (_written(values), None)
    return values, None


def _instants(values: ObjectArray) -> np.ndarray:
    plain = [None if at is None else at.astimezone(UTC).replace(tzinfo=None) for at in values]
    return np.array(plain, dtype="datetime64[ms]")


def _written(values: ObjectArray) -> ObjectArray:
    return objects(None if at is None else at.isoformat() for at in values)


def crs_losses(target: Path, geoms: GeometryArray, datum: Datum) -> list[LayerLoss]:
    """Return the shift by which the CRS stated in a file misplaces its coordinates.

    A .prj cannot hold the shift between datums (TOWGS84). The coordinates in the file are
    right, but a program that trusts the .prj shows them elsewhere.
    """
    if datum.crs is None:
        return [
            LayerLoss(
                "",
                "",
                Sentence(
                    "no CRS describes {}: the file states none, and shown as WGS 84 it is "
                    "hundreds of metres off; tell whoever receives it",
                    datum.label,
                ),
            )
        ]
    stated = _stated_crs(target)
    if stated is None:
        return [
            LayerLoss(
                "", "", Sentence("the file cannot state its CRS, which is {}", datum.label)
            )
        ]
    lon, lat = _sample(geoms)
    meant = from_lonlat(lon, lat, datum)
    read = from_lonlat(lon, lat, from_crs(pyproj.CRS.from_user_input(stated)))
    unit = _M_PER_DEGREE if datum.is_lonlat_degrees else 1.0
    off_m = float(np.max(np.hypot(meant[0] - read[0], meant[1] - read[1]), initial=0.0)) * unit
    if off_m <= _SAME_M:
        return []
    return [
        LayerLoss(
            "",
            "",
            Sentence(
                "the CRS as the file states it puts positions {} m off; give the receiver "
                "the definition of {} as well",
                f"{off_m:,.2f}",
                datum.label,
            ),
        )
    ]


def _stated_crs(target: Path) -> Any:
    if target.suffix == f".{Format.PARQUET}":
        return stated_crs(target)
    return pyogrio.read_info(target)["crs"]


def _sample(geoms: GeometryArray) -> tuple[FloatArray, FloatArray]:
    lonlat = shapely.get_coordinates(geoms[:_SAMPLE])[:_SAMPLE]
    return lonlat[:, 0], lonlat[:, 1]
