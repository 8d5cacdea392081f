import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from gridmgmt.domain.accounts.audit import STRANGER, AuditEntry, raw
from gridmgmt.services.accounts.audit import AuditNames
from web.words.audit_sentences import SENTENCES, sentence
from web.words.audit_words import ACTIONS, FIELDS, value_name
from web.words.duty_sentences import duty_sentence

NAMES = AuditNames(
    people={"wang": "王伟", "li": "李娜"},
    responders={"SQ02": "青桥街道中队", "S1": "一中队"},
    areas={("street", "A"): "湖滨", ("cell", "A1"): "甲网格"},
    categories={"E1": "占道经营"},
    places={("zone", "Z1"): "河坊街"},
)


def entry(action: str, subject: str, actor: str = "wang", **detail: Any) -> AuditEntry:
    return AuditEntry(1, datetime(2026, 3, 2, tzinfo=UTC), actor, action, subject, detail)


def in_words(one: AuditEntry) -> str:
    return sentence(one, NAMES)


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


# What the entry of a change is made of, and what is shown as a whole.
PARTS = {"before", "after", "key", "fields", "from", "to", "trace_before"}
# What a detail is called where it is made.
DETAILS = {"detail", "told", "kept", "more", "left_out"}


def written_fields() -> Iterator[tuple[str, str]]:
    """Yield each name that a service writes into an entry of the audit log, with its module."""
    for path in (Path(__file__).parents[3] / "gridmgmt/services").rglob("*.py"):
        source = path.read_text("utf-8")
        if "audit" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            found: ast.expr | None = None
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                found = node.args[-1] if called in ("record", "_record") else None
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                found = node.value if getattr(target, "id", "") in DETAILS else None
            if isinstance(found, ast.Dict):
                for key in found.keys:
                    if isinstance(key, ast.Constant):
                        yield str(key.value), path.name


def test_each_field_of_the_log_has_a_name() -> None:
    written = list(written_fields())
    assert len(written) > 50
    assert [one for one in written if one[0] not in {*FIELDS, *PARTS}] == []


def test_each_way_of_reading_and_each_yes_has_a_word(app: Flask) -> None:
    with app.test_request_context("/?lang=zh"):
        said = {
            (field, value): value_name(field, value, AuditNames())
            for field, value in [
                ("command", "page"),
                ("command", "list"),
                ("command", "map panel"),
                ("wrong", "password"),
                ("known_browser", "false"),
                ("name", "page"),
            ]
        }
    assert list(said.values()) == ["案件页面", "案件列表", "地图面板", "密码", "否", "page"]


def test_a_duty_in_a_group_or_a_zone_is_said_with_its_place(app: Flask) -> None:
    duty = {
        "responder_code": "S1",
        "role": "oversee",
        "target": "zone",
        "level": None,
        "target_code": "Z1",
        "categories": ["E1", "E2"],
        "hours": None,
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "letter_no": None,
    }
    with app.test_request_context("/audit?lang=zh"):
        said = duty_sentence(duty, NAMES)
        assert said == (
            "一中队（S1）督办：特殊区域 河坊街（Z1），占道经营（E1）、E2，"
            "2026-01-01 至 2026-12-31"
        )
        many = {**duty, "categories": ["E1", "E2", "E3", "E4"]}
        assert "，4 个类别，" in duty_sentence(many, NAMES)
        assert duty_sentence({"code": "S1", "name": "一中队"}, NAMES) == ""
