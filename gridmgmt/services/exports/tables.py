"""Export responders, duties, categories, groups and levels, as their imports read them."""

from dataclasses import replace

from sqlalchemy.engine import Connection

from gridmgmt.exchange.content.export_content import ExportContent, Field, content_of, fields_of
from gridmgmt.exchange.layers.layer_out import LayerLoss
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.scopes import AreaScope
from gridmgmt.services.judging.code_names import CodeNames, language_of
from gridmgmt.services.responsibility.groups import list_memberships
from gridmgmt.services.responsibility.named_categories import written_categories
from gridmgmt.services.responsibility.responders import responders_of
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.responders import list_responders

RESPONDER_FIELDS = fields_of(
    "responders",
    Field("code", "text", "", "code of the responder", "责任主体编码"),
    Field(
        "kind",
        "text",
        "",
        "squad, street_chief, grid_member …",
        "squad 中队、street_chief 街长、grid_member 网格员等",
    ),
    Field("name", "text", "", "name of the responder", "责任主体名称"),
    Field("phone", "text", "", "", "", personal=True),
    Field("superior_code", "text", "", "responder above it", "上级责任主体"),
    Field("superior_name", "text", "", "of superior_code", "上级名称", is_beside=True),
    Field("area_level", "text", "", "of area_code", "area_code 所在层级"),
    Field("area_code", "text", "", "area it is stationed in", "驻地区域"),
    Field("area_name", "text", "", "of area_code", "驻地名称", is_beside=True),
)
DUTY_FIELDS = fields_of(
    "duties",
    Field("responder_code", "text", "", "who answers", "由谁负责"),
    Field("responder_name", "text", "", "of responder_code", "责任主体名称", is_beside=True),
    Field(
        "role",
        "text",
        "",
        "dispose, assist or oversee",
        "dispose 主办、assist 协办、oversee 督办",
    ),
    Field("target", "text", "", "area, group …", "area 区域、group 责任网格/片区等"),
    Field("level", "text", "", "of an area", "区域的层级"),
    Field("target_code", "text", "", "code of the place", "责任范围的编码"),
    Field("target_name", "text", "", "of target_code", "责任范围名称", is_beside=True),
    Field("categories", "text", "", "codes with ; or * for all", "编码以 ; 分隔，* 为全部"),
    Field("category_names", "text", "", "of categories", "类别名称", is_beside=True),
    Field("hours", "text", "opening_hours", "empty: always", "空：全天"),
    Field("valid_from", "date", "", "empty: from ever", "空：一直有效"),
    Field("valid_to", "date", "", "empty: for ever", "空：长期有效"),
    Field("letter_no", "text", "", "number of the letter", "责任书文号"),
)
CATEGORY_FIELDS = fields_of(
    "categories",
    Field("code", "text", "", "code of the category", "类别编码"),
    Field("name", "text", "", "name of the category", "类别名称"),
    Field("code_set", "text", "", "which the code is of", "编码所属体系"),
    Field("category_class", "text", "", "component or event", "component 部件、event 事件"),
    Field("major_class", "text", "", "", ""),
    Field("minor_class", "text", "", "", ""),
    Field("time_limit", "text", "", "as the standard words it", "按标准原文"),
    Field("class_code", "text", "", "of the components it is about", "所涉部件的大小类代码"),
)
GROUP_FIELDS = fields_of(
    "groups",
    Field("group_code", "text", "", "code of the group", "分组编码"),
    Field("kind", "text", "", "beat or inspection_area", "beat 责任网格、inspection_area 片区"),
    Field("name", "text", "", "name of the group", "分组名称"),
    Field("level", "text", "", "of the area", "区域的层级"),
    Field("area_code", "text", "", "an area of the group", "分组所含区域"),
    Field("area_name", "text", "", "of area_code", "区域名称", is_beside=True),
    Field("valid_from", "date", "", "empty: from ever", "空：一直有效"),
    Field("valid_to", "date", "", "empty: for ever", "空：长期有效"),
)
LEVEL_FIELDS = fields_of(
    "levels",
    Field("level", "text", "", "topmost first", "自上而下"),
    Field("name_zh", "text", "", "", ""),
    Field("name_en", "text", "", "", ""),
    Field("code_pattern", "text", "regex", "a code should match", "编码应符合的规则"),
    Field("size_m2", "real", "m2", "usual size of an area", "该层级区域的一般面积"),
    Field("tolerance_m2", "real", "m2", "empty: that of the check", "空：按检查的容差"),
)


def responder_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return responders, or only those who answer for a scope and their superiors."""
    found = list_responders(conn)
    if scope is not None:
        # With their superiors: an import elsewhere refuses a superior that it does not find.
        kept = responders_of(found, list_duties(conn), scope)
        found = [one for one in found if one.code in kept]
    take = (
        {}
        if names is None
        else {
            "superior_name": lambda one: names.responder(one.superior_code),
            "area_level": lambda one: names.level(one.area_level),
            "area_name": lambda one: names.area(one.area_level, one.area_code),
        }
    )
    return content_of(
        "responders",
        RESPONDER_FIELDS,
        found,
        lambda one: one.code,
        personal=personal,
        take=take,
        language=language_of(names),
    )


def duty_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return duties including ended ones, or only those about a scope."""
    found = [one for one in list_duties(conn) if scope is None or scope.concerns(one)]
    take = (
        {}
        if names is None
        else {
            "responder_name": lambda one: names.responder(one.responder_code),
            "level": lambda one: names.level(one.level),
            "target_name": lambda one: names.place(one.target, one.level, one.target_code),
            "category_names": lambda one: names.categories(one.categories),
        }
    )
    return content_of(
        "duties",
        DUTY_FIELDS,
        found,
        lambda one: f"duty {one.id}",
        personal=personal,
        # As the import reads them: importing the file again must change nothing.
        take={"categories": lambda one: written_categories(one.categories), **take},
        language=language_of(names),
    )


def category_content(
    conn: Connection, _: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return the categories of the code sets, without those known only from cases."""
    known = list_categories(conn)
    # Importing the others again would make them mapped, as if the bureau had defined them.
    mapped = [one for one in known if one.mapped]
    content = content_of(
        "categories",
        CATEGORY_FIELDS,
        mapped,
        lambda one: one.code,
        personal=personal,
        language=language_of(names),
    )
    unmapped = len(known) - len(mapped)
    if not unmapped:
        return content
    return replace(
        content,
        losses=(
            *content.losses,
            LayerLoss(
                "",
                "",
                Sentence(
                    "{} code(s) that are known only from cases are left out", f"{unmapped:,}"
                ),
            ),
        ),
    )


def group_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return groups, one row for each area; of a scope, whole groups with an area in it."""
    found = [
        one for one in list_memberships(conn) if scope is None or one.group_code in scope.groups
    ]
    take = (
        {}
        if names is None
        else {
            "level": lambda one: names.level(one.level),
            "area_name": lambda one: names.area(one.level, one.area_code),
        }
    )
    return content_of(
        "groups",
        GROUP_FIELDS,
        found,
        lambda one: f"{one.group_code} {one.area_code}",
        personal=personal,
        take=take,
        language=language_of(names),
    )


def level_content(
    conn: Connection, _: AreaScope | None, *, personal: bool, names: CodeNames | None
) -> ExportContent:
    """Return the levels, the topmost first."""
    return content_of(
        "levels",
        LEVEL_FIELDS,
        list_levels(conn),
        lambda one: one.name,
        personal=personal,
        take={"level": lambda one: one.name},
        language=language_of(names),
    )
