"""The headings of columns: what every field of a file is called, by noun.

This is the only list. Exports write these headings, imports read them, and pages, data
dictionaries and documents show them. A program gets the name of the field.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Heading(NamedTuple):
    """The headings of a field for people, and other names by which imports know it.

    ``short`` is the name for formats that allow only ten letters. ``others`` are names of other
    systems and of earlier releases: a column with one of them counts only if none has the
    name of the field or a heading.
    """

    zh: str
    en: str
    short: str = ""
    others: tuple[str, ...] = ()

    def said(self, language: Language) -> str:
        """Return the heading in a language."""
        return self.zh if language == "zh" else self.en

    @property
    def both(self) -> tuple[str, str]:
        """Return the headings in both languages."""
        return self.zh, self.en


_DAYS = {
    "valid_from": Heading("起始日", "First day"),
    "valid_to": Heading("截止日", "Last day"),
}

HEADINGS: Mapping[str, Mapping[str, Heading]] = {
    "cases": {
        "case_no": Heading("案件编号", "Case number"),
        "status": Heading("案件状态", "Status"),
        "reported_at": Heading("上报时间", "Reported at"),
        "channel": Heading("来源", "Channel", others=("上报渠道",)),
        "category": Heading("类别编码", "Category code"),
        "category_name": Heading("类别名称", "Category name"),
        "level": Heading("网格层级", "Area level"),
        "area_code": Heading("所在网格编码", "Area code"),
        "area_name": Heading("所在网格名称", "Area name"),
        "responder_code": Heading("主办单位编码", "Responder code"),
        "responder_name": Heading("主办单位名称", "Responder name"),
        "duty_source": Heading("派遣依据", "Basis of dispatch"),
        "due_at": Heading("处置截止", "Due at", others=("处置截止时间",)),
        # Not 处置时限: what other systems call so may as well be a time.
        "due_limit": Heading("规定时限", "Time limit"),
        "due_provisional": Heading("是否暂定时限", "Provisional deadline"),
        "deadline": Heading("时限情况", "On time"),
        "disposed_at": Heading("处置时间", "Disposed at", others=("Disposed of at",)),
        "closed_at": Heading("结案时间", "Closed at"),
        "description": Heading("描述", "Description", others=("问题描述",)),
        "address": Heading("地址", "Address", others=("案发地址",)),
        "lon": Heading("经度", "Longitude", others=("经度或 x", "Longitude or x")),
        "lat": Heading("纬度", "Latitude", others=("纬度或 y", "Latitude or y")),
        "accuracy_m": Heading("定位精度（米）", "Accuracy (m)"),
        "given_x": Heading("上报坐标 X", "Reported x"),
        "given_y": Heading("上报坐标 Y", "Reported y"),
        "given_crs": Heading("上报坐标系", "Reported coordinate system"),
        "edition": Heading("网格版本", "Edition"),
        "candidates": Heading("候选网格编码", "Candidate area codes"),
        "on_boundary": Heading("是否在边界上", "On a border"),
        "snapped": Heading("是否就近归入", "Taken to the nearest area"),
        "distance_m": Heading("距所在网格（米）", "Distance to the area (m)"),
        "unlocated_reason": Heading("未定位原因", "Why not located"),
        "unrouted_reason": Heading("未派遣原因", "Why not dispatched"),
        "marks": Heading("标记", "Marks"),
    },
    "case_points": {
        "case_no": Heading("案件编号", "Case number"),
        "category": Heading("类别编码", "Category code"),
        "category_name": Heading("类别名称", "Category name", "cat_name"),
        "reported": Heading("上报时间", "Reported at"),
        "due_by": Heading("处置截止", "Due at"),
        "due_prov": Heading("是否暂定时限", "Provisional deadline"),
        "disposed": Heading("处置时间", "Disposed at"),
        "closed": Heading("结案时间", "Closed at"),
        "status": Heading("案件状态", "Status"),
        "channel": Heading("来源", "Channel"),
        "deadline": Heading("时限情况", "On time"),
        "is_on_time": Heading("是否按期", "On time (1 or 0)"),
        "leaf_level": Heading("网格层级", "Area level"),
        "leaf_code": Heading("所在网格编码", "Area code"),
        "leaf_name": Heading("所在网格名称", "Area name"),
        "resp_code": Heading("主办单位编码", "Responder code"),
        "resp_name": Heading("主办单位名称", "Responder name"),
    },
    "figures": {
        "level": Heading("层级", "Level"),
        "code": Heading("编码", "Code"),
        "name": Heading("名称", "Name"),
        "parent": Heading("上级编码", "Parent code"),
        "parent_name": Heading("上级名称", "Parent name", "parent_nam"),
        "edition": Heading("网格版本", "Edition"),
        "area_km2": Heading("面积（平方公里）", "Area (km²)"),
        "cases": Heading("案件数", "Cases"),
        "per_km2": Heading("案件密度（件/平方公里）", "Cases per km²"),
        "open": Heading("未办结数", "Open"),
        "overdue": Heading("超期未处置数", "Overdue"),
        "on_time": Heading("按期处置数", "On time"),
        "late": Heading("超期处置数", "Late"),
        "without_due": Heading("无时限案件数", "Without a deadline", "no_due"),
        "due": Heading("应处置数", "Should be disposed"),
        "provisional": Heading("暂定时限数", "Provisional deadlines", "provis"),
        "on_time_pct": Heading("按期处置率（%）", "On-time rate (%)", "ontime_pct"),
        "disposal_pct": Heading("处置率（%）", "Disposal rate (%)", "disp_pct"),
        "demolished": Heading("拆除处数", "Demolished"),
        "claimed_m2": Heading("上报拆除面积（平方米）", "Claimed (m²)"),
        "not_claimed": Heading("未填报面积处数", "Without a claimed area", "no_claim"),
        "measured_m2": Heading("实测拆除面积（平方米）", "Measured (m²)", "meas_m2"),
        "not_measured": Heading("未实测处数", "Without a measured area", "no_meas"),
    },
    "contours": {
        "per_km2": Heading("案件密度（件/平方公里）", "Cases per km²"),
        "length_km": Heading("长度（公里）", "Length (km)"),
    },
    "bands": {
        "above": Heading("密度下限（件/平方公里）", "Above (cases per km²)"),
        "up_to": Heading("密度上限（件/平方公里）", "Up to (cases per km²)"),
        "area_km2": Heading("面积（平方公里）", "Area (km²)"),
    },
    "areas": {
        "level": Heading("层级", "Level"),
        "code": Heading("编码", "Code"),
        "name": Heading("名称", "Name"),
        "parent": Heading("上级编码", "Parent code"),
        "parent_name": Heading("上级名称", "Parent name", "parent_nam"),
        "edition": Heading("网格版本", "Edition"),
        "effective": Heading("生效日期", "In force from"),
        "area_m2": Heading("面积（平方米）", "Area (m²)"),
    },
    "road_segments": {
        "code": Heading("编码", "Code"),
        "name": Heading("名称", "Name"),
        "tolerance_m": Heading("容差（米）", "Tolerance (m)", "tol_m", ("容差",)),
    },
    "zones": {
        "code": Heading("编码", "Code"),
        "kind": Heading("类型", "Kind"),
        "name": Heading("名称", "Name"),
        **_DAYS,
        "categories": Heading(
            "适用类别编码", "Category codes", others=("适用类别", "类别编码")
        ),
        "category_names": Heading("适用类别名称", "Category names"),
    },
    "demolitions": {
        "code": Heading("编码", "Code"),
        "name": Heading("名称", "Name"),
        "address": Heading("地址", "Address"),
        "mode": Heading("拆除方式", "How it was torn down"),
        "demolished_on": Heading("拆除日期", "Torn down on", "on_day"),
        "claimed_m2": Heading(
            "上报面积（平方米）", "Claimed area (m²)", others=("上报面积", "上报面积（m²）")
        ),
        "measured_m2": Heading("实测面积（平方米）", "Measured area (m²)", "meas_m2"),
        # Three different counts of the same structures.
        "cases_count": Heading("起数", "Demolition cases", "n_cases", ("拆违（起）",)),
        "sites_count": Heading("处数", "Demolition sites", "n_sites", ("拆违（处）",)),
        "households_count": Heading(
            "户数", "Households concerned", "n_househ", ("拆违（户）",)
        ),
    },
    # The other names are those of GB/T 30428.2, which fit the ten letters of a shapefile.
    "components": {
        "code": Heading("部件标识码", "Code", others=("ObjID", "编码")),
        "class_code": Heading(
            "大小类代码", "Class code", others=("class", "category", "部件类别")
        ),
        "name": Heading("部件名称", "Name", others=("ObjName", "名称")),
        "owner_code": Heading("权属单位代码", "Owner code", others=("DeptCode2",)),
        "owner_name": Heading("权属单位名称", "Owner name", others=("DeptName2",)),
        "maintainer_code": Heading("养护单位代码", "Maintainer code", "DeptCode3"),
        "maintainer_name": Heading("养护单位名称", "Maintainer name", "DeptName3"),
        "manager_code": Heading("主管部门代码", "Manager code", "DeptCode1"),
        "manager_name": Heading("主管部门名称", "Manager name", "DeptName1"),
        "state": Heading("部件状态", "State", others=("ObjState", "状态")),
        "recorded_on": Heading("初始日期", "First recorded on", "ORDate"),
        "changed_on": Heading("变更日期", "Changed on", "CHDate"),
    },
    "responders": {
        "code": Heading("编码", "Code"),
        "kind": Heading("类型", "Kind"),
        "name": Heading("名称", "Name"),
        "phone": Heading("电话", "Phone"),
        "superior_code": Heading("上级编码", "Superior code"),
        "superior_name": Heading("上级名称", "Superior name"),
        "area_level": Heading("驻地层级", "Area level", others=("区域层级",)),
        "area_code": Heading("驻地编码", "Area code", others=("区域编码",)),
        "area_name": Heading("驻地名称", "Area name"),
    },
    "duties": {
        "responder_code": Heading("责任主体编码", "Responder code", others=("处置单位编码",)),
        "responder_name": Heading("责任主体名称", "Responder name"),
        "role": Heading("角色", "Role", others=("责任类型",)),
        "target": Heading("责任范围类型", "Kind of place"),
        "level": Heading("范围层级", "Area level", others=("层级", "区域层级")),
        "target_code": Heading("责任范围编码", "Place code"),
        "target_name": Heading("责任范围名称", "Place name"),
        "categories": Heading("类别编码", "Category codes"),
        "category_names": Heading("类别名称", "Category names"),
        "hours": Heading("时段", "Hours", others=("责任时段",)),
        **_DAYS,
        "letter_no": Heading("责任书文号", "Letter number", others=("责任书编号",)),
    },
    "categories": {
        "code": Heading("编码", "Code", others=("类别编码",)),
        "name": Heading("名称", "Name", others=("类别名称",)),
        "code_set": Heading("编码体系", "Code set"),
        "category_class": Heading("部件或事件", "Component or event", others=("class",)),
        "major_class": Heading("大类", "Major class"),
        "minor_class": Heading("小类", "Minor class"),
        "time_limit": Heading("处置时限", "Time limit"),
        "class_code": Heading("大小类代码", "Class code", others=("部件类别",)),
        "major_code": Heading("大类代码", "Major class code"),
        "minor_code": Heading("小类代码", "Minor class code"),
    },
    "groups": {
        "group_code": Heading("分组编码", "Group code"),
        "kind": Heading("类型", "Kind"),
        "name": Heading("名称", "Name"),
        "level": Heading("层级", "Area level", others=("区域层级",)),
        "area_code": Heading("区域编码", "Area code"),
        "area_name": Heading("区域名称", "Area name"),
        **_DAYS,
    },
    "levels": {
        "level": Heading("层级代码", "Level", others=("层级",)),
        "name_zh": Heading("中文名称", "Chinese name"),
        "name_en": Heading("英文名称", "English name"),
        "code_pattern": Heading("编码规则", "Code pattern"),
        "size_m2": Heading("常规面积（平方米）", "Usual size (m²)", others=("常规面积",)),
        "tolerance_m2": Heading("容差（平方米）", "Tolerance (m²)", others=("容差",)),
    },
    "attributes": {
        "level": Heading("层级代码", "Level", others=("层级",)),
        "name": Heading("属性代码", "Attribute"),
        "name_zh": Heading("中文名称", "Chinese name"),
        "name_en": Heading("英文名称", "English name"),
        "kind": Heading("值类型", "Kind of value"),
        "allowed": Heading("可选值", "Allowed values"),
    },
    # Where a table says something is.
    "positions": {
        "lon": Heading("经度", "Longitude", others=("经度或 x", "Longitude or x")),
        "lat": Heading("纬度", "Latitude", others=("纬度或 y", "Latitude or y")),
        "x": Heading("X 坐标（东）", "X coordinate (east)"),
        "y": Heading("Y 坐标（北）", "Y coordinate (north)"),
    },
}

# What the sheet of a workbook for people is called, by what its rows are.
SHEETS: Mapping[str, Heading] = {
    "cases": Heading("案件", "Cases"),
    "case_points": Heading("案件点位", "Cases as points"),
    "figures": Heading("区域指标", "Areas with their figures"),
    "contours": Heading("案件密度等值线", "Contours of the density"),
    "bands": Heading("案件密度分级", "Classes of the density"),
    "areas": Heading("区域", "Areas"),
    "road_segments": Heading("路段", "Road segments"),
    "zones": Heading("特殊区域", "Special zones"),
    "demolitions": Heading("拆违", "Demolitions"),
    "components": Heading("部件", "Components"),
    "responders": Heading("责任主体", "Responders"),
    "duties": Heading("责任分工", "Duties"),
    "categories": Heading("案件类别", "Categories"),
    "groups": Heading("责任网格与片区", "Groups of areas"),
    "levels": Heading("层级", "Levels"),
}
# And that of a workbook for programs, whatever its rows are.
SHEET = "table"


def sheet_of(noun: str, language: Language | None) -> str:
    """Return the name of the sheet for a noun, in a language or (None) for programs.

    Examples
    --------
    >>> sheet_of("duties", "zh"), sheet_of("cases", "en"), sheet_of("cases", None)
    ('责任分工', 'Cases', 'table')
    """
    return SHEET if language is None else SHEETS[noun].said(language)


def names_of(noun: str, field: str) -> Iterator[str]:
    """Yield every name by which an import knows a field, its own first.

    Examples
    --------
    >>> list(names_of("road_segments", "tolerance_m"))
    ['tolerance_m', '容差（米）', 'Tolerance (m)', 'tol_m', '容差']
    """
    heading = HEADINGS[noun][field]
    yield from filter(None, (field, *heading.both, heading.short, *heading.others))
