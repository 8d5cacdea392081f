"""The table of columns of every file that is imported or exported, in both languages."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from gridmgmt.domain.cases.case import CaseMark, CaseStatus, UnlocatedReason, UnroutedReason
from gridmgmt.domain.cases.case_rows import RowReader
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.columns import Column
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.headings import HEADINGS, Language
from gridmgmt.domain.value_words import WORDS, OneOf, Word
from gridmgmt.exchange.content.export_content import Field
from gridmgmt.services.areas import attributes, levels
from gridmgmt.services.cases.case_columns import CASE_COLUMNS
from gridmgmt.services.exports import areas, places, tables
from gridmgmt.services.map_exports import case_points, densities, figures
from gridmgmt.services.record_imports.table_points import POINT_COLUMNS
from gridmgmt.services.responsibility.layer_imports import ImportNoun, columns_of

# What each file is called.
FILES = {
    "cases": Word("案件", "cases"),
    "case_points": Word("案件点位", "case points"),
    "figures": Word("统计指标", "figures"),
    "contours": Word("密度等值线", "contours"),
    "bands": Word("密度分级面", "bands"),
    "areas": Word("区域", "areas"),
    "road_segments": Word("路段", "road segments"),
    "zones": Word("特殊区域", "zones"),
    "demolitions": Word("拆违", "demolitions"),
    "components": Word("部件", "components"),
    "responders": Word("责任主体", "responders"),
    "duties": Word("责任", "duties"),
    "categories": Word("类别", "categories"),
    "groups": Word("责任网格、片区", "groups"),
    "levels": Word("层级", "levels"),
    "attributes": Word("区域属性的声明", "attributes of areas, as declared"),
    "positions": Word(
        "点位（拆违、部件表格）", "positions in tables of demolitions and components"
    ),
}
_HEAD = Word(
    "| 文件 | 列名 | 中文表头 | 英文表头 | 导入 | 导出 | 说明 |",
    "| file | column | 中文表头 | English heading | import | export | what it holds |",
)
_REQUIRED, _TAKEN = Word("必填", "required"), Word("可填", "yes")
_WRITTEN, _BESIDE = Word("有", "yes"), Word("供人阅读时有", "for people")
_PERSONAL = Word("含个人信息时有", "with personal data")

_EXPORTED: Mapping[str, tuple[Field, ...]] = {
    "case_points": case_points.FIELDS,
    "figures": figures.FIELDS,
    "contours": densities.LINE_FIELDS,
    "bands": densities.BAND_FIELDS,
    "areas": areas.FIELDS,
    "road_segments": places.ROAD_SEGMENT_FIELDS,
    "zones": places.ZONE_FIELDS,
    "demolitions": places.DEMOLITION_FIELDS,
    "components": places.COMPONENT_FIELDS,
    "responders": tables.RESPONDER_FIELDS,
    "duties": tables.DUTY_FIELDS,
    "categories": tables.CATEGORY_FIELDS,
    "groups": tables.GROUP_FIELDS,
    "levels": tables.LEVEL_FIELDS,
}
_DECLARED = {"levels": levels, "attributes": attributes}
_CASE_VALUES: Mapping[str, type[StrEnum]] = {
    "status": CaseStatus,
    "deadline": Deadline,
    "unlocated_reason": UnlocatedReason,
    "unrouted_reason": UnroutedReason,
    "marks": CaseMark,
}
# By these one chooses cases; none stands in a file.
_ONLY_ASKED = (Deadline.DUE, Deadline.MISSED, Deadline.PROVISIONAL)
_NOWHERE = Path("rows.csv"), Path("layer.gpkg")


def column_table(language: Language) -> Iterator[str]:
    """Write every column of every file, in the order of the headings."""
    yield _HEAD.said(language)
    yield "|---|---|---|---|---|---|---|"
    for noun, headings in HEADINGS.items():
        taken = _imported(noun)
        written = {one.name: one for one in _EXPORTED.get(noun, ())}
        for name, heading in headings.items():
            cells = (
                FILES[noun].said(language),
                f"`{name}`",
                heading.zh,
                heading.en,
                _import(taken.get(name), language),
                _export(noun, name, written.get(name), language),
                _meaning(noun, taken.get(name), written.get(name), name, language),
            )
            yield f"| {' | '.join(one.replace('|', chr(92) + '|') for one in cells)} |"


def _imported(noun: str) -> dict[str, Column]:
    if noun == "cases":
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return {one.name: one for one in RowReader(DateReader(UTC), now).columns}
    if noun in _DECLARED:
        module = _DECLARED[noun]
        return {
            name: Column(name, str, required=name in module.REQUIRED) for name in module.COLUMNS
        }
    if noun == "positions":
        return {one.name: one for one in POINT_COLUMNS}
    if noun not in {*ImportNoun}:
        return {}
    return {one.name: one for path in _NOWHERE for one in columns_of(ImportNoun(noun), path)}


def _import(column: Column | None, language: Language) -> str:
    if column is None:
        return ""
    return (_REQUIRED if column.required else _TAKEN).said(language)


def _export(noun: str, name: str, field: Field | None, language: Language) -> str:
    if noun == "cases":
        personal = name in ("description", "address")
        beside = _WRITTEN if name in CASE_COLUMNS else _BESIDE
        return (_PERSONAL if personal else beside).said(language)
    if field is None:
        return ""
    if field.personal:
        return _PERSONAL.said(language)
    return (_BESIDE if field.is_beside else _WRITTEN).said(language)


def _meaning(
    noun: str, column: Column | None, field: Field | None, name: str, language: Language
) -> str:
    values = _CASE_VALUES.get(name) if noun == "cases" else None
    if column is not None and isinstance(column.parse, OneOf):
        values = column.parse.values
    if values is not None:
        words = WORDS[values]
        return ", ".join(
            f"`{one}` {words[one].said(language)}" for one in values if one not in _ONLY_ASKED
        )
    if field is None:
        return ""
    meaning = field.meaning_zh if language == "zh" else field.meaning
    return "; ".join(filter(None, (field.unit, meaning)))
