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
from gridmgmt.exchange.content.export_content import ExportContent, Fact, Field
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.map_exports.wanted import MapExport
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.store.cases.case_points import CasePoint, count_points, read_points
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.responders import list_responders

# Neither description nor address nor reporter nor phone nor people's names: only what the map
# needs.
FIELDS = (
    Field("case_no", "Case number", "案件编号", "text", "", "number of the case"),
    Field("category", "Category", "类别编码", "text", "", "code of the category"),
    Field(
        "category_name", "Name of the category", "类别名称", "text", "", "", short="cat_name"
    ),
    Field("reported", "Reported", "上报时间", "time", "ISO 8601", "on the bureau's clock"),
    Field("due_by", "Deadline", "处置截止时间", "time", "ISO 8601", "empty: none"),
    Field(
        "due_prov",
        "Provisional deadline",
        "时限是否暂定",
        "integer",
        "",
        "1: computed without the clock of working time",
    ),
    Field("disposed", "Disposed of", "处置时间", "time", "ISO 8601", "empty: not yet"),
    Field("closed", "Closed", "结案时间", "time", "ISO 8601", "empty: not yet"),
    Field("status", "Status", "状态", "text", "", "triage, dispatched, disposed or closed"),
    Field("channel", "Channel", "上报渠道", "text", "", "how it came in"),
    Field(
        "deadline",
        "Deadline kept",
        "时限情况",
        "text",
        "",
        "on_time, late, overdue, pending or without, at the time of #as_of",
    ),
    Field(
        "is_on_time",
        "On time",
        "是否按期",
        "integer",
        "",
        "1: on time, 0: late or overdue, empty: in no rate",
    ),
    Field("leaf_level", "Level of the leaf", "网格层级", "text", "", "of leaf_code"),
    Field(
        "leaf_code",
        "Leaf area",
        "所在网格编码",
        "text",
        "",
        "for which it counts under #edition; empty: in none",
    ),
    Field("leaf_name", "Name of the leaf", "所在网格名称", "text", "", "of leaf_code"),
    Field("resp_code", "Responder", "责任主体编码", "text", "", "who answers; empty: nobody"),
    Field(
        "resp_name",
        "Name of the responder",
        "责任主体名称",
        "text",
        "",
        "of resp_code; empty for a person (street chief, grid member)",
    ),
)
_ON_TIME = {Deadline.ON_TIME: 1, Deadline.LATE: 0, Deadline.OVERDUE: 0}


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
        columns={
            name: objects(values) for name, values in _columns(conn, wanted, points).items()
        },
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
        "due_prov": [int(one.due_provisional) for one in points],
        "disposed": [at(one.disposed_at) for one in points],
        "closed": [at(one.closed_at) for one in points],
        "status": [one.status.value for one in points],
        "channel": [one.channel for one in points],
        "deadline": [one.value for one in kept],
        "is_on_time": [_ON_TIME.get(one) for one in kept],
        "leaf_level": [None if one.leaf is None else leaf_level for one in points],
        "leaf_code": [one.leaf for one in points],
        "leaf_name": [names.get(one.leaf or "") for one in points],
        "resp_code": [one.responder_code for one in points],
        "resp_name": [bodies.get(one.responder_code or "") for one in points],
    }


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
