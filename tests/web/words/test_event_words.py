from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from gridmgmt.domain.cases.case import CaseEvent, CaseEventKind
from web.words.event_words import EventNames, told

NAMES = EventNames({"S1": "一中队", "SQ02": "青桥街道中队"}, {(1, "cell", "A1"): "甲网格"})
NOWHERE = {"edition": None, "level": None, "area": None, "unlocated": "no_position"}
THERE = {"edition": 1, "level": "cell", "area": "A1", "unlocated": None}
WAITS = {**NOWHERE, "responder": None, "unrouted": "unlocated"}
OURS = {**THERE, "responder": "S1", "unrouted": None}
THEIRS = {**THERE, "responder": "SQ02", "unrouted": None}
BACK = {**THERE, "responder": None, "unrouted": "bounced"}
UNKNOWN = {**THERE, "area": "Z9", "responder": "X9", "unrouted": None}


def event(kind: CaseEventKind, **detail: Any) -> CaseEvent:
    return CaseEvent("C1", 1, kind, datetime(2026, 3, 2, tzinfo=UTC), "chief", detail)


@pytest.mark.parametrize(
    ("happened", "chinese"),
    [
        (event(CaseEventKind.REPORTED, **OURS), ["位于甲网格（A1）", "派遣至一中队（S1）"]),
        (event(CaseEventKind.REPORTED, **WAITS), ["待研判：未定位"]),
        (
            event(
                CaseEventKind.PLACED, **{"from": WAITS, "to": OURS}, position=[None, [120, 30]]
            ),
            ["定位至 120, 30", "位于甲网格（A1）", "派遣至一中队（S1）"],
        ),
        (
            event(
                CaseEventKind.ASSIGNED, **{"from": WAITS, "to": {**WAITS, "responder": "SQ02"}}
            ),
            ["派遣至青桥街道中队（SQ02）"],
        ),
        (
            event(CaseEventKind.ASSIGNED, **{"from": OURS, "to": THEIRS}),
            ["由一中队（S1）改派至青桥街道中队（SQ02）"],
        ),
        (
            event(CaseEventKind.BOUNCED, **{"from": OURS, "to": BACK}, suggested="SQ02"),
            ["由一中队（S1）退单，待研判", "建议改派至青桥街道中队（SQ02）"],
        ),
        (
            event(CaseEventKind.REROUTED, **{"from": OURS, "to": WAITS}, by_edition=2),
            [
                "不再位于甲网格（A1）",
                "不再由一中队（S1）主办，待研判：未定位",
                "未办结案件按第 2 版网格重新派遣",
            ],
        ),
        (
            event(CaseEventKind.REROUTED, **{"from": OURS, "to": UNKNOWN}, extended_edition=1),
            [
                "所在区域由甲网格（A1）调整为Z9",
                "由一中队（S1）改派至X9",
                "首个网格版本（第 1 版）的生效日期已提前",
            ],
        ),
        (
            event(
                CaseEventKind.UPDATED,
                file="a.csv",
                row=3,
                changed={"channel": [None, "热线"], "description": ["withheld", "withheld"]},
            ),
            ["文件 a.csv 第 3 行", "来源：补填为 热线", "描述：已变更（内容不显示）"],
        ),
        (event(CaseEventKind.DISPOSED), []),
        (event(CaseEventKind.CLOSED), []),
        (event(CaseEventKind.SUPERVISED), []),
    ],
)
def test_each_event_says_what_it_did_with_names_beside_codes(
    app: Flask, happened: CaseEvent, chinese: list[str]
) -> None:
    with app.test_request_context("/cases/C1"):
        assert told(happened, NAMES) == chinese
    with app.test_request_context("/cases/C1?lang=en"):
        assert len(told(happened, NAMES)) == len(chinese)


def test_no_kind_of_event_is_left_out() -> None:
    known = "reported updated rerouted placed assigned bounced supervised disposed closed"
    assert set(CaseEventKind) == set(known.split())
