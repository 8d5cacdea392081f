"""One case reported: like a row of a file, once, and under a number of its own."""

import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import CaseError, InputError
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.services.cases.reports import Report, ReportedCase, report
from gridmgmt.services.cases.stories import explain
from gridmgmt.services.files.datums import named_datum
from gridmgmt.store.cases.cases import get_trace, list_events
from gridmgmt.store.schema import audit_log, cases
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    FAR_AWAY,
    NOW,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)
from tests.waiting import wait_until_blocked

RULES = JudgingRules(SHANGHAI)


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    give_duties(conn)
    return conn


def reported(
    conn: Connection,
    datum: Datum | None = None,
    case_scope: CaseScope | None = None,
    **cells: str,
) -> ReportedCase:
    given = {**row("R1", A1), **cells}
    extra = {} if case_scope is None else {"case_scope": case_scope}
    return report(conn, Report(given, "zhao", RULES, datum=datum, now=NOW, **extra))


def count(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one())


def test_a_case_is_judged_and_stored_as_a_row_of_a_file_would_be(
    city: Connection, tmp_path: Path
) -> None:
    take_in(city, case_file(tmp_path, [row("F1", A1)]))
    outcome = reported(city)
    assert outcome.is_new
    by_form, by_file = stored(city, "R1"), stored(city, "F1")
    assert by_form.location == by_file.location
    assert by_form.responder_code == by_file.responder_code == "S1"
    assert get_trace(city, "R1") == get_trace(city, "F1")
    (event,) = list_events(city, "R1")
    assert (event.kind, event.actor, event.detail["via"]) == ("reported", "zhao", "form")
    assert explain(city, "R1", rules=RULES, personal=False, actor="t").replay.is_same


def test_a_case_without_number_and_time_gets_both(city: Connection) -> None:
    numbers = [reported(city, case_no="", reported_at="").case.given.case_no for _ in range(2)]
    for number in numbers:
        assert re.fullmatch(r"R20260601-\d{6}", number)
        assert stored(city, number).given.reported_at == NOW
    assert numbers[0] != numbers[1]


def test_a_time_that_nobody_stated_is_that_of_the_clock_to_the_second(
    city: Connection,
) -> None:
    now = NOW.replace(second=21, microsecond=839_576)
    cells = {**row("R1", A1), "reported_at": ""}
    given = report(city, Report(cells, "zhao", RULES, now=now)).case.given
    assert given.reported_at == now.replace(microsecond=0)
    assert given.due_at is None or given.due_at.microsecond == 0


def test_a_number_that_a_file_took_already_is_passed_over(
    city: Connection, tmp_path: Path
) -> None:
    first = reported(city, case_no="", reported_at="").case.given.case_no
    taken = f"{first[:-6]}{int(first[-6:]) + 1:06d}"
    take_in(city, case_file(tmp_path, [row(taken)]))
    third = reported(city, case_no="", reported_at="").case.given.case_no
    assert int(third[-6:]) == int(first[-6:]) + 2


def test_the_same_again_changes_nothing_and_another_content_is_refused(
    city: Connection,
) -> None:
    reported(city, description="有人")
    again = reported(city, description="有人")
    assert not again.is_new
    assert again.case.last_seq == 1
    with pytest.raises(CaseError, match=r"R1 is known and differs in lon, description"):
        reported(city, lon="120.1526", description="另一人")
    assert count(city) == 1


def test_a_number_of_a_case_out_of_sight_is_taken_and_nothing_else_is_told(
    city: Connection,
) -> None:
    reported(city)
    with pytest.raises(CaseError, match=r"^the number R1 is taken$"):
        reported(city, case_scope=CaseScope(leaves=((1, "B1"),)), description="x")


def test_everything_that_is_unfit_is_told_at_once(city: Connection) -> None:
    with pytest.raises(InputError) as told:
        reported(city, category="Z1", lat="", due_at="soon", reported_at="2031-01-01")
    for words in ("no category Z1", "lat is empty", "due_at", "lies in the future"):
        assert words in str(told.value)
    assert count(city) == 0


def test_a_field_nobody_knows_is_refused(city: Connection) -> None:
    with pytest.raises(InputError, match="there is no field colour"):
        reported(city, colour="red")


def test_a_position_nowhere_on_earth_is_refused(city: Connection) -> None:
    with pytest.raises(InputError, match="lon 500 is beyond 180 degrees"):
        reported(city, lon="500")


def test_a_case_outside_every_area_or_without_position_waits_for_a_person(
    city: Connection,
) -> None:
    far = reported(city, lon=str(FAR_AWAY[0]), lat=str(FAR_AWAY[1])).case
    nowhere = reported(city, case_no="R2", lon="", lat="").case
    assert [one.status for one in (far, nowhere)] == [CaseStatus.TRIAGE] * 2
    assert [one.location.unlocated_reason for one in (far, nowhere)] == [
        "outside",
        "no_position",
    ]


def test_a_position_in_metres_is_brought_to_degrees(city: Connection) -> None:
    outcome = reported(city, datum=named_datum("EPSG:4549", None), lon="514650", lat="3348000")
    location = stored(city, outcome.case.given.case_no).location
    assert location.lon == pytest.approx(120.15, abs=0.01)
    assert outcome.case.given_crs == "EPSG:4549"


def test_a_report_is_audited_without_personal_data(city: Connection) -> None:
    reported(city, description="王先生", address="某路1号")
    query = sa.select(audit_log).order_by(audit_log.c.id.desc()).limit(1)
    entry: Any = city.execute(query).one()
    assert (entry.actor, entry.action, entry.subject) == ("zhao", "report_case", "case R1")
    assert entry.detail["responder"] == "S1"
    assert "王先生" not in str(entry.detail)


def test_many_who_report_at_once_each_get_a_number_of_their_own(engine: Engine) -> None:
    with engine.begin() as conn:
        make_city(conn)
    numbers: list[str] = []

    def work() -> None:
        for _ in range(5):
            with engine.begin() as conn:
                asked = Report({**row(""), "case_no": None}, "zhao", RULES, now=NOW)
                numbers.append(report(conn, asked).case.given.case_no)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(set(numbers)) == 20


def test_the_same_reported_twice_at_once_is_one_case(engine: Engine) -> None:
    with engine.begin() as conn:
        make_city(conn)
    asked = Report(row("R1"), "zhao", RULES, now=datetime(2026, 6, 1, tzinfo=UTC))
    told: list[bool] = []

    def work() -> None:
        with engine.begin() as conn:
            told.append(report(conn, asked).is_new)

    with engine.begin() as first:
        report(first, asked)
        other = threading.Thread(target=work)
        other.start()
        wait_until_blocked(engine)
    other.join(timeout=30)
    assert told == [False]
    with engine.connect() as conn:
        assert count(conn) == 1
