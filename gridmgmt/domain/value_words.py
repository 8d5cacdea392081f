"""The words of values: what every value of a fixed set is called in both languages.

This is the only list. Pages and exports for people show these words, and imports read them.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from gridmgmt.domain.areas.attributes import AttributeKind
from gridmgmt.domain.areas.surroundings import GroupKind, ZoneKind
from gridmgmt.domain.cases.case import CaseMark, CaseStatus, UnlocatedReason, UnroutedReason
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.headings import Language
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.domain.responsibility.component import ComponentState
from gridmgmt.domain.responsibility.demolition import DemolitionMode
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.sentence import Sentence


class Word(NamedTuple):
    """The words of a value; imports know it by ``others`` too."""

    zh: str
    en: str
    others: tuple[str, ...] = ()

    def said(self, language: Language) -> str:
        """Return the word in a language."""
        return self.zh if language == "zh" else self.en


YES, NO = Word("是", "yes"), Word("否", "no")

WORDS: Mapping[type[StrEnum], Mapping[str, Word]] = {
    CaseStatus: {
        CaseStatus.TRIAGE: Word("待研判", "Waits for a person"),
        CaseStatus.DISPATCHED: Word("已派遣", "Dispatched"),
        CaseStatus.DISPOSED: Word("已处置", "Disposed"),
        CaseStatus.CLOSED: Word("结案", "Closed"),
    },
    CaseMark: {
        CaseMark.VENDOR_ZONE: Word("固定摊点群内", "In a vendor zone"),
        CaseMark.DEFAULT_POSITION: Word("默认坐标", "Default coordinate"),
    },
    Deadline: {
        Deadline.ON_TIME: Word("按期处置", "Disposed of on time"),
        Deadline.LATE: Word("超期处置", "Disposed of late"),
        Deadline.OVERDUE: Word("超期未处置", "Overdue"),
        Deadline.PENDING: Word("未到期", "Not due yet"),
        Deadline.WITHOUT: Word("未设处置截止", "Without a deadline", ("无时限",)),
        Deadline.DUE: Word("应处置", "Should be disposed of"),
        Deadline.MISSED: Word("未按期处置", "Not disposed of on time"),
        Deadline.PROVISIONAL: Word(
            "应处置（暂定时限）", "Should be disposed of, provisional deadline"
        ),
    },
    UnlocatedReason: {
        UnlocatedReason.NO_POSITION: Word("未给出位置", "no position given"),
        UnlocatedReason.ADDRESS_ONLY: Word("只有地址", "only an address given"),
        UnlocatedReason.OUTSIDE: Word("不在任何区域内", "outside every area"),
        UnlocatedReason.BEFORE_FIRST_EDITION: Word(
            "上报时间早于首个网格版本", "reported before the first edition"
        ),
    },
    UnroutedReason: {
        UnroutedReason.UNLOCATED: Word("未定位", "unlocated"),
        UnroutedReason.NO_DISPOSER: Word("无主办单位", "nobody answers there", ("无责任主体",)),
        UnroutedReason.SEVERAL_DISPOSERS: Word("主办重复", "two answer there"),
        UnroutedReason.UNCERTAIN: Word("定位精度不足", "position too uncertain"),
        UnroutedReason.BOUNCED: Word("退单", "bounced"),
    },
    CategoryClass: {
        CategoryClass.COMPONENT: Word("部件", "Components", ("部件类",)),
        CategoryClass.EVENT: Word("事件", "Events", ("事件类",)),
    },
    DutyRole: {
        DutyRole.DISPOSE: Word("主办", "Disposes"),
        DutyRole.ASSIST: Word("协办", "Assists"),
        DutyRole.OVERSEE: Word("督办", "Oversees"),
    },
    DutyTarget: {
        DutyTarget.AREA: Word("区域", "Area"),
        DutyTarget.GROUP: Word("责任网格/片区", "Group of areas", ("责任网格", "片区")),
        DutyTarget.ROAD_SEGMENT: Word("路段", "Road segment"),
        DutyTarget.ZONE: Word("特殊区域", "Special zone"),
    },
    ResponderKind: {
        ResponderKind.SQUAD: Word("中队", "Squad"),
        ResponderKind.STREET_CHIEF: Word("街长", "Street chief"),
        ResponderKind.GRID_MEMBER: Word("网格员", "Grid member"),
        ResponderKind.DEPARTMENT: Word("专业部门", "Department"),
        ResponderKind.COMPANY: Word("养护企业", "Company"),
        ResponderKind.STREET_OFFICE: Word("街道办", "Street office", ("街道办事处",)),
        ResponderKind.DISTRICT_CENTRE: Word("区级指挥中心", "District centre", ("区级中心",)),
    },
    ComponentState: {
        ComponentState.INTACT: Word("完好", "intact"),
        ComponentState.DAMAGED: Word("破损", "damaged"),
        ComponentState.LOST: Word("丢失", "lost"),
        ComponentState.ABANDONED: Word("废弃", "abandoned"),
        ComponentState.REMOVED: Word("移除", "removed"),
    },
    ZoneKind: {
        ZoneKind.VENDOR: Word("固定摊点群", "Vendor zone"),
        ZoneKind.DEMOLITION: Word("拆迁区", "Demolition area"),
        ZoneKind.RIVER: Word("河段", "River reach"),
        ZoneKind.CAMPUS: Word("校园", "Campus"),
    },
    GroupKind: {
        GroupKind.BEAT: Word("责任网格", "Beat"),
        GroupKind.INSPECTION_AREA: Word("片区", "Inspection area"),
    },
    AttributeKind: {
        AttributeKind.TEXT: Word("文本", "text"),
        AttributeKind.NUMBER: Word("数字", "number", ("数值",)),
        AttributeKind.DAY: Word("日期", "date", ("日",)),
    },
    DemolitionMode: {
        DemolitionMode.SELF: Word("自行拆除", "By the owner", ("自拆",)),
        DemolitionMode.ASSISTED: Word("协助拆除", "With help", ("助拆",)),
        DemolitionMode.FORCED: Word("强制拆除", "By force", ("强拆",)),
    },
}


def in_words(value: object, language: Language) -> object:
    """Return a value as people write it; what is in no fixed set stays as it is.

    Examples
    --------
    >>> in_words(CaseStatus.CLOSED, "zh"), in_words(True, "en"), in_words("0601", "zh")
    ('结案', 'yes', '0601')
    """
    if isinstance(value, bool):
        return (YES if value else NO).said(language)
    if isinstance(value, StrEnum) and type(value) in WORDS:
        return WORDS[type(value)][value].said(language)
    return value


# What stands where a case has no disposer, and why; the bare reason would read as one.
_NO_DISPOSER = Word("尚无主办单位", "Nobody yet")
_WHY_NONE: Mapping[UnroutedReason, Word] = {
    UnroutedReason.UNLOCATED: Word("尚未定位", "not located"),
    UnroutedReason.NO_DISPOSER: Word("无适用责任", "no duty applies"),
    UnroutedReason.SEVERAL_DISPOSERS: WORDS[UnroutedReason][UnroutedReason.SEVERAL_DISPOSERS],
    UnroutedReason.UNCERTAIN: WORDS[UnroutedReason][UnroutedReason.UNCERTAIN],
    UnroutedReason.BOUNCED: Word("已退单", "returned"),
}


def no_disposer(
    reason: UnroutedReason | None, language: Language, *, returned_by: str | None = None
) -> str:
    """Return what stands in the place of the disposer of a case that has none.

    Parameters
    ----------
    reason : why it has none; None: it is not known or said elsewhere
    returned_by : the name of who returned it, if that is why

    Examples
    --------
    >>> no_disposer(UnroutedReason.UNLOCATED, "zh"), no_disposer(None, "en")
    ('尚无主办单位（尚未定位）', 'Nobody yet')
    >>> no_disposer(UnroutedReason.BOUNCED, "en", returned_by="First squad")
    'Nobody yet (returned by First squad)'
    """
    nobody = _NO_DISPOSER.said(language)
    if reason is None:
        return nobody
    why = _WHY_NONE[reason].said(language)
    if reason is UnroutedReason.BOUNCED and returned_by is not None:
        why = f"{returned_by}退单" if language == "zh" else f"returned by {returned_by}"
    return f"{nobody}（{why}）" if language == "zh" else f"{nobody} ({why})"


def _texts(values: type[StrEnum]) -> Iterator[tuple[str, StrEnum]]:
    for member in values:
        word = WORDS[values][member]
        for text in (member.value, word.zh, word.en, *word.others):
            yield text.casefold(), member


class OneOf:
    """A parser for the members of an enumeration: by value, or by word.

    Examples
    --------
    >>> read = OneOf(DutyRole)
    >>> read("dispose"), read("协办"), read("oversees")
    (<DutyRole.DISPOSE: 'dispose'>, <DutyRole.ASSIST: 'assist'>, <DutyRole.OVERSEE: 'oversee'>)
    """

    def __init__(self, values: type[StrEnum]) -> None:
        self.values = values
        self._known = dict(_texts(values))

    def __call__(self, text: str) -> StrEnum:
        """Return the member that a text means.

        Raises
        ------
        ValueError
            listing the members, when it means none
        """
        # A stored date or time is a text too, but nobody wrote it as a word.
        found = self._known.get(text.casefold())
        if found is None:
            words = WORDS[self.values]
            shown = ", ".join(f"{member} ({words[member].zh})" for member in self.values)
            raise ValueError(Sentence("{} is unknown; write one of {}", repr(text), shown))
        return found
