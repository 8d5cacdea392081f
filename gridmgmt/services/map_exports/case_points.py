"""The cases of a period as points, without personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.cases.deadline import Deadline, standing
from gridmgmt.domain.moments import on_clock
from gridmgmt.exchange.content.export_content import (
    ExportContent,
    Fact,
    Field,
    fields_of,
    written_values,
)
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.judging.code_names import CodeNames
from gridmgmt.services.map_exports.wanted import MapExport
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.store.cases.case_points import CasePoint, count_points, read_points
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.responders import list_responders

# Neither description nor address nor reporter nor phone nor people's names: only what the map
# needs.
FIELDS = fields_of(
    "case_points",
    Field("case_no", "text", "", "number of the case", "案件编号"),
    Field("category", "text", "", "code of the category", "类别编码"),
    Field("category_name", "text", "", "", ""),
    Field("reported", "time", "ISO 8601", "on the bureau's clock", "本地时间"),
    Field("due_by", "time", "ISO 8601", "empty: none", "空：无时限"),
    Field(
        "due_prov",
        "integer",
        "",
        "1: computed without the clock of working time",
        "1：以自然时间推算",
    ),
    Field("disposed", "time", "ISO 8601", "empty: not yet", "空：尚未"),
    Field("closed", "time", "ISO 8601", "empty: not yet", "空：尚未"),
    Field(
        "status",
        "text",
        "",
        "triage, dispatched, disposed or closed",
        "triage 待研判、dispatched 已派遣、disposed 已处置、closed 结案",
    ),
    Field("channel", "text", "", "how it came in", "上报来源"),
    Field(
        "deadline",
        "text",
        "",
        "on_time, late, overdue, pending or without, at the time of #as_of",
        "on_time 按期处置、late 超期处置、overdue 超期未处置、pending 未到期、without 无时限",
    ),
    Field(
        "is_on_time",
        "integer",
        "",
        "1: on time, 0: late or overdue, empty: in no rate",
        "1 按期，0 超期，空：不计入",
    ),
    Field("leaf_level", "text", "", "of leaf_code", "leaf_code 的"),
    Field(
        "leaf_code",
        "text",
        "",
        "for which it counts under #edition; empty: in none",
        "按 #edition 版本统计的网格；空：不在任何网格",
    ),
    Field("leaf_name", "text", "", "of leaf_code", "leaf_code 的"),
    Field("resp_code", "text", "", "who answers; empty: nobody", "由谁处置；空：无"),
    Field(
        "resp_name",
        "text",
        "",
        "of resp_code; empty for a person (street chief, grid member)",
        "resp_code 的名称；个人（街长、网格员）为空",
    ),
)
_ON_TIME = {Deadline.ON_TIME: True, Deadline.LATE: False, Deadline.OVERDUE: False}


def case_point_content(conn: Connection, wanted: MapExport) -> ExportContent:
    """Return the cases that have a position, ordered by number.

    Cases without a position, and those at default positions, are counted beside.

    Raises
    ------
    NotFoundError
        when the edition has no such area to clip to
    """
    asked = wanted.reported.cases
    if wanted.clip is not None:
        asked = replace(asked, ground=ground_of(conn, wanted.edition, wanted.clip))
    points = list(read_points(conn, asked, wanted.edition))
    counted = count_points(conn, asked)
    beside = (
        ("cases_in_rows", "Cases in the rows", "表内案件数", len(points)),
        ("no_position", "Without a position", "无坐标案件数", counted.without_position),
        ("at_default", "At default coordinates", "默认坐标案件数", counted.at_default),
    )
    return ExportContent(
        name="case_points",
        fields=FIELDS,
        columns=written_values(_columns(conn, wanted, points), wanted.language),
        language=wanted.language,
        keys=[one.case_no for one in points],
        geoms=shapely.points([[one.lon, one.lat] for one in points]) if points else objects([]),
        facts=(
            *wanted.facts,
            *(Fact(key, en, zh, str(count)) for key, en, zh, count in beside),
        ),
    )


def _columns(
    conn: Connection, wanted: MapExport, points: Sequence[CasePoint]
) -> Mapping[str, Sequence[object]]:
    areas = map_areas(conn, wanted.edition, area=None)
    leaf_level = areas.levels[-1]
    shown_level: str | None = leaf_level
    if wanted.language is not None:
        shown_level = CodeNames(conn, wanted.language).level(leaf_level)
    names = {code: row.name for code, row in areas.by_level[leaf_level].items()}
    kinds = {one.code: one.name for one in list_categories(conn)}
    bodies = {one.code: one.name for one in list_responders(conn) if not one.is_person}
    tz = wanted.reported.period.tz

    def at(moment: datetime | None) -> datetime | None:
        # To the second: what programs sent may have more, which no map has a use for.
        return None if moment is None else on_clock(moment, tz).replace(microsecond=0)

    # Where a setting leaves provisional deadlines out of rates, they count as none here too.
    left_out = wanted.reported.choice.without_provisional
    kept = [
        _standing(replace(one, due_at=None), wanted.as_of)
        if left_out and one.due_provisional
        else _standing(one, wanted.as_of)
        for one in points
    ]
    return {
        "case_no": [one.case_no for one in points],
        "category": [one.category for one in points],
        "category_name": [kinds.get(one.category) for one in points],
        "reported": [at(one.reported_at) for one in points],
        "due_by": [at(one.due_at) for one in points],
        "due_prov": [_flag(one.due_provisional, wanted) for one in points],
        "disposed": [at(one.disposed_at) for one in points],
        "closed": [at(one.closed_at) for one in points],
        "status": [one.status for one in points],
        "channel": [one.channel for one in points],
        "deadline": kept,
        "is_on_time": [_flag(_ON_TIME.get(one), wanted) for one in kept],
        "leaf_level": [None if one.leaf is None else shown_level for one in points],
        "leaf_code": [one.leaf for one in points],
        "leaf_name": [names.get(one.leaf or "") for one in points],
        "resp_code": [one.responder_code for one in points],
        "resp_name": [bodies.get(one.responder_code or "") for one in points],
    }


def _flag(value: bool | None, wanted: MapExport) -> object:
    """Return 1 or 0 for programs: not every format of layers has yes and no."""
    return value if value is None or wanted.language is not None else int(value)


def _standing(one: CasePoint, as_of: datetime) -> Deadline:
    given = GivenCase(
        one.case_no,
        one.category,
        one.reported_at,
        due_at=one.due_at,
        disposed_at=one.disposed_at,
        closed_at=one.closed_at,
    )
    return standing(given, as_of)
