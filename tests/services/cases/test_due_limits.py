"""Deadlines from time limits: which one a case gets, how it is stored, and when it is kept."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.errors import CaseError, InputError
from gridmgmt.exchange.tables.tables import write_table
from gridmgmt.services.cases.exports import CaseExport, open_export
from gridmgmt.services.cases.reports import Report, ReportedCase, report
from gridmgmt.store.cases.cases import list_events
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.schema import cases
from tests.services.answering import make_city
from tests.services.case_city import A1, NOW, SHANGHAI, case_file, row, stored, take_in

RULES = JudgingRules(SHANGHAI)
REPORTED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)
LIMITS = {
    "ONE": "2紧急工作时",
    "ACT": "1紧急工作时制止/",
    "SEASON": "种植季节15工作日",
    "SEVERAL": "2紧急工作日|15天",
    "SAME": "1天、24小时；一天",
    "WORDS": "及时",
    "MONTH": "1个月",
    "NONE": None,
}


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    put_categories(
        conn, [Category(code, code, time_limit=text) for code, text in LIMITS.items()]
    )
    return conn


def reported(
    conn: Connection, category: str, *, by_hand: bool = False, **cells: str
) -> ReportedCase:
    given = row("R1", A1, category=category, **cells)
    return report(conn, Report(given, "zhao", RULES, is_due_stated=by_hand, now=NOW))


@pytest.mark.parametrize(
    ("category", "hours", "text"),
    [
        ("ONE", 2, "2紧急工作时"),
        ("ACT", 1, "1紧急工作时制止"),
        ("SEASON", 360, "种植季节15工作日"),
    ],
)
def test_the_only_limit_of_a_category_gives_the_deadline(
    city: Connection, category: str, hours: int, text: str
) -> None:
    outcome = reported(city, category)
    given = stored(city, "R1").given
    assert given == outcome.case.given
    assert given.due_at == REPORTED_AT + timedelta(hours=hours)
    assert (given.due_limit, given.due_provisional) == (text, True)
    assert outcome.due is not None
    assert not outcome.due.is_open
    assert (
        outcome.due.note
        == f"the deadline follows from {text} in plain hours and is provisional"
    )


@pytest.mark.parametrize(
    ("category", "kept", "note"),
    [
        (
            "SEVERAL",
            None,
            "SEVERAL has several time limits, 2紧急工作日 | 15天: no deadline was set",
        ),
        ("SAME", None, "SAME has several time limits, 1天 | 24小时: no deadline was set"),
        ("WORDS", "及时", "no deadline was set: 及时 states no length of time"),
        ("MONTH", "1个月", "no deadline was set: 1个月 is not always equally long"),
    ],
)
def test_no_deadline_is_set_where_several_are_possible_or_none_is_plain(
    city: Connection, category: str, kept: str | None, note: str
) -> None:
    outcome = reported(city, category)
    given = stored(city, "R1").given
    assert (given.due_at, given.due_limit, given.due_provisional) == (None, kept, False)
    assert outcome.due is not None
    assert (outcome.due.note, outcome.due.is_open) == (note, True)


def test_a_category_without_a_limit_gives_no_deadline_and_no_note(city: Connection) -> None:
    outcome = reported(city, "NONE")
    assert stored(city, "R1").given.due_at is None
    assert outcome.due is not None
    assert (outcome.due.note, outcome.due.limits) == (None, ())


def test_one_of_several_limits_can_be_chosen_as_it_is_written(city: Connection) -> None:
    outcome = reported(city, "SEVERAL", due_limit="１５ 天")
    given = stored(city, "R1").given
    assert given.due_at == REPORTED_AT + timedelta(days=15)
    assert (given.due_limit, given.due_provisional) == ("15天", True)
    assert outcome.due is not None
    assert outcome.due.limits == ("2紧急工作日", "15天")


def test_a_limit_that_the_category_lacks_is_refused_with_everything_else(
    city: Connection,
) -> None:
    with pytest.raises(InputError) as refused:
        reported(city, "SEVERAL", due_limit="3天", due_at="never")
    assert [str(one) for one in refused.value.problems][1:] == [
        "'3天' is no time limit of category SEVERAL; it has 2紧急工作日 | 15天"
    ]
    with pytest.raises(InputError, match="no time limit of category NONE; it has –"):
        reported(city, "NONE", due_limit="3天")


def test_a_stated_deadline_stays_and_is_not_provisional(city: Connection) -> None:
    reported(city, "ONE", due_at="2026-03-02 11:30")
    given = stored(city, "R1").given
    assert given.due_at == REPORTED_AT + timedelta(hours=2)
    assert (given.due_limit, given.due_provisional) == (None, False)


@pytest.mark.parametrize(
    ("due_at", "is_provisional"),
    [("2026-03-02 11:30", True), ("2026-03-02 11:31", False), ("2026-03-05 11:30", False)],
)
def test_the_deadline_of_a_chosen_limit_is_provisional_until_somebody_changes_it(
    city: Connection, due_at: str, is_provisional: bool
) -> None:
    reported(city, "ONE", due_at=due_at, due_limit="2紧急工作时")
    given = stored(city, "R1").given
    assert given.due_at == datetime.fromisoformat(due_at).replace(tzinfo=SHANGHAI)
    assert (given.due_limit, given.due_provisional) == ("2紧急工作时", is_provisional)


def test_a_form_that_shows_minutes_leaves_the_seconds_of_the_report(city: Connection) -> None:
    times = {"reported_at": "2026-03-02 09:30:45", "due_at": "2026-03-02 11:30"}
    reported(city, "ONE", due_limit="2紧急工作时", **times)
    given = stored(city, "R1").given
    assert given.due_at == REPORTED_AT + timedelta(hours=2, seconds=45)
    assert given.due_provisional


def test_a_person_may_leave_a_case_without_a_deadline(city: Connection) -> None:
    outcome = reported(city, "ONE", by_hand=True)
    given = stored(city, "R1").given
    assert (given.due_at, given.due_limit, given.due_provisional) == (None, None, False)
    assert outcome.due is not None
    assert outcome.due.note is None


def test_the_same_report_again_changes_nothing_though_the_limit_changed(
    city: Connection,
) -> None:
    reported(city, "ONE")
    put_categories(city, [Category("ONE", "ONE", time_limit="5天")])
    again = reported(city, "ONE")
    assert not again.is_new
    assert again.due is None
    assert again.case.given.due_limit == "2紧急工作时"
    with pytest.raises(CaseError, match="differs in due_at"):
        reported(city, "ONE", due_at="2026-03-02 11:31")


# Files


def test_an_import_invents_no_deadline(city: Connection, tmp_path: Path) -> None:
    rows = [row("F1", category="ONE"), row("F2", category="ONE", due_at="2026-03-09 12:00")]
    take_in(city, case_file(tmp_path, rows))
    assert stored(city, "F1").given.due_at is None
    assert stored(city, "F2").given.due_at == datetime(2026, 3, 9, 12, tzinfo=SHANGHAI)
    for number in ("F1", "F2"):
        given = stored(city, number).given
        assert (given.due_limit, given.due_provisional) == (None, False)


def test_an_import_takes_limit_and_mark_from_columns_of_their_own(
    city: Connection, tmp_path: Path
) -> None:
    due = {"due_at": "2026-03-09 12:00"}
    rows = [
        row("F1", due_limit="7天", due_provisional="yes", **due),
        row("F2", due_limit="7天", due_provisional="否", **due),
        row("F3", due_limit="7天"),
        row("F4", due_limit="及时"),
        row("F5", due_provisional="true", **due),
        row("F6", due_provisional="1", due_limit="7天"),
        row("F7", due_provisional="maybe"),
    ]
    told = take_in(city, case_file(tmp_path, rows))
    marks = {no: stored(city, no).given for no in ("F1", "F2", "F3", "F4")}
    assert [given.due_provisional for given in marks.values()] == [True, False, False, False]
    assert [given.due_limit for given in marks.values()] == ["7天", "7天", "7天", "及时"]
    assert [one.reason for one in told.rejected] == [
        "due_provisional is yes but due_limit is empty",
        "due_provisional is yes but due_at is empty",
        "due_provisional: 'maybe' is neither yes nor no",
    ]


def exported(conn: Connection, path: Path) -> list[dict[str, str]]:
    table = open_export(conn, CaseExport(actor="t", rules=RULES))
    write_table(path, table.columns, table.rows())
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_an_export_has_limit_and_mark_and_changes_nothing_when_it_comes_back(
    city: Connection, tmp_path: Path
) -> None:
    reported(city, "ONE")
    take_in(city, case_file(tmp_path, [row("F1", due_at="2026-03-09 12:00")]))
    path = tmp_path / "export.csv"
    marks = {
        one["case_no"]: (one["due_limit"], one["due_provisional"])
        for one in exported(city, path)
    }
    assert marks == {"R1": ("2紧急工作时", "true"), "F1": ("", "false")}
    before = {number: stored(city, number) for number in marks}
    told = take_in(city, path, update_known=True)
    assert (told.unchanged, told.updated) == (2, 0)
    # Other cases, as in another database, learn the same from it.
    text = (
        path.read_text(encoding="utf-8-sig").replace("\nR1,", "\nR2,").replace("\nF1,", "\nF2,")
    )
    path.write_text(text, encoding="utf-8")
    take_in(city, path)
    for number, other in (("R1", "R2"), ("F1", "F2")):
        assert stored(city, other).given == replace(before[number].given, case_no=other)


def test_a_file_that_changes_a_deadline_ends_its_being_provisional(
    city: Connection, tmp_path: Path
) -> None:
    reported(city, "ONE")
    other = row("R1", A1, category="ONE", due_at="2026-03-02 18:00")
    take_in(city, case_file(tmp_path, [other]), update_known=True)
    given = stored(city, "R1").given
    assert given.due_at == datetime(2026, 3, 2, 18, tzinfo=SHANGHAI)
    assert (given.due_limit, given.due_provisional) == ("2紧急工作时", False)
    assert list_events(city, "R1")[-1].detail["changed"].keys() == {"due_at"}


@pytest.mark.parametrize(
    ("due_at", "is_provisional"), [("2026-03-02 11:30", True), ("", False)]
)
def test_a_file_that_states_the_same_deadline_leaves_it_provisional(
    city: Connection, tmp_path: Path, due_at: str, is_provisional: bool
) -> None:
    reported(city, "ONE")
    other = row("R1", A1, category="ONE", due_at=due_at, channel="hotline")
    take_in(city, case_file(tmp_path, [other]), update_known=True)
    assert stored(city, "R1").given.due_provisional is is_provisional


def test_a_provisional_deadline_follows_a_report_that_a_file_corrects(
    city: Connection, tmp_path: Path
) -> None:
    reported(city, "ONE")
    other = row("R1", A1, category="ONE", reported_at="2026-03-01 08:00")
    take_in(city, case_file(tmp_path, [other]), update_known=True)
    given = stored(city, "R1").given
    assert given.due_at == datetime(2026, 3, 1, 10, tzinfo=SHANGHAI)
    assert given.due_provisional
    changed = list_events(city, "R1")[-1].detail["changed"]
    assert changed.keys() == {"reported_at", "due_at"}
    # Stated by a person: it stays.
    reported(city, "ONE", case_no="R2", due_at="2026-03-04 09:00")
    other = row("R2", A1, category="ONE", reported_at="2026-03-01 08:00")
    take_in(city, case_file(tmp_path, [other]), update_known=True)
    assert stored(city, "R2").given.due_at == datetime(2026, 3, 4, 9, tzinfo=SHANGHAI)


def test_an_imported_limit_that_is_several_keeps_its_deadline(
    city: Connection, tmp_path: Path
) -> None:
    due = {"due_at": "2026-03-09 12:00", "due_limit": "2天|15天", "due_provisional": "yes"}
    take_in(city, case_file(tmp_path, [row("F1", **due)]))
    corrected = row("F1", reported_at="2026-03-01 08:00")
    take_in(city, case_file(tmp_path, [corrected]), update_known=True)
    assert stored(city, "F1").given.due_at == datetime(2026, 3, 9, 12, tzinfo=SHANGHAI)


def test_the_database_forbids_a_provisional_deadline_without_a_limit(city: Connection) -> None:
    reported(city, "ONE")
    for lost in ("due_at", "due_limit"):
        with pytest.raises(IntegrityError), city.begin_nested():
            city.execute(cases.update().values({lost: None}))


def test_reported_at_in_another_zone_counts_by_the_instant(city: Connection) -> None:
    reported(city, "ONE", reported_at="2026-03-02T01:30:00+00:00")
    assert stored(city, "R1").given.due_at == datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
