from datetime import date
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.services.responsibility.duty_changes import DutyPlace
from gridmgmt.services.responsibility.responder_proposals import propose_responders
from gridmgmt.store.responsibility.duties import add_duties
from tests.services.answering import make_city

TZ = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 4)


@pytest.fixture
def answered(conn):
    """S1 answers for E1 in A1 alone, S2 in all of street B."""
    make_city(conn)
    for who, level, code in (("S1", "cell", "A1"), ("S2", "street", "B")):
        duty = Duty(0, who, DutyRole.DISPOSE, DutyTarget.AREA, level, code, frozenset({"E1"}))
        add_duties(conn, [duty])
    return conn


def proposed(conn, places, categories=("E1",), day=DAY):
    found = propose_responders(conn, places, categories, day, tz=TZ)
    return [(one.responder.code, one.beside, one.everywhere) for one in found]


def test_who_answers_beside_comes_before_who_answers_in_more_of_the_city(answered):
    corner = DutyPlace(DutyTarget.AREA, "A3", "cell")
    assert proposed(answered, [corner]) == [("S1", 1 / 3, 1 / 8), ("S2", 0.0, 1 / 2)]
    inner = DutyPlace(DutyTarget.AREA, "A2", "cell")
    assert proposed(answered, [inner]) == [("S2", 2 / 5, 1 / 2), ("S1", 1 / 5, 1 / 8)]


def test_what_lies_in_the_places_themselves_is_not_beside_them(answered):
    street = DutyPlace(DutyTarget.AREA, "A", "street")
    assert proposed(answered, [street]) == [("S2", 1.0, 1 / 2), ("S1", 0.0, 1 / 8)]


def test_nobody_is_proposed_for_what_nobody_answers_for_or_where_no_area_is(answered):
    assert proposed(answered, [DutyPlace(DutyTarget.AREA, "A2", "cell")], ["E9"]) == []
    assert proposed(answered, [DutyPlace(DutyTarget.ZONE, "Z1")]) == []
    before_any_edition = date(2020, 1, 1)
    hole = DutyPlace(DutyTarget.AREA, "A2", "cell")
    assert proposed(answered, [hole], day=before_any_edition) == []
