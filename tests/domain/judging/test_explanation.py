import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.domain.cases.case import UnlocatedReason, UnroutedReason
from gridmgmt.domain.judging.decision import (
    FORCED_ADJUDICATION,
    TERRITORIAL_FALLBACK,
    Considered,
    Decision,
    WhyNot,
    area_rule,
)
from gridmgmt.domain.judging.explained_names import Names
from gridmgmt.domain.judging.explanation import explain
from gridmgmt.domain.judging.explanation_words import _SENTENCES, _WORDS, Language
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget

NAMES = Names(
    levels={"cell": ("单元网格", "Grid cell"), "street": ("街道", "Street")},
    areas={("cell", "A1"): "A1", ("street", "A"): "湖滨"},
    places={(DutyTarget.ZONE, "Z1"): "河坊街", (DutyTarget.ROAD_SEGMENT, "R1"): "中山路一段"},
    responders={"S1": "一中队", "S2": "二中队", "CA": "街长"},
    categories={"E1": "占道经营"},
    components={"K1": "公交站"},
)
DUTY = Considered(
    7, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", "17号", None, applies=True
)
CHOSEN = Decision("S1", None, rule="area:cell", duty_ids=(7,), considered=(DUTY,))
UNLOCATED = Decision(None, UnroutedReason.UNLOCATED)


def trace(decision: Decision = CHOSEN, **changes: Any) -> dict[str, Any]:
    return {
        "given": {"x": 120.157, "y": 30.25, "crs": "gcj02"},
        "lon": 120.15,
        "lat": 30.25,
        "category": "E1",
        "reported_at": "2026-03-02T09:30:00+08:00",
        "edition": 3,
        "level": "cell",
        "area": "A1",
        "unlocated": None,
        "on_boundary": False,
        "snapped": False,
        "distance_m": 0.0,
        "border_m": 12.34,
        "candidates": [["A1", 0.0]],
        "settings": {"candidate_m": 1.0, "snap_m": 30.0},
        "place": {"areas": [["cell", "A1"], ["street", "A"]], "zones": [], "road_segments": []},
        "decision": decision.to_json(),
        **changes,
    }


NOWHERE = {"area": None, "place": None, "candidates": [], "border_m": None}


def told(language: Language, decision: Decision = CHOSEN, **changes: Any) -> list[str]:
    return explain("C1", trace(decision, **changes), NAMES, language)


def test_the_whole_story_is_told_in_english() -> None:
    assert told("en") == [
        "Case C1 of category 占道经营 (E1) was reported at 2026-03-02T09:30:00+08:00.",
        "Its position was given as 120.157, 30.25 in gcj02: longitude 120.15, latitude 30.25.",
        "In edition 3, in force then, it lies in grid cell A1, which covers it.",
        "That is grid cell A1 < street 湖滨 (A).",
        "Areas within 1 m of it: A1 (0 m).",
        "The nearest border is 12.3 m away.",
        "Duty 7 (letter 17号) of 一中队 (S1) to dispose in grid cell A1 applies.",
        (
            "The most specific rule that applies is the one for areas of level grid cell: "
            "一中队 (S1) disposes of it, by duty 7 (letter 17号)."
        ),
    ]


def test_the_whole_story_is_told_in_chinese() -> None:
    assert told("zh") == [
        "案件 C1，类别 占道经营 (E1)，上报时间 2026-03-02T09:30:00+08:00。",
        "上报坐标为 120.157, 30.25（gcj02），即经度 120.15、纬度 30.25。",
        "按当时生效的第 3 版网格，该点位于 单元网格 A1 之内。",
        "所属：单元网格 A1 < 街道 湖滨 (A)。",
        "1 米以内的候选区域：A1 (0 m)。",
        "距最近的边界 12.3 米。",
        "责任 7（责任书 17号）：一中队 (S1) 在 单元网格 A1 主办，适用。",
        "适用的最具体规则是区域层级 单元网格：由 一中队 (S1) 主办，依据责任 7（责任书 17号）。",
    ]


def test_a_border_is_told_with_the_rule_of_the_smallest_code() -> None:
    sentences = told("en", on_boundary=True, candidates=[["A1", 0.0], ["A2", 0.0]])
    assert "of the areas that cover it, grid cell A1 has the smallest code" in sentences[2]
    assert "A1 (0 m), A2 (0 m)" in sentences[4]


def test_a_snapped_case_is_told_with_its_distance_and_the_limit() -> None:
    sentence = told("en", snapped=True, distance_m=9.629, candidates=[])[2]
    assert "the nearest, grid cell A1, is 9.63 m away and within the 30 m allowed" in sentence


@pytest.mark.parametrize("reason", list(UnlocatedReason))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_for_being_unlocated_has_words(
    reason: UnlocatedReason, language: Language
) -> None:
    sentences = told(language, UNLOCATED, unlocated=str(reason), **NOWHERE)
    assert len(sentences) == 4


def test_a_case_without_a_position_says_nothing_of_coordinates() -> None:
    sentences = told(
        "en", UNLOCATED, unlocated="no_position", given=None, lon=None, lat=None, **NOWHERE
    )
    assert "without a position" in sentences[1]
    assert sentences[-1] == (
        "Without an area nobody can be made responsible: it waits for a person."
    )


@pytest.mark.parametrize("why", list(WhyNot))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_why_a_duty_does_not_apply_has_words(
    why: WhyNot, language: Language
) -> None:
    duty = Considered(
        9,
        "S2",
        DutyRole.ASSIST,
        DutyTarget.ZONE,
        None,
        "Z1",
        None,
        "Mo-Fr",
        applies=False,
        why_not=why,
    )
    decision = Decision(None, UnroutedReason.NO_DISPOSER, considered=(duty,))
    sentence = told(language, decision)[6]
    assert "9" in sentence
    assert "二中队 (S2)" in sentence
    assert ("does not apply" if language == "en" else "不适用") in sentence


def test_hours_that_do_not_hold_stand_in_words_in_chinese() -> None:
    duty = Considered(
        9,
        "S2",
        DutyRole.DISPOSE,
        DutyTarget.AREA,
        "cell",
        "A1",
        None,
        "Mo-Fr 08:00-18:00",
        applies=False,
        why_not=WhyNot.OUTSIDE_HOURS,
    )
    decision = Decision(None, UnroutedReason.NO_DISPOSER, considered=(duty,))
    assert told("zh", decision)[6].endswith("不在责任时段 周一至周五 8:00–18:00 之内。")
    assert told("en", decision)[6].endswith("outside its hours Mo-Fr 08:00-18:00.")


def test_two_disposers_are_both_named_and_neither_is_picked() -> None:
    decision = Decision(
        None, UnroutedReason.SEVERAL_DISPOSERS, rule=area_rule("street"), disposers=("S1", "S2")
    )
    assert told("en", decision)[-1] == (
        "Under the rule for areas of level street there are several disposers of equal "
        "precedence, 一中队 (S1), 二中队 (S2): nobody is picked, it waits for a person."
    )


@pytest.mark.parametrize("fallback", [TERRITORIAL_FALLBACK, FORCED_ADJUDICATION])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_fallback_is_called_one(fallback: str, language: Language) -> None:
    decision = Decision("S1", None, rule=fallback, fallback=fallback)
    sentence = told(language, decision)[-1]
    name = {
        ("en", TERRITORIAL_FALLBACK): "territorial fallback",
        ("zh", TERRITORIAL_FALLBACK): "属地兜底",
        ("en", FORCED_ADJUDICATION): "adjudicates",
        ("zh", FORCED_ADJUDICATION): "强制派遣",
    }[language, fallback]
    assert name in sentence


def test_overseers_stand_in_their_chain_and_assistants_beside() -> None:
    decision = Decision(
        "S1", None, rule="zone", overseers=("CA", "H"), assistants=("S2",), considered=(DUTY,)
    )
    assert told("en", decision)[-2:] == [
        "Overseen by 街长 (CA) > H.",
        "Assisted by 二中队 (S2).",
    ]


def test_a_place_without_any_duty_is_called_so() -> None:
    sentences = told("en", Decision(None, UnroutedReason.NO_DISPOSER))
    assert sentences[-2:] == [
        "No duty points at this place.",
        "Nobody has a duty to dispose of it: it waits for a person.",
    ]


def test_zones_and_road_segments_at_the_place_are_told() -> None:
    place = {"areas": [["cell", "A1"]], "zones": ["Z1"], "road_segments": [["R1", 3.21]]}
    sentences = told("en", place=place)
    assert "It lies in zone 河坊街 (Z1)." in sentences
    assert "Road segment 中山路一段 (R1) is 3.2 m away, within its tolerance." in sentences


def test_both_languages_use_the_same_facts() -> None:
    for english, chinese in _SENTENCES.values():
        names = [set(re.findall(r"\{(\w+)", text)) for text in (english, chinese)]
        assert names[0] == names[1]


def test_every_word_of_a_role_target_and_unrouted_reason_is_there() -> None:
    assert all(f"role_{role}" in _WORDS for role in DutyRole)
    assert all(f"target_{target}" in _WORDS for target in DutyTarget)
    assert all(f"unrouted_{reason}" in _SENTENCES for reason in UnroutedReason)


CHOICE = {
    "by": "wang",
    "at": "2026-03-02T10:00:00+08:00",
    "seq": 2,
    "responder": "S2",
    "instead": "S1",
}


def test_what_a_person_chose_is_told_after_what_the_rules_say() -> None:
    first, last = told("en", assigned=CHOICE)[-2:]
    assert "一中队 (S1) disposes of it" in first
    assert last == (
        "A person, wang, gave it to 二中队 (S2) on 2026-03-02T10:00:00+08:00, instead of "
        "一中队 (S1)."
    )
    assert told("zh", assigned=CHOICE)[-1] == (
        "2026-03-02T10:00:00+08:00 由 wang 人工改派给 二中队 (S2)，原主办单位为 一中队 (S1)。"
    )
    alone = {**CHOICE, "instead": None}
    unrouted = told("en", UNLOCATED, **NOWHERE, unlocated="outside", assigned=alone)
    assert (
        unrouted[-1] == "A person, wang, gave it to 二中队 (S2) on 2026-03-02T10:00:00+08:00."
    )


def test_the_reason_of_a_person_is_told_to_who_may_read_it_only() -> None:
    assigned = trace(assigned=CHOICE)
    assert explain("C1", assigned, NAMES, "en", {2: "支援"})[-1] == "The reason given: 支援"
    assert "支援" not in "".join(explain("C1", assigned, NAMES, "en", {1: "支援"}))


def test_a_case_that_a_person_put_on_the_map_has_two_positions() -> None:
    put = {"by": "wang", "at": "2026-03-02T10:00:00+08:00", "seq": 2}
    assert told("en", placed=put)[1:3] == [
        "Its position was given as 120.157, 30.25 in gcj02.",
        (
            "A person, wang, put it at longitude 120.15, latitude 30.25 on "
            "2026-03-02T10:00:00+08:00."
        ),
    ]
    assert "given as" not in "".join(told("en", placed=put, given=None))


def test_moments_are_told_on_the_clock_of_who_reads() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    sentences = explain("C1", trace(assigned=CHOICE), NAMES, "en", tz=tokyo)
    assert "was reported at 2026-03-02 10:30." in sentences[0]
    assert "on 2026-03-02 11:00, instead of" in sentences[-1]


NEAR = {
    "areas": [["cell", "A1"]],
    "zones": [],
    "road_segments": [],
    "components": [["K1", 4.2], ["K2", 4.9]],
    "apart_m": 1.0,
}


def test_a_case_tied_to_a_component_is_told_with_its_owner_in_both_languages() -> None:
    decision = Decision("S1", None, rule="component", component="K1")
    sentences = told("en", decision, place=NEAR)
    assert sentences[-4:] == [
        "Component 公交站 (K1), of the class it is about, is 4.2 m away.",
        "Component K2, of the class it is about, is 4.9 m away.",
        "It is tied to component 公交站 (K1), the nearest that somebody answers for.",
        (
            "The most specific rule that applies is the one for owners of components: 一中队"
            " (S1) disposes of it as the unit that answers for the component."
        ),
    ]
    assert told("zh", decision, place=NEAR)[-4:] == [
        "距同类部件 公交站 (K1) 4.2 米。",
        "距同类部件 K2 4.9 米。",
        "关联到最近的有责任主体的部件 公交站 (K1)。",
        "适用的最具体规则是部件权属：由部件的责任主体 一中队 (S1) 主办。",
    ]


def test_components_of_two_owners_that_cannot_be_told_apart_are_told() -> None:
    decision = Decision(
        None, UnroutedReason.SEVERAL_DISPOSERS, rule="component", disposers=("S1", "S2")
    )
    sentences = told("en", decision, place=NEAR)
    assert "differ by 1 m or less cannot be told apart" in sentences[-2]
    assert (
        "Under the rule for owners of components there are several disposers" in sentences[-1]
    )
    assert "距离相差 1 米以内的部件无法区分" in told("zh", decision, place=NEAR)[-2]


def test_a_component_nobody_answers_for_is_told_and_the_duties_decide() -> None:
    decision = Decision("S1", None, rule="area:cell", duty_ids=(7,), component="K1")
    sentences = told("en", decision, place=NEAR)
    assert "none of whose units is a responder" in sentences[-2]
    assert "areas of level grid cell: 一中队 (S1) disposes of it" in sentences[-1]
