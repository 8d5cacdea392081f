"""What a replay says, in the words of each language."""

import re

import pytest

from gridmgmt.domain.auditing.replay import Difference, Replay, explain_replay
from gridmgmt.domain.cases.case import CaseMark, UnroutedReason
from gridmgmt.domain.judging.decision import FORCED_ADJUDICATION, TERRITORIAL_FALLBACK
from gridmgmt.domain.judging.explained_names import Names

NAMES = Names(
    levels={"cell": ("单元网格", "Grid cell"), "street": ("街道", "Street")},
    areas={("cell", "A1"): "甲网格"},
    responders={"S1": "一中队", "CA": "街长"},
    components={"K1": "公交站"},
)


def said(*differences: Difference) -> list[str]:
    return explain_replay(Replay(3, differences), NAMES, "zh")[1 : 1 + len(differences)]


def test_a_replay_with_the_same_answer_is_one_sentence() -> None:
    assert explain_replay(Replay(3), NAMES, "en") == [
        "Replayed on edition 3 and the duties as they stand: the same answer."
    ]
    assert explain_replay(Replay(None), NAMES, "zh") == [
        "无网格版本和现有责任重新判定：结果相同。"
    ]


def test_a_replay_with_another_answer_says_what_changed() -> None:
    replay = Replay(
        3, (("responder", "S1", "S2"),), ((7, "gone"), (8, "new"), (9, "different"))
    )
    assert explain_replay(replay, NAMES, "en") == [
        "Replayed on edition 3 and the duties as they stand: another answer.",
        "responder: then 一中队 (S1), now S2.",
        "Duty 7, looked at then, is not among those of this place now.",
        "Duty 8 is new at this place.",
        "Duty 9 has changed.",
    ]
    nothing = explain_replay(Replay(3, (("responder", "S1", None),)), NAMES, "en")
    assert nothing[-1].startswith("The duties of this place are the same")


def test_values_are_said_in_words_with_names_beside_codes() -> None:
    assert said(
        ("reason", UnroutedReason.NO_DISPOSER, None),
        ("rule", "area:cell", "area:street"),
        ("on_boundary", True, False),
        ("overseers", ("CA", "H"), ()),
        ("area", "A1", "A2"),
        ("distance_m", 0.0, 12.3456),
    ) == [
        "未派遣原因：当时 无主办单位，现在 –。",
        "规则：当时 区域层级 单元网格，现在 区域层级 街道。",
        "是否在边界上：当时 是，现在 否。",
        "督办：当时 街长 (CA)、H，现在 –。",
        "区域：当时 甲网格 (A1)，现在 A2。",
        "距离（米）：当时 0，现在 12.3456。",
    ]


RULES = [
    *("component", "zone", "road_segment", "group", "area:cell"),
    *(TERRITORIAL_FALLBACK, FORCED_ADJUDICATION),
]
VALUES: dict[str, list[object]] = {
    "area": ["A1"],
    "on_boundary": [True, False],
    "snapped": [True, False],
    "distance_m": [0.5],
    "candidates": [["A1", "B2"]],
    "shares": [["A1"]],
    "responder": ["S1"],
    "reason": list(UnroutedReason),
    "rule": list(RULES),
    "component": ["K1"],
    "overseers": [("CA",)],
    "assistants": [("S1", "S2")],
    "marks": [tuple(CaseMark)],
}


@pytest.mark.parametrize("what", VALUES)
def test_no_value_is_a_word_of_the_program_in_chinese(what: str) -> None:
    for value in VALUES[what]:
        for sentence in said((what, value, None), (what, None, value)):
            assert not re.search("[A-Za-z]{3}|_", sentence), sentence
