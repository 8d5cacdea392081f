"""Export the areas of one level of an edition."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind, short_names
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.headings import Heading
from gridmgmt.errors import InputError
from gridmgmt.exchange.content.export_content import (
    ExportContent,
    Fact,
    Field,
    fields_for,
    fields_of,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.scopes import AreaScope
from gridmgmt.services.judging.code_names import CodeNames, language_of
from gridmgmt.store.areas.areas import areas_in, count_areas
from gridmgmt.store.areas.attributes import declared_attributes
from gridmgmt.store.areas.levels import get_level

FIELDS = fields_of(
    "areas",
    Field("level", "text", "", "level the area belongs to", "区域所在层级"),
    Field("code", "text", "", "code, unique within the level", "编码，同一层级内唯一"),
    Field("name", "text", "", "name of the area", "区域名称"),
    Field("parent", "text", "", "area it lies in", "上级区域的编码"),
    Field("parent_name", "text", "", "of parent", "上级区域的名称", is_beside=True),
    Field("edition", "integer", "", "number of the edition", "网格版本号"),
    Field("effective", "text", "ISO 8601", "of the edition", "该版本的生效日期"),
    Field("area_m2", "real", "m2", "on the WGS 84 ellipsoid", "按 WGS 84 椭球计算"),
)


def area_content(
    conn: Connection,
    level: str,
    edition: Edition,
    scope: AreaScope | None,
    tz: ZoneInfo,
    names: CodeNames | None = None,
) -> ExportContent:
    """Return the areas of a level, or only those within a scope."""
    areas = _areas(conn, level, edition.number)
    effective = written_start(edition.effective_from, tz)
    n = len(areas.codes)
    language = language_of(names)
    beside = {}
    if names is not None:
        beside["parent_name"] = objects(names.parents(edition.number, level, areas.codes))
    declared = tuple(declared_attributes(conn).get(level, {}).values())
    own = attribute_fields(declared)
    content = ExportContent(
        name=f"{level}_edition{edition.number}",
        fields=(*fields_for(FIELDS, language), *own),
        columns={
            "level": np.full(n, level if names is None else names.level(level), dtype=object),
            "code": areas.codes,
            "name": areas.names,
            "parent": areas.parent_codes,
            **beside,
            "edition": np.full(n, edition.number, dtype=object),
            "effective": np.full(n, effective, dtype=object),
            # The same formula as when they were stored; the same geometry gives the same area.
            "area_m2": objects(area_m2(areas.geoms).tolist()),
            **{
                one.name: objects(each.get(one.name) for each in areas.attributes)
                for one in own
            },
        },
        keys=[str(code) for code in areas.codes],
        geoms=areas.geoms,
        facts=(
            Fact("level", "Level", "层级", level),
            Fact("edition", "Edition", "网格版本", str(edition.number)),
            Fact("effective", "In force from", "生效日期", effective),
        ),
        language=language,
    )
    if scope is None:
        return content
    return content.picked(np.array([(level, code) in scope.within for code in areas.codes]))


def attribute_fields(declared: Sequence[AreaAttribute]) -> tuple[Field, ...]:
    """Return the columns of attributes, in their order."""
    short = short_names([one.name for one in declared])
    kinds = {AttributeKind.NUMBER: "real"}
    return tuple(
        Field(
            one.name,
            kinds.get(one.kind, "text"),
            "ISO 8601" if one.kind is AttributeKind.DAY else "",
            f"{one.name_en}: {' | '.join(one.allowed)}" if one.allowed else one.name_en,
            f"{one.name_zh}：{'、'.join(one.allowed)}" if one.allowed else one.name_zh,
            heading=Heading(
                one.name_zh, one.name_en, "" if short[one.name] == one.name else short[one.name]
            ),
            noun="areas",
        )
        for one in declared
    )


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
