from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from gridmgmt.domain.accounts.audit import STRANGER, AuditEntry, raw
from web.words.audit_sentences import SENTENCES, sentence
from web.words.audit_words import ACTIONS

PEOPLE = {"wang": "王伟", "li": "李娜"}
RESPONDERS = {"SQ02": "青桥街道中队", "S1": "一中队"}


def entry(action: str, subject: str, actor: str = "wang", **detail: Any) -> AuditEntry:
    return AuditEntry(1, datetime(2026, 3, 2, tzinfo=UTC), actor, action, subject, detail)


def in_words(one: AuditEntry) -> str:
    return sentence(one, PEOPLE, RESPONDERS)


@pytest.mark.parametrize(
    ("one", "chinese"),
    [
        (
            entry("assign_case", "case C1", after={"responder": "SQ02"}),
            "王伟（wang）将案件 C1 人工派遣至青桥街道中队（SQ02）",
        ),
        (
            entry("bounce_case", "case C1", before={"responder": "S1"}, after={}),
            "王伟（wang）退回案件 C1，原主办单位为一中队（S1）",
        ),
        (entry("disable_account", "account li"), "王伟（wang）停用账号 李娜（li）"),
        (entry("publish_edition", "3"), "王伟（wang）发布第 3 版网格"),
        (entry("reroute_cases", "edition 3"), "王伟（wang）按第 3 版网格重新派遣未办结案件"),
        (entry("read_personal", "case C1"), "王伟（wang）查看个人信息（案件 C1）"),
        (entry("fail_login", "no account", STRANGER), "以 不存在的账号 登录失败"),
        (
            entry("import_duty", "duty", "demo", file="责任.csv"),
            "demo 从 责任.csv 导入责任分工",
        ),
        (entry("paint_map", "map 7"), "王伟（wang）：paint map（map 7）"),
    ],
)
def test_an_entry_says_who_did_what_to_what(app: Flask, one: AuditEntry, chinese: str) -> None:
    with app.test_request_context("/audit"):
        assert in_words(one) == chinese


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_action_has_a_sentence_whatever_its_entry_holds(
    app: Flask, language: str
) -> None:
    assert set(SENTENCES) == set(ACTIONS)
    with app.test_request_context(f"/audit?lang={language}"):
        for action in ACTIONS:
            for one in (entry(action, ""), entry(action, "x", after=None, before="y", name=3)):
                assert "%(" not in in_words(one)


def test_the_stored_entry_holds_no_personal_data() -> None:
    kept = raw({"rows": 3, "after": {"phone": "138", "code": "S1"}, "all": [{"address": "路"}]})
    assert '"code": "S1"' in kept
    assert "138" not in kept
    assert "路" not in kept
    assert len(raw({"many": ["x" * 100] * 1000})) < 5_000
