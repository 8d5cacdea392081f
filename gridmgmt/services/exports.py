"""Take the areas of an edition away as a file that other programs open rightly."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.edition import Edition, edition_at
from gridmgmt.errors import CRSError, EditionError, InputError
from gridmgmt.exchange.layer_out import Format, Loss, check_datum, write_layer
from gridmgmt.exchange.shapefile_out import FieldMeaning, write_shapefile
from gridmgmt.geometry.arrays import ObjectArray
from gridmgmt.geometry.crs import WGS84, Datum
from gridmgmt.geometry.level_areas import LevelAreas
from gridmgmt.geometry.measure import area_m2
from gridmgmt.store.areas import areas_in, count_areas
from gridmgmt.store.editions import get_edition, list_editions
from gridmgmt.store.levels import get_level

ENCODINGS = ("utf-8", "gb18030")
_SUFFIXES = {Format.GPKG: (".gpkg",), Format.GEOJSON: (".geojson", ".json")}

_FIELDS = (
    FieldMeaning("level", "Level", "层级", "text", "", "level the area belongs to"),
    FieldMeaning("code", "Code", "编码", "text", "", "code, unique within the level"),
    FieldMeaning("name", "Name", "名称", "text", "", "name of the area"),
    FieldMeaning("parent", "Parent code", "上级编码", "text", "", "area it lies in"),
    FieldMeaning("edition", "Edition", "网格版本", "integer", "", "number of the edition"),
    FieldMeaning(
        "effective", "In force from", "生效日期", "text", "ISO 8601", "of the edition"
    ),
    FieldMeaning(
        "area_m2", "Geodesic area", "椭球面积", "real", "m2", "on the WGS 84 ellipsoid"
    ),
)


@dataclass(frozen=True)
class AreaExport:
    """What a person asks for; ``edition`` None is the one in force."""

    level: str
    path: Path
    fmt: Format
    edition: int | None = None
    datum: Datum = WGS84
    encoding: str = "utf-8"
    force: bool = False


@dataclass(frozen=True)
class AreaExportReport:
    """What was written: how many areas of which edition, and what the file lacks."""

    path: Path
    level: str
    edition: int
    effective: str
    areas: int
    crs: str
    encoding: str
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]


def export_areas(
    conn: Connection, wanted: AreaExport, *, now: datetime, tz: ZoneInfo
) -> AreaExportReport:
    """Write one level of an edition as a Shapefile (zip), GeoPackage or GeoJSON.

    Parameters
    ----------
    now : aware; picks the edition in force and is the date of the file
    tz : in which effective dates are shown

    Raises
    ------
    InputError
        when format, encoding, CRS or file name do not go together, or the file is there already
    EditionError, NotFoundError
        when there is no such edition, or none in force
    """
    _check(wanted)
    edition = _edition(conn, wanted.edition, now)
    areas = _areas(conn, wanted.level, edition.number)
    effective = _day(edition.effective_from, tz)
    columns = _columns(areas, edition.number, effective)
    if wanted.fmt is Format.SHP:
        facts = _facts(wanted, edition.number, effective, len(areas.codes), now.astimezone(tz))
        losses = write_shapefile(
            wanted.path,
            name=f"{wanted.level}_edition{edition.number}",
            geoms=areas.geoms,
            columns=columns,
            rows=[str(code) for code in areas.codes],
            datum=wanted.datum,
            encoding=wanted.encoding,
            dictionary=[*_FIELDS, *facts],
        )
    else:
        losses = write_layer(
            wanted.path,
            fmt=wanted.fmt,
            name=wanted.level,
            geoms=areas.geoms,
            columns=columns,
            datum=wanted.datum,
            description=f"edition {edition.number}, in force from {effective}; "
            f"coordinates {wanted.datum.label}",
        )
    return AreaExportReport(
        path=wanted.path,
        level=wanted.level,
        edition=edition.number,
        effective=effective,
        areas=len(areas.codes),
        crs=wanted.datum.label,
        encoding=wanted.encoding,
        losses=tuple(losses),
        notes=_notes(wanted),
    )


def _check(wanted: AreaExport) -> None:
    if wanted.path.exists() and not wanted.force:
        message = f"{wanted.path} is there already; add --force to replace it"
        raise InputError(field="-o", message=message)
    if wanted.fmt is Format.SHP and wanted.path.suffix.lower() != ".zip":
        message = "a shapefile is several files and leaves as one zip: end the name in .zip"
        raise InputError(field="-o", message=message)
    if wanted.fmt is not Format.SHP and wanted.path.suffix.lower() not in _SUFFIXES[wanted.fmt]:
        message = f"{wanted.path.name} does not end in {' or '.join(_SUFFIXES[wanted.fmt])}"
        raise InputError(field="-o", message=message)
    if wanted.encoding not in ENCODINGS:
        message = f"{wanted.encoding!r} is not one of {', '.join(ENCODINGS)}"
        raise InputError(field="encoding", message=message)
    if wanted.fmt is not Format.SHP and wanted.encoding != "utf-8":
        message = f"{wanted.fmt} is always UTF-8; only a shapefile has the choice"
        raise InputError(field="encoding", message=message)
    try:
        check_datum(wanted.path, wanted.fmt, wanted.datum)
    except CRSError as error:
        raise InputError(field="crs", message=f"{error.message}; {error.remedy}") from error


def _edition(conn: Connection, number: int | None, now: datetime) -> Edition:
    if number is not None:
        edition = get_edition(conn, number)
        if edition.withdrawn_at is not None:
            message = f"edition {number} was withdrawn and has no areas"
            raise EditionError(message)
        return edition
    editions = list_editions(conn)
    in_force = edition_at(editions, now)
    if in_force is None:
        listed = ", ".join(str(edition.number) for edition in editions)
        message = f"no edition is in force now; name one with --edition (there are: {listed})"
        if not editions:
            message = "no edition has been published yet; publish a draft first"
        raise EditionError(message)
    return in_force


def _areas(conn: Connection, level: str, edition: int) -> LevelAreas:
    found = areas_in(conn, edition, level)
    if level not in found:
        get_level(conn, level)
        present = ", ".join(count.level for count in count_areas(conn, edition)) or "none"
        message = f"edition {edition} has no areas of level {level!r}; it has: {present}"
        raise InputError(field="level", message=message)
    return found[level]


def _day(moment: datetime, tz: ZoneInfo) -> str:
    local = moment.astimezone(tz)
    at_midnight = local.time() == local.time().min
    return local.date().isoformat() if at_midnight else local.isoformat()


def _columns(areas: LevelAreas, edition: int, effective: str) -> dict[str, ObjectArray]:
    n = len(areas.codes)
    return {
        "level": np.full(n, areas.level, dtype=object),
        "code": areas.codes,
        "name": areas.names,
        "parent": areas.parent_codes,
        "edition": np.full(n, edition, dtype=object),
        "effective": np.full(n, effective, dtype=object),
        # The formula that was used when they were stored; the same geometry gives the same.
        "area_m2": np.array(area_m2(areas.geoms).tolist(), dtype=object),
    }


def _facts(
    wanted: AreaExport, edition: int, effective: str, rows: int, made_at: datetime
) -> list[FieldMeaning]:
    """Lines of the dictionary about the file itself; their field starts with #."""
    crs = wanted.datum.label
    if wanted.datum.crs is None:
        crs = f"{crs}: NOT a CRS, so there is no .prj; hundreds of metres off WGS 84"
    elif wanted.datum.crs.name != crs:
        crs = f"{crs} ({wanted.datum.crs.name})"
    facts = (
        ("#edition", "Edition", "网格版本", str(edition)),
        ("#effective", "In force from", "生效日期", effective),
        ("#crs", "Coordinate reference system", "坐标系", crs),
        ("#encoding", "Encoding of the .dbf", "编码方式", wanted.encoding.upper()),
        ("#rows", "Rows", "记录数", str(rows)),
        ("#made", "Made", "制作时间", made_at.isoformat(timespec="seconds")),
    )
    return [FieldMeaning(key, en, zh, "", "", value) for key, en, zh, value in facts]


def _notes(wanted: AreaExport) -> tuple[str, ...]:
    notes = []
    if wanted.datum.crs is None:
        notes.append(
            f"ATTENTION: the coordinates are {wanted.datum.label}, which is no CRS: the file "
            "states none, and only programs that expect it show it in the right place"
        )
    elif wanted.datum.note:
        notes.append(wanted.datum.note)
    return tuple(notes)
