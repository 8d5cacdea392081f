"""The stories of all roles, and the table of them that stands in the documents."""

from collections.abc import Callable, Iterator

from tests.browser.stories import case_work, city_work
from tests.browser.stories.story import Want

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
    yield "| role | wants to | before | now | |"
    yield from _rows("not possible", lambda role, want: (ROLES[role][0], want.en, want.why))


def chinese_table() -> Iterator[str]:
    """Write the same in Chinese."""
    yield "| 角色 | 要办的事 | 以前 | 现在 | 说明 |"
    yield from _rows("无法办理", lambda role, want: (ROLES[role][1], want.zh, want.why_zh))


def _rows(never: str, said: Callable[[str, Want], tuple[str, str, str]]) -> Iterator[str]:
    yield "|---|---|---|---|---|"
    for story in STORIES:
        for want in story.wants:
            role, wanted, why = said(story.role, want)
            before = never if want.before is None else want.before
            yield f"| {role} | {wanted} | {before} | {want.clicks} | {why} |"
