"""The words of a sheet about changed borders, in the language of its readers."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.domain.headings import Heading, Language
from gridmgmt.exchange.change_sheets.change_sheet import ChangeKind, ChangeSheet, SheetArea

_KINDS = {
    ChangeKind.NEW: Heading("新增", "new"),
    ChangeKind.RETIRED: Heading("注销", "retired"),
    ChangeKind.REDRAWN: Heading("边界调整", "border changed"),
    ChangeKind.MOVED: Heading("隶属调整", "lies in another area"),
    ChangeKind.RENAMED: Heading("更名", "renamed"),
    ChangeKind.RESTATED: Heading("属性变更", "attributes changed"),
}
_STATES = {
    DraftStatus.OPEN: Heading("编制中，尚未施行", "being drawn up, not in force"),
    DraftStatus.SUBMITTED: Heading("送审中，尚未施行", "under review, not in force"),
    DraftStatus.APPROVED: Heading("已审核，尚未施行", "approved, not in force yet"),
}
_TEXTS = {
    "title": Heading("关于{}网格边界调整的公示", "Public notice: changed borders in {}"),
    "title_first": Heading("关于{}网格划分的公示", "Public notice: areas of {}"),
    "title_names": Heading("关于{}网格信息变更的公示", "Public notice: changed areas in {}"),
    "places": Heading("{}等 {} 处", "{} and {} others"),
    "draft": Heading("草案：{}（{}）", "Draft: {} ({})"),
    "edition": Heading("网格版本：第 {} 版（{}）", "Edition: {} ({})"),
    "base": Heading("调整前：第 {} 版", "Before: edition {}"),
    "meant": Heading("拟自{}起施行", "Meant to be in force from {}"),
    "in_force": Heading("自{}起施行", "In force from {}"),
    "lead": Heading(
        "现将网格调整情况公示如下。本次调整涉及{}。",
        "This is what changes: {}.",
    ),
    "level_lead": Heading("{} {} 个（{}）", "{}: {} ({})"),
    "kind_count": Heading("{} {} 个", "{}: {}"),
    "areas": Heading("调整一览", "Areas that change"),
    "given": Heading("范围划转", "Ground that goes to another area"),
    "maps": Heading("调整前后对比图", "Maps before and after"),
    "code": Heading("编码", "Code"),
    "name": Heading("名称", "Name"),
    "upper": Heading("所属", "Lies in"),
    "kind": Heading("调整类型", "Change"),
    "before_m2": Heading("调整前（m²）", "Before (m²)"),
    "after_m2": Heading("调整后（m²）", "After (m²)"),
    "change_m2": Heading("变化（m²）", "Change (m²)"),
    "total": Heading("合计", "Sum"),
    "number": Heading("序号", "No."),
    "from": Heading("划出", "From"),
    "to": Heading("划入", "To"),
    "m2": Heading("面积（m²）", "Area (m²)"),
    "no_area": Heading("（不属任何{}）", "(no {})"),
    "was": Heading("{}（原：{}）", "{} (was: {})"),
    "before": Heading("调整前", "Before"),
    "after": Heading("调整后", "After"),
    "nothing": Heading("（此前未划分）", "(nothing drawn here before)"),
    "old_border": Heading("原界线", "border before"),
    "border": Heading("{}界线", "border of {}"),
    "piece": Heading("划转范围（序号同上表）", "ground that is given (No. as in the table)"),
    "map": Heading("图 {}", "Map {}"),
    "more_maps": Heading(
        "另有 {} 处调整未附图，详见上表。", "{} more places are in the tables without a map."
    ),
    "no_maps": Heading(
        "本次调整不涉及边界，无附图。", "No border changes, so there is no map."
    ),
    "how": Heading(
        "面积按 WGS 84 椭球面计算；合计与变化按取整前的面积计算；不足 0.01 m² 的划转不列。",
        "Areas are measured on the WGS 84 ellipsoid; sums and changes are of areas before they"
        " are rounded; ground under 0.01 m² is not listed.",
    ),
    "state": Heading(
        "{} 制 · 草案 {} · 编辑序号 {} · 校验码 {}",
        "Made {} · draft {} · edit {} · checksum {}",
    ),
    "page": Heading("第 {} 页，共 {} 页", "Page {} of {}"),
    "north": Heading("北", "N"),
}
# More places are not named in the title.
_MOST_PLACES = 3


class SheetWords:
    """The words of one sheet in one language."""

    def __init__(self, sheet: ChangeSheet, language: Language) -> None:
        self._sheet, self.language = sheet, language

    def said(self, key: str, *facts: object) -> str:
        """Return a text with its facts."""
        first, *others = _TEXTS[key].said(self.language).split("{}")
        between = zip(map(str, facts), others, strict=True)
        return first + "".join(fact + text for fact, text in between)

    def level(self, name: str) -> str:
        """Return what a level is called."""
        level = self._sheet.levels[name]
        return level.name_zh if self.language == "zh" else level.name_en

    @property
    def title(self) -> str:
        """Return the title, with the places in which it all lies."""
        named = self._sheet.places[:_MOST_PLACES]
        places = self.listed(named)
        more = len(self._sheet.places) - len(named)
        if more:
            told = len(self._sheet.places) if self.language == "zh" else more
            places = self.said("places", places, told)
        if self._sheet.draft.base_edition is None:
            return self.said("title_first", places)
        has_ground = bool(self._sheet.given) or self._sheet.groups
        return self.said("title" if has_ground else "title_names", places)

    @property
    def status(self) -> list[str]:
        """Return of which draft or edition it is, and from when that is in force."""
        draft, day = self._sheet.draft, self._sheet.in_force
        if draft.edition is None:
            told = [self.said("draft", draft.label, _STATES[draft.status].said(self.language))]
        else:
            told = [self.said("edition", draft.edition, draft.label)]
        if day is not None:
            key = "meant" if draft.edition is None else "in_force"
            told.append(self.said(key, self.day(day)))
        if draft.base_edition is not None:
            told.append(self.said("base", draft.base_edition))
        return told

    @property
    def lead(self) -> str:
        """Return how many areas of each level change in which way."""
        levels = []
        for level in self._sheet.changed_levels:
            areas = [one for one in self._sheet.areas if one.level == level]
            counted = Counter(kind for one in areas for kind in one.kinds)
            kinds = [
                self.said("kind_count", self.kind(kind), counted[kind])
                for kind in ChangeKind
                if counted[kind]
            ]
            told = self.level(level), len(areas), self.listed(kinds)
            levels.append(self.said("level_lead", *told))
        joint = "；" if self.language == "zh" else "; "
        return self.said("lead", joint.join(levels))

    def listed(self, texts: Sequence[str]) -> str:
        """Return texts one after the other."""
        return ("、" if self.language == "zh" else ", ").join(texts)

    def kind(self, kind: ChangeKind) -> str:
        """Return what is different about an area."""
        return _KINDS[kind].said(self.language)

    def kinds(self, area: SheetArea) -> str:
        """Return all that is different about an area."""
        return self.listed([self.kind(one) for one in area.kinds])

    def name(self, area: SheetArea) -> str:
        """Return the name of an area, with the one before if it is another."""
        if area.old_name is None:
            return area.name
        return self.said("was", area.name, area.old_name)

    def upper(self, area: SheetArea) -> str:
        """Return in which areas an area lies, and in which it lay if they are others."""
        now = " / ".join(area.upper)
        if area.old_upper is None:
            return now
        return self.said("was", now, " / ".join(area.old_upper))

    def day(self, day: date) -> str:
        """Return a day."""
        if self.language == "en":
            return day.isoformat()
        return f"{day.year}年{day.month}月{day.day}日"
