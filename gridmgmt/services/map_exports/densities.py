"""The density of cases that the map draws, as a raster and as contours."""

from dataclasses import replace
from datetime import date

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.exchange.content.export_content import ExportContent, Fact, Field, fields_of
from gridmgmt.exchange.rasters.geotiff import Grid, write_geotiff
from gridmgmt.geometry.drawing.contours import Bounds, contour_bands, contour_lines
from gridmgmt.geometry.measure import M2_PER_KM2, area_m2, length_m
from gridmgmt.services.map_exports.wanted import MapExport
from gridmgmt.services.situation.map_density import MapDensity, density
from gridmgmt.store.areas.areas import areas_in, count_areas

UNIT = "1/km2"
_M_PER_KM = 1e3

LINE_FIELDS = fields_of(
    "contours",
    Field("per_km2", "real", UNIT, "in the whole period", "整个时段"),
    Field("length_km", "real", "km", "geodesic", "椭球面上量算"),
)
BAND_FIELDS = fields_of(
    "bands",
    Field(
        "above", "real", UNIT, "cases per km² in the whole period", "整个时段每平方公里案件数"
    ),
    Field("up_to", "real", UNIT, "empty: no upper end", "空：无上限"),
    Field("area_km2", "real", "km2", "on the WGS 84 ellipsoid", "按 WGS 84 椭球计算"),
)


def write_density(conn: Connection, wanted: MapExport) -> tuple[int, tuple[Fact, ...]]:
    """Write the density as a GeoTIFF whose values are those that the map draws.

    Returns
    -------
    the number of pixels with a value, and the facts of the file
    """
    found, grid = _surface(conn, wanted)
    # The map has two pixels beyond the outline as well, to draw between pixels at its edge.
    inside = shapely.contains_xy(_outline(conn, wanted), *grid.middles())
    grid = replace(grid, values=np.where(inside, grid.values, np.nan))
    facts = (*wanted.facts, *_facts(found))
    tags = {one.key.upper(): one.value for one in facts}
    write_geotiff(
        wanted.path,
        grid,
        wanted.datum,
        band="cases per square kilometre in the whole period",
        unit=UNIT,
        tags=tags,
    )
    return int(np.count_nonzero(~np.isnan(grid.values))), facts


def contour_content(conn: Connection, wanted: MapExport) -> ExportContent:
    """Return the contours of the density at the limits of the map's legend.

    Lines are one row for each limit that occurs; polygons are one row for each class and cover
    the whole city, or the area to which they are clipped.
    """
    found, grid = _surface(conn, wanted)
    bounds = Bounds(grid.west, grid.south, grid.east, grid.north)
    outline = _outline(conn, wanted)
    columns: dict[str, list[float | None]]
    if wanted.bands:
        bands = contour_bands(grid.values, bounds, found.classes.shown, outline)
        geoms = objects(one.shape for one in bands)
        columns = {
            "above": [one.lower or 0.0 for one in bands],
            "up_to": [one.upper for one in bands],
            "area_km2": _rounded(area_m2(geoms) / M2_PER_KM2),
        }
    else:
        lines = contour_lines(grid.values, bounds, found.classes.shown, outline)
        geoms = objects(one.shape for one in lines)
        columns = {
            "per_km2": [one.value for one in lines],
            "length_km": _rounded(length_m(geoms) / _M_PER_KM),
        }
    return ExportContent(
        name="density_classes" if wanted.bands else "density_contours",
        fields=BAND_FIELDS if wanted.bands else LINE_FIELDS,
        columns={name: objects(values) for name, values in columns.items()},
        keys=[str(value) for value in next(iter(columns.values()))],
        geoms=geoms,
        facts=(*wanted.facts, *_facts(found)),
    )


def _surface(conn: Connection, wanted: MapExport) -> tuple[MapDensity, Grid]:
    """Return the surface of the map, with the two pixels beyond its outline."""
    found = density(
        conn,
        wanted.edition,
        wanted.reported,
        now=wanted.as_of,
        bandwidth_m=wanted.bandwidth_m,
        usual_m=wanted.usual_m,
        area=wanted.ground,
    )
    drawn = np.array(found.values, dtype=np.float64).reshape(found.rows, found.cols)
    values = np.where(drawn < 0, np.nan, drawn * found.scale)
    return found, Grid(found.west, found.south, found.east, found.north, values)


def _facts(found: MapDensity) -> tuple[Fact, ...]:
    classes = found.classes
    facts = [
        ("unit", "Unit", "单位", "cases per km2 in the whole period"),
        ("bandwidth_m", "Bandwidth", "核密度平滑半径", f"{found.bandwidth_m:g} m"),
        ("cases", "Cases", "参与计算案件数", found.cases),
        ("at_default", "At default coordinates", "默认坐标案件数", found.at_default),
        (
            "limits",
            "Limits of the classes",
            "分级界限",
            ", ".join(f"{limit:g}" for limit in classes.shown) or None,
        ),
        (
            "limits_since",
            "First month of the limits",
            "分级起始月",
            _month(classes.first_month),
        ),
        ("limits_until", "Last month of the limits", "分级截止月", _month(classes.last_month)),
    ]
    # What an account limited to an area may not know of the city is None.
    return tuple(
        Fact(key, en, zh, str(value)) for key, en, zh, value in facts if value is not None
    )


def _outline(conn: Connection, wanted: MapExport) -> BaseGeometry:
    level, code = wanted.ground or (count_areas(conn, wanted.edition)[0].level, None)
    areas = areas_in(conn, wanted.edition, level)[level]
    these = areas.geoms if code is None else areas.geoms[areas.codes == code]
    outline: BaseGeometry = shapely.union_all(these)
    return outline


def _month(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m}"


def _rounded(values: np.ndarray) -> list[float | None]:
    # To a hundredth of a square metre and a millimetre: a shapefile carries these digits.
    return [round(value, 8) for value in values.tolist()]
