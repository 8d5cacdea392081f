"""Write a sample city as the files a bureau would hand over, in the formats it would use."""

import csv
import gzip
import io
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from gridmgmt.arrays import GeometryArray
from gridmgmt.sample.areas import Tier
from gridmgmt.sample.case_rows import CASE_COLUMNS, bad_rows, case_rows
from gridmgmt.sample.categories import CATEGORIES_FILE
from gridmgmt.sample.city import City
from gridmgmt.sample.components import UNIT_NAMES
from gridmgmt.sample.plan import DISTRICT_CODE, NOTE
from gridmgmt.sample.workbook import write_archive, write_workbook

AREAS = "synthetic_areas.gpkg"
LAYERS = {
    "district": "district",
    "street": "streets",
    "community": "communities",
    "cell": "cells",
}
LEVELS = "synthetic_levels.csv"
RESPONDERS = "synthetic_responders.csv"
CATEGORIES = "synthetic_categories.csv"
ROAD_SEGMENTS = "synthetic_road_segments.geojson"
ZONES = "synthetic_zones.zip"
GROUPS = "synthetic_groups.csv"
DUTIES = "synthetic_duties.xlsx"
DEMOLITIONS = "synthetic_demolitions.gpkg"
COMPONENTS = "synthetic_components.zip"
CASES = "synthetic_cases.csv.gz"
DESK = "synthetic_desk.csv"
README = "README.txt"

GROUP_COLUMNS = (
    "group_code",
    "kind",
    "name",
    "level",
    "area_code",
    "valid_from",
    "valid_to",
)
_LEVEL_ROWS = (
    ("level", "name_zh", "name_en", "code_pattern", "size_m2"),
    ("district", "区", "District", r"\d{6}", None),
    ("street", "街道", "Street", r"\d{9}", None),
    ("community", "社区", "Community", r"\d{12}", None),
    ("cell", "单元网格", "Grid cell", r"\d{15}", "10000"),
)
# Files carry no time of writing, so that the same city gives the same bytes.
_NO_TIME = "2025-01-01T00:00:00.000Z"


def write_city(city: City, folder: Path, told: Callable[[str], None] = lambda _: None) -> None:
    """Write a city's files into a folder, replacing files of the same names.

    Parameters
    ----------
    folder : made if it does not exist
    told : called with the name of each file when it has been written
    """
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, Callable[[City, Path], None]] = {
        LEVELS: _write_levels,
        AREAS: _write_areas,
        RESPONDERS: _write_responders,
        CATEGORIES: _write_categories,
        ROAD_SEGMENTS: _write_segments,
        ZONES: _write_zones,
        GROUPS: _write_groups,
        DUTIES: _write_duties,
        DEMOLITIONS: _write_demolitions,
        COMPONENTS: _write_components,
        CASES: _write_cases,
        README: _write_readme,
    }
    if city.desk is not None:
        writers[DESK] = _write_desk
    else:
        # One of an earlier city would be taken for this one's.
        (folder / DESK).unlink(missing_ok=True)
    for name, write in writers.items():
        path = folder / name
        path.unlink(missing_ok=True)
        write(city, path)
        told(name)


def _write_layer(
    path: Path,
    geoms: GeometryArray,
    columns: Mapping[str, Iterable[object]],
    *,
    driver: str,
    **options: str | bool,
) -> None:
    """Write one layer in EPSG:4326."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _NO_TIME})
    try:
        pyogrio.raw.write(
            path,
            shapely.to_wkb(geoms),
            [np.array(list(values)) for values in columns.values()],
            list(columns),
            geometry_type=_geometry_type(geoms),
            crs="EPSG:4326",
            driver=driver,
            encoding="UTF-8",
            **options,
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _geometry_type(geoms: GeometryArray) -> str:
    kinds = sorted({str(geom.geom_type) for geom in geoms})
    return kinds[0] if len(kinds) == 1 else "MultiPolygon"


def _write_levels(city: City, path: Path) -> None:
    header, *rows = _LEVEL_ROWS
    _write_csv(path, header, rows)


def _write_areas(city: City, path: Path) -> None:
    for number, tier in enumerate(city.areas.tiers):
        _write_layer(
            path,
            tier.geoms,
            _tier_columns(tier),
            driver="GPKG",
            layer=LAYERS[tier.level],
            append=number > 0,
            description=NOTE,
        )


def _tier_columns(tier: Tier) -> dict[str, Iterable[object]]:
    columns: dict[str, Iterable[object]] = {"code": tier.codes, "name": tier.names}
    if tier.level != "district":
        columns["parent_code"] = tier.parent_codes
    return columns


def _write_segments(city: City, path: Path) -> None:
    segments = city.segments
    columns: dict[str, Iterable[object]] = {
        "code": segments.codes,
        "name": segments.names,
        "tolerance_m": segments.tolerance_m,
    }
    _write_layer(
        path,
        segments.geoms,
        columns,
        driver="GeoJSON",
        COORDINATE_PRECISION="8",
        DESCRIPTION=NOTE,
    )


def _write_zones(city: City, path: Path) -> None:
    zones = city.zones
    columns: dict[str, Iterable[object]] = {
        "code": zones.codes,
        "kind": zones.kinds,
        "name": zones.names,
        "valid_from": zones.valid_from,
        "valid_to": [value or "" for value in zones.valid_to],
    }
    _write_shapefile(path, zones.geoms, columns)


def _write_components(city: City, path: Path) -> None:
    """Write the register with the names of fields that GB/T 30428.2 has."""
    found = city.components
    columns: dict[str, Iterable[object]] = {
        "ObjID": found.codes,
        "ObjName": found.names,
        "DeptCode1": found.managers,
        "DeptCode2": found.owners,
        "DeptName2": [UNIT_NAMES.get(code, "") for code in found.owners],
        "DeptCode3": found.maintainers,
        "ObjState": found.states,
        "ORDate": found.recorded_on,
    }
    points = np.asarray(shapely.points(found.lon, found.lat), dtype=object)
    _write_shapefile(path, points, columns)


def _write_shapefile(
    path: Path, geoms: GeometryArray, columns: Mapping[str, Iterable[object]]
) -> None:
    """Write a zipped shapefile; the one of the driver is packed again, without times."""
    inner = path.with_suffix(".shz")
    _write_layer(
        inner,
        geoms,
        columns,
        driver="ESRI Shapefile",
        layer=path.stem,
        DBF_DATE_LAST_UPDATE="2025-01-01",
    )
    with zipfile.ZipFile(inner) as source:
        write_archive(path, {name: source.read(name) for name in source.namelist()})
    inner.unlink()


def _write_demolitions(city: City, path: Path) -> None:
    found = city.demolitions
    columns: dict[str, Iterable[object]] = {
        "code": found.codes,
        "name": found.names,
        "address": found.addresses,
        "claimed_m2": found.claimed_m2,
        "mode": found.mode,
        "demolished_on": found.demolished_on,
        "cases_count": found.cases_count,
        "sites_count": found.sites_count,
        "households_count": found.households_count,
    }
    _write_layer(
        path, found.geoms, columns, driver="GPKG", layer="demolitions", description=NOTE
    )


def _write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    encoding: str = "utf-8-sig",
) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_responders(city: City, path: Path) -> None:
    staff = city.staff.responders
    columns = [field.name for field in fields(staff[0])]
    _write_csv(path, columns, [astuple(responder) for responder in staff])


def _write_categories(city: City, path: Path) -> None:
    shutil.copyfile(CATEGORIES_FILE, path)


def _write_groups(city: City, path: Path) -> None:
    _write_csv(path, GROUP_COLUMNS, city.groups.rows(city.areas))


def _write_duties(city: City, path: Path) -> None:
    columns = [field.name for field in fields(city.duties[0])]
    rows = [tuple(str(value) for value in astuple(duty)) for duty in city.duties]
    write_workbook(path, "责任书（合成数据）", columns, rows, NOTE)


def _write_cases(city: City, path: Path) -> None:
    rows = list(case_rows(city.cases))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CASE_COLUMNS)
    writer.writerows(rows)
    writer.writerows(bad_rows(rows))
    path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=4, mtime=0))


def _write_desk(city: City, path: Path) -> None:
    if city.desk is not None:
        _write_csv(path, CASE_COLUMNS, case_rows(city.desk.cases))


def _write_readme(city: City, path: Path) -> None:
    areas, cases = city.areas, city.cases
    contents = _CONTENTS if city.desk is None else (*_CONTENTS, _DESK_CONTENT)
    listed = "\n".join(f"  {name}" for name in contents)
    path.write_text(
        f"""{NOTE}

The district {DISTRICT_CODE} does not exist: no district has a code in 99. Persons are called
某某, telephone numbers begin with 000, letters are signed by nobody.

{len(areas.streets.codes)} streets, {len(areas.communities.codes)} communities, \
{len(areas.cells.codes)} cells, {len(cases.case_no)} cases, seed {city.plan.seed}.
Positions are lon/lat, WGS 84 (EPSG:4326). Times are local. due_at is report plus limit by the
plain calendar: nights and holidays count, as they would not for a bureau.
The last rows of the cases' file are bad on purpose, as some are in every real file.

{listed}
""",
        encoding="utf-8",
    )


_CONTENTS = (
    f"{LEVELS}  the levels of areas, their codes and sizes",
    f"{AREAS}  district, streets, communities, cells, one layer each",
    f"{RESPONDERS}  those who answer",
    f"{CATEGORIES}  what cases are about, with limits",
    f"{ROAD_SEGMENTS}  stretches of road",
    f"{ZONES}  river, campuses, stalls, quarters torn down (shapefile)",
    f"{GROUPS}  beats and inspection areas",
    f"{DUTIES}  responsibility letters",
    f"{DEMOLITIONS}  footprints of what was torn down",
    f"{COMPONENTS}  covers, lamps, stops, bins and who answers for them (shapefile)",
    f"{CASES}  eighteen months of cases",
)
_DESK_CONTENT = f"{DESK}  more cases, of the last hours and weeks: something for every queue"
