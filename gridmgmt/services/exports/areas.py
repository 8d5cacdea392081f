"""Export the areas of one level of an edition."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import InputError
from gridmgmt.exchange.content.export_content import ExportContent, Fact, Field
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.scopes import AreaScope
from gridmgmt.store.areas.areas import areas_in, count_areas
from gridmgmt.store.areas.levels import get_level

FIELDS = (
    Field("level", "Level", "层级", "text", "", "level the area belongs to"),
    Field("code", "Code", "编码", "text", "", "code, unique within the level"),
    Field("name", "Name", "名称", "text", "", "name of the area"),
    Field("parent", "Parent code", "上级编码", "text", "", "area it lies in"),
    Field("edition", "Edition", "网格版本", "integer", "", "number of the edition"),
    Field("effective", "In force from", "生效日期", "text", "ISO 8601", "of the edition"),
    Field("area_m2", "Geodesic area", "椭球面积", "real", "m2", "on the WGS 84 ellipsoid"),
)


def area_content(
    conn: Connection, level: str, edition: Edition, scope: AreaScope | None, tz: ZoneInfo
) -> ExportContent:
    """Return the areas of a level, or only those within a scope."""
    areas = _areas(conn, level, edition.number)
    effective = written_start(edition.effective_from, tz)
    n = len(areas.codes)
    content = ExportContent(
        name=f"{level}_edition{edition.number}",
        fields=FIELDS,
        columns={
            "level": np.full(n, level, dtype=object),
            "code": areas.codes,
            "name": areas.names,
            "parent": areas.parent_codes,
            "edition": np.full(n, edition.number, dtype=object),
            "effective": np.full(n, effective, dtype=object),
            # The same formula as when they were stored; the same geometry gives the same area.
            "area_m2": objects(area_m2(areas.geoms).tolist()),
        },
        keys=[str(code) for code in areas.codes],
        geoms=areas.geoms,
        facts=(
            Fact("level", "Level", "层级", level),
            Fact("edition", "Edition", "网格版本", str(edition.number)),
            Fact("effective", "In force from", "生效日期", effective),
        ),
    )
    if scope is None:
        return content
    return content.picked(np.array([(level, code) in scope.within for code in areas.codes]))


def _areas(conn: Connection, level: str, edition: int) -> LevelAreas:
    found = areas_in(conn, edition, level)
    if level not in found:
        # A level that does not exist is another mistake than one without areas.
        get_level(conn, level)
        present = ", ".join(count.level for count in count_areas(conn, edition)) or "none"
        raise InputError(
            field="level",
            message=Sentence(
                "edition {} has no areas of level {}; it has: {}", edition, repr(level), present
            ),
        )
    return found[level]


def written_start(moment: datetime, tz: ZoneInfo) -> str:
    """Return the start of an edition as text, which is read back as the same instant.

    Examples
    --------
    >>> written_start(datetime.fromisoformat("2025-12-31T16:00:00Z"), ZoneInfo("Asia/Shanghai"))
    '2026-01-01'
    >>> written_start(datetime.fromisoformat("2025-12-31T17:30:00Z"), ZoneInfo("Asia/Shanghai"))
    '2026-01-01T01:30:00+08:00'
    """
    local = moment.astimezone(tz)
    # People write and read a bare date; an hour is only said where there is one.
    # A bare date is the first midnight of its day, where a clock change repeats it.
    at_midnight = local.time() == local.time().min and not local.fold
    return local.date().isoformat() if at_midnight else local.isoformat()
