from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.judging.due_explanation import explain_due

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("limit", "due_at", "provisional", "zh", "en"),
    [
        (
            "2天",
            AT,
            True,
            "按处置时限“2天”以自然时间推算，处置截止 2026-03-02 09:30，为暂定时限。",
            (
                "By the time limit 2天 it is due on 2026-03-02 09:30, counted in plain hours:"
                " provisional."
            ),
        ),
        (
            "2天",
            AT,
            False,
            "处置时限为“2天”，处置截止 2026-03-02 09:30 为直接填报。",
            "Its time limit is 2天; its deadline, 2026-03-02 09:30, was stated.",
        ),
        (
            "及时",
            None,
            False,
            "处置时限为“及时”，据此未设处置截止。",
            "Its time limit is 及时, which gives no deadline.",
        ),
    ],
)
def test_a_sentence_says_by_which_limit_a_case_is_due(limit, due_at, provisional, zh, en):
    given = GivenCase(
        "C1", "E1", AT, due_at=due_at, due_limit=limit, due_provisional=provisional
    )
    assert explain_due(given, "zh", SHANGHAI) == [zh]
    assert explain_due(given, "en", SHANGHAI) == [en]


def test_a_case_without_a_limit_needs_no_sentence():
    assert explain_due(GivenCase("C1", "E1", AT, due_at=AT), "zh", SHANGHAI) == []
