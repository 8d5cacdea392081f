"""Export road segments, zones, demolitions and components, as their imports read them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.surroundings import Zone
from gridmgmt.exchange.content.export_content import ExportContent, Field, content_of
from gridmgmt.services.areas.scopes import AreaScope, shares_ground
from gridmgmt.services.responsibility.named_categories import written_categories
from gridmgmt.store.responsibility.components import list_components
from gridmgmt.store.responsibility.demolitions import list_demolitions
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones

# `short`: a shapefile cuts names after ten bytes, Chinese ones in the middle of a character.
ROAD_SEGMENT_FIELDS = (
    Field("code", "Code", "编码", "text", "", "code of the road segment"),
    Field("name", "Name", "名称", "text", "", "name of the road segment"),
    Field("tolerance_m", "Tolerance", "容差", "real", "m", "to either side", short="tol_m"),
)
ZONE_FIELDS = (
    Field("code", "Code", "编码", "text", "", "code of the zone"),
    Field("kind", "Kind", "类型", "text", "", "vendor, demolition, river or campus"),
    Field("name", "Name", "名称", "text", "", "name of the zone"),
    Field("valid_from", "First day", "起始日", "date", "", "empty: from ever"),
    Field("valid_to", "Last day", "截止日", "date", "", "empty: for ever"),
    Field(
        "categories",
        "Categories",
        "适用类别",
        "text",
        "",
        "codes with ; between them, * = all",
    ),
)
DEMOLITION_FIELDS = (
    Field("code", "Code", "编码", "text", "", "code of the structure"),
    Field("name", "Name", "名称", "text", "", "name of the structure"),
    Field("address", "Address", "地址", "text", "", "where it stands", personal=True),
    Field("mode", "Mode", "拆除方式", "text", "", "self, assisted or forced"),
    Field(
        "demolished_on",
        "Demolished on",
        "拆除日期",
        "date",
        "",
        "empty: it stands",
        short="on_day",
    ),
    Field("claimed_m2", "Claimed area", "上报面积", "real", "m2", "as reported"),
    Field(
        "measured_m2",
        "Measured area",
        "实测面积",
        "real",
        "m2",
        "of the footprint, geodesic",
        short="meas_m2",
    ),
    # Three different counts of the same structures, which nobody can convert into each other.
    Field("cases_count", "Count 起", "起数", "integer", "", "起", short="n_cases"),
    Field("sites_count", "Count 处", "处数", "integer", "", "处", short="n_sites"),
    Field("households_count", "Count 户", "户数", "integer", "", "户", short="n_househ"),
)
# The short names are those of GB/T 30428.2; the import accepts them too.
COMPONENT_FIELDS = tuple(
    Field(name, name_en, name_zh, kind, "", meaning, short=short)
    for name, name_en, name_zh, kind, meaning, short in (
        ("code", "Code", "部件标识码", "text", "code of the component", ""),
        ("class_code", "Class", "大小类代码", "text", "of categories it belongs to", ""),
        ("name", "Name", "部件名称", "text", "name of the component", ""),
        ("owner_code", "Owner", "权属单位代码", "text", "owns it", ""),
        ("owner_name", "Name of the owner", "权属单位名称", "text", "", ""),
        ("maintainer_code", "Maintainer", "养护单位代码", "text", "maintains it", "DeptCode3"),
        ("maintainer_name", "Name of the maintainer", "养护单位名称", "text", "", "DeptName3"),
        ("manager_code", "Manager", "主管部门代码", "text", "manages it", "DeptCode1"),
        ("manager_name", "Name of the manager", "主管部门名称", "text", "", "DeptName1"),
        ("state", "State", "部件状态", "text", "intact, damaged, lost …", ""),
        ("recorded_on", "First recorded", "初始日期", "date", "when it was recorded", "ORDate"),
        ("changed_on", "Changed", "变更日期", "date", "when it changed", "CHDate"),
    )
)


def road_segment_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool
) -> ExportContent:
    """Return road segments, or only those that meet a scope."""
    found = list_road_segments(conn)
    return _content("road_segments", ROAD_SEGMENT_FIELDS, *found, scope, personal=personal)


def zone_content(conn: Connection, scope: AreaScope | None, *, personal: bool) -> ExportContent:
    """Return zones, or only those that overlap a scope."""
    take = {"categories": _zone_categories}
    return _content(
        "zones", ZONE_FIELDS, *list_zones(conn), scope, personal=personal, take=take
    )


def _zone_categories(zone: Zone) -> str:
    return written_categories(zone.categories)


def demolition_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool
) -> ExportContent:
    """Return demolitions with footprints or points, or only those within a scope."""
    found = list_demolitions(conn)
    return _content("demolitions", DEMOLITION_FIELDS, *found, scope, personal=personal)


def component_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool
) -> ExportContent:
    """Return the components, or only those within a scope."""
    found = list_components(conn)
    return _content("components", COMPONENT_FIELDS, *found, scope, personal=personal)


def _content(
    name: str,
    fields: Sequence[Field],
    records: Sequence[Any],
    geoms: GeometryArray,
    scope: AreaScope | None,
    *,
    personal: bool,
    take: Mapping[str, Callable[[Any], object]] | None = None,
) -> ExportContent:
    content = content_of(
        name,
        fields,
        records,
        lambda one: str(one.code),
        personal=personal,
        geoms=geoms,
        take=take,
    )
    return content if scope is None else content.picked(shares_ground(scope.shape, geoms))
