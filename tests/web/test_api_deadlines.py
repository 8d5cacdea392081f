"""Deadlines of cases that programs report."""

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.store.responsibility.categories import put_categories
from tests.web.test_api import Program, program

CASE = {"reported_at": "2026-03-02T09:30:00+08:00"}


@pytest.fixture
def chief(app: Flask, city: Engine) -> Program:
    limits = {
        "ONE": "2紧急工作时",
        "SEVERAL": "1紧急工作时制止|3天",
        "WORDS": "及时",
        "NONE": None,
    }
    with city.begin() as conn:
        put_categories(conn, [Category(code, code, time_limit=t) for code, t in limits.items()])
    return program(app, city, "duty_chief")


def test_a_case_without_a_deadline_gets_that_of_its_categorys_limit(chief: Program) -> None:
    answer = chief.post("/cases", {**CASE, "case_no": "P-1", "category": "ONE"})
    assert answer.status_code == 201, answer.text
    told = answer.get_json()
    assert told["due_at"] == "2026-03-02T11:30:00+08:00"
    assert (told["due_limit"], told["due_provisional"]) == ("2紧急工作时", True)
    assert told["due_limits"] == ["2紧急工作时"]
    assert told["due_note"] == {
        "en": "the deadline follows from 2紧急工作时 in plain hours and is provisional",
        "zh": "处置截止按时限“2紧急工作时”以自然时间推算，为暂定时限",
    }
    for shown in (
        chief.get("/cases/P-1").get_json(),
        chief.get("/cases").get_json()["cases"][0],
    ):
        assert (shown["due_limit"], shown["due_provisional"]) == ("2紧急工作时", True)
    again = chief.post("/cases", {**CASE, "case_no": "P-1", "category": "ONE"})
    assert (again.status_code, again.get_json()["due_note"]) == (200, None)


@pytest.mark.parametrize(
    ("category", "limit", "zh"),
    [
        ("SEVERAL", None, "类别 SEVERAL 有多个处置时限（1紧急工作时制止 | 3天），未设处置截止"),
        ("WORDS", "及时", "未设处置截止：“及时”未写明时间长度"),
    ],
)
def test_the_answer_says_why_no_deadline_was_set(
    chief: Program, category: str, limit: str | None, zh: str
) -> None:
    told = chief.post("/cases", {**CASE, "category": category}).get_json()
    assert (told["due_at"], told["due_provisional"]) == (None, False)
    assert told["due_limit"] == limit
    assert told["due_note"]["zh"] == zh


def test_a_program_may_say_which_limit_applies_or_what_the_deadline_is(chief: Program) -> None:
    told = chief.post("/cases", {**CASE, "category": "SEVERAL", "due_limit": "3天"}).get_json()
    assert (told["due_at"], told["due_provisional"]) == ("2026-03-05T09:30:00+08:00", True)
    stated = {**CASE, "category": "ONE", "due_at": "2026-03-04T09:30:00+08:00"}
    told = chief.post("/cases", stated).get_json()
    assert (told["due_at"], told["due_limit"]) == ("2026-03-04T09:30:00+08:00", None)
    assert (told["due_provisional"], told["due_note"]) == (False, None)
    refused = chief.post("/cases", {**CASE, "category": "NONE", "due_limit": "3天"})
    assert refused.status_code == 400
    assert "'3天' is no time limit of category NONE" in refused.get_json()["message"]
