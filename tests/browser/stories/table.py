"""The stories of all roles, and the table of them that stands in the documents."""

from collections.abc import Iterator

from tests.browser.stories import case_work, city_work

STORIES = (*case_work.STORIES, *city_work.STORIES)
# The names that the accounts of the demo have.
ROLES = {
    "collector": ("collector", "监督员"),
    "responder": ("responder", "处置单位"),
    "street_chief": ("street chief", "街长"),
    "acceptor": ("acceptor", "受理员"),
    "dispatcher": ("dispatcher", "派遣员"),
    "duty_chief": ("duty chief", "值班长"),
    "commander": ("commander", "指挥长"),
    "gis_officer": ("GIS officer", "网格管理员"),
    "planner": ("planner", "规划员"),
    "administrator": ("administrator", "系统管理员"),
}


def english_table() -> Iterator[str]:
    """Write what each role wants, with the clicks before and now."""
    yield from ("| role | wants to | before | now | |", "|---|---|---|---|---|")
    for story in STORIES:
        for want in story.wants:
            before = "not possible" if want.before is None else want.before
            role = ROLES[story.role][0]
            yield f"| {role} | {want.en} | {before} | {want.clicks} | {want.why} |"


def chinese_table() -> Iterator[str]:
    """Write the same in Chinese."""
    yield from ("| 角色 | 要办的事 | 以前 | 现在 | 说明 |", "|---|---|---|---|---|")
    for story in STORIES:
        for want in story.wants:
            before = "无法办理" if want.before is None else want.before
            role = ROLES[story.role][1]
            yield f"| {role} | {want.zh} | {before} | {want.clicks} | {want.why_zh} |"
