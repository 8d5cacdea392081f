"""What each permission lets a person do and see, in the words of the bureau.

This is the only list. Pages, the command line and the documents show these words.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.value_words import Word


class Work(StrEnum):
    """Kinds of work, under which permissions are listed."""

    SITUATION = "situation"
    CASES = "cases"
    GRID = "grid"
    RESPONSIBILITY = "responsibility"
    FILES = "files"
    ADMINISTRATION = "administration"


WORKS: Mapping[Work, Word] = {
    Work.SITUATION: Word("态势", "Situation"),
    Work.CASES: Word("案件", "Cases"),
    Work.GRID: Word("网格", "Grid"),
    Work.RESPONSIBILITY: Word("责任", "Responsibility"),
    Work.FILES: Word("文件与接口", "Files and programs"),
    Work.ADMINISTRATION: Word("系统管理", "Administration"),
}


class PermissionWords(NamedTuple):
    """A permission: its kind of work, its short name, and what it lets a person do and see.

    ``after`` are the permissions of which a role needs one for this one to open anything.
    """

    work: Work
    name: Word
    allows: Word
    after: tuple[Permission, ...] = ()


PERMISSIONS: Mapping[Permission, PermissionWords] = {
    Permission.SEE_OVERVIEW: PermissionWords(
        Work.SITUATION,
        Word("查看总览", "See the overview"),
        Word(
            "查看案件数、按期率、趋势和排名",
            "Figures of cases, on-time rate, trend and ranking",
        ),
    ),
    Permission.SEE_MAP: PermissionWords(
        Work.SITUATION,
        Word("查看地图", "See the map"),
        Word(
            "在地图上查看密度、按期率和拆违", "Density, on-time rate and demolitions on the map"
        ),
    ),
    Permission.SEE_CASES: PermissionWords(
        Work.CASES,
        Word("查看全部案件", "See all cases"),
        Word(
            "查看全市（账号限定区域的，查看该区域）的案件，不含描述、地址和电话",
            "Cases of the city, or of the area of the account, without texts and phones",
        ),
    ),
    Permission.SEE_OWN_CASES: PermissionWords(
        Work.CASES,
        Word("查看本单位案件", "See one's own cases"),
        Word(
            "只查看账号所代表责任主体的案件，含描述、地址和电话；账号须填写责任主体",
            "Only the cases of the responder the account acts for, with texts and phones;"
            " the account must name the responder",
        ),
    ),
    Permission.SEE_REPORTED_CASES: PermissionWords(
        Work.CASES,
        Word("查看本人上报的案件", "See what one reported"),
        Word(
            "只查看本人逐件上报的案件，含描述、地址和电话",
            "Only the cases the person reported one by one, with texts and phones",
        ),
    ),
    Permission.SEE_PERSONAL: PermissionWords(
        Work.CASES,
        Word("查看个人信息", "See personal data"),
        Word(
            "查看案件的描述、地址、电话和责任主体的电话；每次查看都记入审计日志",
            "Texts, addresses and phones of cases, phones of responders; every reading is"
            " in the audit log",
        ),
        (Permission.SEE_CASES, Permission.SEE_DUTIES),
    ),
    Permission.REPORT_CASES: PermissionWords(
        Work.CASES,
        Word("上报案件", "Report cases"),
        Word(
            "用表单逐件上报案件；上报时未给出位置的，可由本人补充定位",
            "Report cases one by one with the form, and say later where one's own report lies",
        ),
    ),
    Permission.PLACE_CASES: PermissionWords(
        Work.CASES,
        Word("人工定位", "Place cases"),
        Word("为未定位或定位有误的案件标注位置", "Say on the map where a case lies"),
        SEEING_CASES,
    ),
    Permission.ASSIGN_CASES: PermissionWords(
        Work.CASES,
        Word("派遣案件", "Assign cases"),
        Word(
            "把案件派遣或改派给责任主体，可批量",
            "Give cases to a responder or to another one, one by one or several at once",
        ),
        SEEING_CASES,
    ),
    Permission.BOUNCE_CASES: PermissionWords(
        Work.CASES,
        Word("退单", "Return cases"),
        Word("说明原因退回案件", "Return a case with a reason"),
        SEEING_CASES,
    ),
    Permission.DISPOSE_CASES: PermissionWords(
        Work.CASES,
        Word("登记处置", "Dispose of cases"),
        Word("登记案件已处置", "Say that a case was disposed of"),
        SEEING_CASES,
    ),
    Permission.CLOSE_CASES: PermissionWords(
        Work.CASES,
        Word("结案", "Close cases"),
        Word("核查后结案", "Close a case after the check"),
        SEEING_CASES,
    ),
    Permission.SUPERVISE_CASES: PermissionWords(
        Work.CASES,
        Word("督办案件", "Supervise cases"),
        Word(
            "查看谁有哪些超期案件并督办；账号限定区域的，可查看该区域案件的描述、地址和电话",
            "See what is overdue by whom and press for it; an account of one area reads"
            " texts and phones of its cases",
        ),
        SEEING_CASES,
    ),
    Permission.IMPORT_CASES: PermissionWords(
        Work.CASES,
        Word("导入案件", "Import cases"),
        Word("从表格批量导入案件", "Import cases from tables"),
    ),
    Permission.REROUTE_CASES: PermissionWords(
        Work.CASES,
        Word("重新派遣", "Reroute cases"),
        Word(
            "新网格版本生效后，按新版本重新派遣未办结案件",
            "Let open cases follow the edition in force",
        ),
        (Permission.SEE_AREAS,),
    ),
    Permission.SEE_AREAS: PermissionWords(
        Work.GRID,
        Word("查看区域", "See areas"),
        Word(
            "查看各级区域、网格版本、版本对比和沿革",
            "Areas of all levels, editions, what changed between them, and lineage",
        ),
    ),
    Permission.EDIT_DRAFTS: PermissionWords(
        Work.GRID,
        Word("编辑草案", "Edit drafts"),
        Word(
            "新建草案、导入边界、检查、送审",
            "Begin drafts, import boundaries, check and submit them",
        ),
    ),
    Permission.REVIEW_DRAFTS: PermissionWords(
        Work.GRID,
        Word("审核草案", "Review drafts"),
        Word(
            "审核他人送审的草案：通过，或附审核意见退回",
            "Approve the drafts that others submitted, or return them with comments",
        ),
    ),
    Permission.PUBLISH_DRAFTS: PermissionWords(
        Work.GRID,
        Word("发布草案", "Publish drafts"),
        Word(
            "发布草案为网格版本，撤回未生效的版本",
            "Make a draft the next edition, withdraw one not yet in force",
        ),
        (Permission.EDIT_DRAFTS,),
    ),
    Permission.SEE_DUTIES: PermissionWords(
        Work.RESPONSIBILITY,
        Word("查看责任", "See duties"),
        Word(
            "查看责任、责任矩阵、责任检查、退单分析、责任主体和部件",
            "Duties, their matrix and audit, bounces, responders and components",
        ),
    ),
    Permission.EDIT_DUTIES: PermissionWords(
        Work.RESPONSIBILITY,
        Word("编辑责任", "Edit duties"),
        Word("新增、终止、导入责任", "Make, end and import duties"),
        (Permission.SEE_DUTIES,),
    ),
    Permission.IMPORT_LAYERS: PermissionWords(
        Work.FILES,
        Word("导入图层", "Import layers"),
        Word(
            "导入责任主体、类别、路段、特殊区域、拆违、部件等文件",
            "Import responders, categories, road segments, zones, demolitions, components",
        ),
    ),
    Permission.EXPORT_LAYERS: PermissionWords(
        Work.FILES,
        Word("导出图层", "Take layers away"),
        Word("导出区域、统计指标和各类图层", "Areas, figures and every layer as files"),
    ),
    Permission.EXPORT_CASES: PermissionWords(
        Work.FILES,
        Word("导出案件", "Take cases away"),
        Word(
            "导出案件；能查看个人信息的，可选择一并导出",
            "Cases as files; with personal data for those who may see them",
        ),
    ),
    Permission.SEE_JOBS: PermissionWords(
        Work.FILES,
        Word("查看后台任务", "See jobs"),
        Word("查看本人后台任务的进度和结果", "Progress and result of one's own long work"),
    ),
    Permission.USE_API: PermissionWords(
        Work.FILES,
        Word("使用接口", "Use the API"),
        Word(
            "建立程序令牌，程序凭令牌办理本角色允许的事项",
            "Make tokens, with which programs do what the role allows",
        ),
    ),
    Permission.MANAGE_ACCOUNTS: PermissionWords(
        Work.ADMINISTRATION,
        Word("管理账号和角色", "Manage accounts and roles"),
        Word(
            "建立、修改、停用账号，设定角色的权限，查看所有后台任务；由此可授予任何权限",
            "Make, change and disable accounts, shape roles, see the jobs of all; so one can"
            " give every permission",
        ),
    ),
    Permission.MANAGE_DISPLAYS: PermissionWords(
        Work.ADMINISTRATION,
        Word("管理显示屏", "Manage wall screens"),
        Word("建立和吊销显示屏", "Make and revoke wall screens"),
    ),
    Permission.SEE_AUDIT: PermissionWords(
        Work.ADMINISTRATION,
        Word("查看审计日志", "See the audit log"),
        Word("查看谁在何时做了什么", "Who did what and when"),
    ),
}


def opening_nothing(permissions: frozenset[Permission]) -> list[Permission]:
    """Return the permissions that open nothing, since none that must come first is there.

    Examples
    --------
    >>> opening_nothing(frozenset({Permission.ASSIGN_CASES, Permission.SEE_MAP}))
    [<Permission.ASSIGN_CASES: 'assign_cases'>]
    >>> opening_nothing(frozenset({Permission.ASSIGN_CASES, Permission.SEE_OWN_CASES}))
    []
    """
    return [
        one
        for one, words in PERMISSIONS.items()
        if one in permissions and words.after and not permissions & {*words.after}
    ]
