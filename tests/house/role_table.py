"""The table of roles and permissions, as delivered, in both languages."""

from collections.abc import Iterator

from gridmgmt.domain.accounts.permission import WHOLE_CITY, Permission
from gridmgmt.domain.accounts.permission_words import PERMISSIONS
from gridmgmt.domain.headings import Language
from gridmgmt.domain.value_words import Word
from tests.delivered_roles import ROLES
from web.pages.landings import LANDINGS

_PERMISSION = Word("权限", "permission")
_BEGINS = Word("**首页**", "**begins at**")
_YES = "✓"
# Where an account with all the permissions of a landing begins.
_BEGINNINGS = {
    "accounts.index": Word("账号", "accounts"),
    "overview.index": Word("总览", "overview"),
    "drafts.index": Word("草案", "drafts"),
    "supervision.index": Word("超期督办", "what is overdue, by whom"),
    "case_reports.new": Word("上报案件表单", "the form to report a case"),
    "map.index": Word("地图", "map"),
}
_LISTS = {
    "triage": Word("待研判案件", "cases that wait for a person"),
    "open": Word("本单位未办结案件（按处置截止排序）", "its open cases, by deadline"),
}


def role_table(language: Language) -> Iterator[str]:
    """Write what each role may do; the first row says where it begins."""
    names = [one.zh if language == "zh" else one.en for one in ROLES.values()]
    yield _row(_PERMISSION.said(language), names)
    yield _row("---", [":-:"] * len(ROLES))
    yield _row(_BEGINS.said(language), [_beginning(code).said(language) for code in ROLES])
    for permission, words in PERMISSIONS.items():
        mark = " ※" if permission in WHOLE_CITY else ""
        told = f"**{words.name.said(language)}**{mark}<br>{words.allows.said(language)}"
        yield _row(told, [_YES if permission in _may(code) else "" for code in ROLES])


def _may(code: str) -> set[Permission]:
    return {Permission(one) for one in ROLES[code].permissions.split()}


def _beginning(code: str) -> Word:
    for landing in LANDINGS:
        if _may(code) >= {*landing.work}:
            if landing.endpoint in _BEGINNINGS:
                return _BEGINNINGS[landing.endpoint]
            return _LISTS[landing.asked["status"]]
    return _BEGINNINGS["overview.index"]


def _row(first: str, others: list[str]) -> str:
    return f"| {' | '.join((first, *others))} |"
