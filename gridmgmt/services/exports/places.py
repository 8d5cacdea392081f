"""Export road segments, zones, demolitions and components, as their imports read them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.surroundings import Zone
from gridmgmt.exchange.content.export_content import ExportContent, Field, content_of, fields_of
from gridmgmt.services.areas.scopes import AreaScope, shares_ground
from gridmgmt.services.judging.code_names import CodeNames, language_of
from gridmgmt.services.responsibility.named_categories import written_categories
from gridmgmt.store.responsibility.components import list_components
from gridmgmt.store.responsibility.demolitions import list_demolitions
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones

# `short`: a shapefile cuts names after ten bytes, Chinese ones in the middle of a character.
ROAD_SEGMENT_FIELDS = fields_of(
    "road_segments",
    Field("code", "text", "", "code of the road segment", "路段编码"),
    Field("name", "text", "", "name of the road segment", "路段名称"),
    Field("tolerance_m", "real", "m", "to either side", "两侧各多少米"),
)
ZONE_FIELDS = fields_of(
    "zones",
    Field("code", "text", "", "code of the zone", "特殊区域编码"),
    Field(
        "kind",
        "text",
        "",
        "vendor, demolition, river or campus",
        "vendor 固定摊点群、demolition 拆迁区、river 河段、campus 校园",
    ),
    Field("name", "text", "", "name of the zone", "特殊区域名称"),
    Field("valid_from", "date", "", "empty: from ever", "空：一直有效"),
    Field("valid_to", "date", "", "empty: for ever", "空：长期有效"),
    Field(
        "categories",
        "text",
        "",
        "codes with ; between them, * = all",
        "编码以 ; 分隔，* 为全部",
    ),
    Field("category_names", "text", "", "of categories", "适用类别名称", is_beside=True),
)
DEMOLITION_FIELDS = fields_of(
    "demolitions",
    Field("code", "text", "", "code of the structure", "建筑编码"),
    Field("name", "text", "", "name of the structure", "建筑名称"),
    Field("address", "text", "", "where it stands", "所在地址", personal=True),
    Field(
        "mode",
        "text",
        "",
        "self, assisted or forced",
        "self 自行拆除、assisted 协助拆除、forced 强制拆除",
    ),
    Field("demolished_on", "date", "", "empty: it stands", "空：尚未拆除"),
    Field("claimed_m2", "real", "m2", "as reported", "上报数"),
    Field(
        "measured_m2", "real", "m2", "of the footprint, geodesic", "按占地图形在椭球面上量算"
    ),
    Field("cases_count", "integer", "", "起", "起"),
    Field("sites_count", "integer", "", "处", "处"),
    Field("households_count", "integer", "", "户", "户"),
)
# The short names are those of GB/T 30428.2; the import accepts them too.
COMPONENT_FIELDS = fields_of(
    "components",
    Field("code", "text", "", "code of the component", "部件编码"),
    Field("class_code", "text", "", "of categories it belongs to", "对应案件类别的大小类代码"),
    Field("name", "text", "", "name of the component", "部件名称"),
    Field("owner_code", "text", "", "owns it", "权属单位"),
    Field("owner_name", "text", "", "", ""),
    Field("maintainer_code", "text", "", "maintains it", "养护单位"),
    Field("maintainer_name", "text", "", "", ""),
    Field("manager_code", "text", "", "manages it", "主管部门"),
    Field("manager_name", "text", "", "", ""),
    Field(
        "state", "text", "", "intact, damaged, lost …", "intact 完好、damaged 破损、lost 丢失等"
    ),
    Field("recorded_on", "date", "", "when it was recorded", "登记日期"),
    Field("changed_on", "date", "", "when it changed", "变更日期"),
)


def road_segment_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return road segments, or only those that meet a scope."""
    found = list_road_segments(conn)
    return _content(
        "road_segments", ROAD_SEGMENT_FIELDS, *found, scope, personal=personal, names=names
    )


def zone_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return zones, or only those that overlap a scope."""
    take: dict[str, Callable[[Any], object]] = {"categories": _zone_categories}
    if names is not None:
        take["category_names"] = lambda one: names.categories(one.categories)
    return _content(
        *("zones", ZONE_FIELDS, *list_zones(conn), scope, personal, names), take=take
    )


def _zone_categories(zone: Zone) -> str:
    return written_categories(zone.categories)


def demolition_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return demolitions with footprints or points, or only those within a scope."""
    found = list_demolitions(conn)
    return _content(
        "demolitions", DEMOLITION_FIELDS, *found, scope, personal=personal, names=names
    )


def component_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return the components, or only those within a scope."""
    found = list_components(conn)
    return _content(
        "components", COMPONENT_FIELDS, *found, scope, personal=personal, names=names
    )


def _content(
    name: str,
    fields: Sequence[Field],
    records: Sequence[Any],
    geoms: GeometryArray,
    scope: AreaScope | None,
    personal: bool,
    names: CodeNames | None,
    *,
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
        language=language_of(names),
    )
    return content if scope is None else content.picked(shares_ground(scope.shape, geoms))
