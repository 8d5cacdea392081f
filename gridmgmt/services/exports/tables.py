"""Export responders, duties, categories, groups and levels, as their imports read them."""

from dataclasses import replace

from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.duty import Duty
from gridmgmt.exchange.content.export_content import ExportContent, Field, content_of
from gridmgmt.exchange.layers.layer_out import LayerLoss
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.scopes import AreaScope
from gridmgmt.services.responsibility.groups import list_memberships
from gridmgmt.services.responsibility.named_categories import written_categories
from gridmgmt.services.responsibility.responders import responders_of
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.responders import list_responders

RESPONDER_FIELDS = (
    Field("code", "Code", "编码", "text", "", "code of the responder"),
    Field("kind", "Kind", "类型", "text", "", "squad, street_chief, grid_member …"),
    Field("name", "Name", "名称", "text", "", "name of the responder"),
    Field("phone", "Phone", "电话", "text", "", "", personal=True),
    Field("superior_code", "Superior", "上级编码", "text", "", "responder above it"),
    Field("area_level", "Level of its area", "驻地层级", "text", "", "of area_code"),
    Field("area_code", "Area", "驻地编码", "text", "", "area it is stationed in"),
)
DUTY_FIELDS = (
    Field("responder_code", "Responder", "责任主体编码", "text", "", "who answers"),
    Field("role", "Role", "角色", "text", "", "dispose, assist or oversee"),
    Field("target", "Kind of place", "责任范围类型", "text", "", "area, group …"),
    Field("level", "Level", "层级", "text", "", "of an area"),
    Field("target_code", "Place", "责任范围编码", "text", "", "code of the place"),
    Field("categories", "Categories", "类别编码", "text", "", "codes with ; or * for all"),
    Field("hours", "Hours", "时段", "text", "opening_hours", "empty: always"),
    Field("valid_from", "First day", "起始日", "date", "", "empty: from ever"),
    Field("valid_to", "Last day", "截止日", "date", "", "empty: for ever"),
    Field("letter_no", "Letter", "责任书编号", "text", "", "number of the letter"),
)
CATEGORY_FIELDS = (
    Field("code", "Code", "编码", "text", "", "code of the category"),
    Field("name", "Name", "名称", "text", "", "name of the category"),
    Field("code_set", "Code set", "编码体系", "text", "", "which the code is of"),
    Field("category_class", "Class", "部件或事件", "text", "", "component or event"),
    Field("major_class", "Major class", "大类", "text", "", ""),
    Field("minor_class", "Minor class", "小类", "text", "", ""),
    Field("time_limit", "Time limit", "处置时限", "text", "", "as the standard words it"),
    Field(
        "class_code", "Class code", "大小类代码", "text", "", "of the components it is about"
    ),
)
GROUP_FIELDS = (
    Field("group_code", "Group", "分组编码", "text", "", "code of the group"),
    Field("kind", "Kind", "类型", "text", "", "beat or inspection_area"),
    Field("name", "Name", "名称", "text", "", "name of the group"),
    Field("level", "Level", "层级", "text", "", "of the area"),
    Field("area_code", "Area", "区域编码", "text", "", "an area of the group"),
    Field("valid_from", "First day", "起始日", "date", "", "empty: from ever"),
    Field("valid_to", "Last day", "截止日", "date", "", "empty: for ever"),
)
LEVEL_FIELDS = (
    Field("level", "Level", "层级", "text", "", "topmost first"),
    Field("name_zh", "Chinese name", "中文名称", "text", "", ""),
    Field("name_en", "English name", "英文名称", "text", "", ""),
    Field("code_pattern", "Pattern", "编码规则", "text", "regex", "a code should match"),
    Field("size_m2", "Usual size", "常规面积", "real", "m2", "of an area"),
    Field("tolerance_m2", "Tolerance", "容差", "real", "m2", "empty: that of the check"),
)


def responder_content(
    conn: Connection, scope: AreaScope | None, *, personal: bool
) -> ExportContent:
    """Return responders, or only those who answer for a scope and their superiors."""
    found = list_responders(conn)
    if scope is not None:
        # With their superiors: an import elsewhere refuses a superior that it does not find.
        kept = responders_of(found, list_duties(conn), scope)
        found = [one for one in found if one.code in kept]
    return content_of(
        "responders", RESPONDER_FIELDS, found, lambda one: one.code, personal=personal
    )


def duty_content(conn: Connection, scope: AreaScope | None, *, personal: bool) -> ExportContent:
    """Return duties including ended ones, or only those about a scope."""
    found = [one for one in list_duties(conn) if scope is None or scope.concerns(one)]
    return content_of(
        "duties",
        DUTY_FIELDS,
        found,
        lambda one: f"duty {one.id}",
        personal=personal,
        # As the import reads them: importing the file again must change nothing.
        take={"categories": _categories},
    )


def _categories(duty: Duty) -> str:
    return written_categories(duty.categories)


def category_content(conn: Connection, _: AreaScope | None, *, personal: bool) -> ExportContent:
    """Return the categories of the code sets, without those known only from cases."""
    known = list_categories(conn)
    # Importing the others again would make them mapped, as if the bureau had defined them.
    mapped = [one for one in known if one.mapped]
    content = content_of(
        "categories", CATEGORY_FIELDS, mapped, lambda one: one.code, personal=personal
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
    conn: Connection, scope: AreaScope | None, *, personal: bool
) -> ExportContent:
    """Return groups, one row for each area; of a scope, whole groups with an area in it."""
    found = [
        one for one in list_memberships(conn) if scope is None or one.group_code in scope.groups
    ]
    return content_of(
        "groups",
        GROUP_FIELDS,
        found,
        lambda one: f"{one.group_code} {one.area_code}",
        personal=personal,
    )


def level_content(conn: Connection, _: AreaScope | None, *, personal: bool) -> ExportContent:
    """Return the levels, the topmost first."""
    return content_of(
        "levels",
        LEVEL_FIELDS,
        list_levels(conn),
        lambda one: one.name,
        personal=personal,
        take={"level": lambda one: one.name},
    )
