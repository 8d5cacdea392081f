from datetime import date

import pytest
from sqlalchemy import select

from gridmgmt.domain.areas.surroundings import Group, GroupKind
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import LayerError
from gridmgmt.services.responsibility.duties import import_duties, list_duties
from gridmgmt.store.responsibility.groups import put_groups
from gridmgmt.store.schema import audit_log
from tests.services.answering import PLAIN, make_city, table

HEADER = "responder_code,role,target,level,target_code,categories,hours,valid_from,valid_to"
HEADER += ",letter_no\n"


def run(conn, folder, *rows):
    path = table(folder, HEADER + "\n".join(rows))
    return import_duties(conn, path, PLAIN, actor="tester")


def stored(conn):
    return [Duty(**{**vars(one), "id": 0}) for one in list_duties(conn)]


def test_a_duty_is_stored_as_it_was_stated(conn, tmp_path):
    make_city(conn)
    row = "S1,dispose,area,cell,A1,E2; E1,22:00-06:00,2026-01-01,2026-12-31,责字1号"
    assert run(conn, tmp_path, row).added == 1
    assert stored(conn) == [
        Duty(
            id=0,
            responder_code="S1",
            role=DutyRole.DISPOSE,
            target=DutyTarget.AREA,
            level="cell",
            target_code="A1",
            categories=frozenset(["E1", "E2"]),
            hours="22:00-06:00",
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 12, 31),
            letter_no="责字1号",
        )
    ]


def test_a_level_may_be_left_out_where_only_one_has_the_code(conn, tmp_path):
    make_city(conn)
    run(conn, tmp_path, "S1,dispose,area,,A1,*,,,,", "S1,dispose,area,,A,*,,,,")
    assert [(one.level, one.categories) for one in stored(conn)] == [
        ("cell", None),
        ("street", None),
    ]


def test_hours_without_end_are_no_hours(conn, tmp_path):
    make_city(conn)
    run(conn, tmp_path, "S1,dispose,area,,A1,*,24/7,,,")
    assert stored(conn)[0].hours is None


def test_a_rule_that_hides_another_on_some_days_is_warned_of(conn, tmp_path):
    make_city(conn)
    summary = run(conn, tmp_path, "S1,dispose,area,,A1,*,Mo-Fr 08:00-12:00; We 14:00-18:00,,,")
    assert summary.added == 1
    (note,) = (note for note in summary.notes if note.startswith("row 2: "))
    assert "if both shall count, join them by ,: Mo-Fr 08:00-12:00, We 14:00-18:00" in note


def test_hours_that_never_come_on_the_days_of_the_duty_are_warned_of(conn, tmp_path):
    make_city(conn)
    summary = run(
        conn,
        tmp_path,
        "S1,dispose,area,,A1,*,2025 Oct 01-07 09:00-21:00,2026-01-01,,",
        "S1,dispose,area,,A2,*,Jan-Mar 08:00-12:00; Apr-Dec 08:00-18:00,2026-05-01,2026-12-31,",
        "S1,dispose,area,,A3,*,Jan-Mar 08:00-12:00; Apr-Dec 08:00-18:00,2026-05-01,,",
    )
    assert summary.added == 3
    first, second = summary.notes
    assert first == (
        "row 2: '2025 Oct 01-07 09:00-21:00' never comes on the days of the duty, "
        "2026-01-01 – …"
    )
    assert second == (
        "row 3: 'Jan-Mar 08:00-12:00' never counts on the days of the duty, "
        "2026-05-01 – 2026-12-31"
    )


def test_stating_a_duty_again_changes_nothing(conn, tmp_path):
    make_city(conn)
    run(conn, tmp_path, "S1,dispose,area,,A1,E1;E2,,2026-01-01,,1")
    again = run(conn, tmp_path, "S1,dispose,area,cell,A1,E2;E1,,2026-01-01,,1")
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)


def test_another_last_day_ends_the_duty_that_is_stored(conn, tmp_path):
    make_city(conn)
    run(conn, tmp_path, "S1,dispose,area,,A1,*,,2026-01-01,,1")
    before = list_duties(conn)[0].id
    ended = run(conn, tmp_path, "S1,dispose,area,,A1,*,,2026-01-01,2026-06-30,1")
    assert (ended.added, ended.changed) == (0, 1)
    (duty,) = list_duties(conn)
    assert (duty.id, duty.valid_to) == (before, date(2026, 6, 30))
    entry = conn.execute(select(audit_log).order_by(audit_log.c.id.desc())).first()
    (change,) = entry.detail["changed"]
    assert change["fields"] == ["valid_to"]
    assert change["before"] == {"valid_to": None}
    assert change["after"] == {"valid_to": "2026-06-30"}


def test_everything_wrong_is_reported_at_once_and_nothing_is_loaded(conn, tmp_path):
    make_city(conn)
    # fmt: off
    wrong = [
        # row                                            what is said of it
        ("ZZ,dispose,area,,A1,*,,,,",                    "there is no responder 'ZZ'"),
        ("S1,own,area,,A1,*,,,,",                        "role: 'own' is unknown"),
        ("S1,dispose,parcel,,A1,*,,,,",                  "target: 'parcel' is unknown"),
        ("S1,dispose,area,,Q1,*,,,,",                    "no edition has an area 'Q1'"),
        ("S1,dispose,zone,,Z9,*,,,,",                    "there is no zone 'Z9'"),
        ("S1,dispose,group,cell,B1,*,,,,",               "level is for areas only"),
        ("S1,dispose,area,,A1,E1;E7,,,,",                "there is no category 'E7'"),
        ("S1,dispose,area,,A1,X9,,,,",                   "'X9' is known only from cases"),
        ("S1,dispose,area,,A1,*;E1,,,,",                 "neither a list of codes"),
        ("S1,dispose,area,,A1,,,,,",                     "categories is empty"),
        ("S1,dispose,area,,A1,*,8 to 6,,,",              "write hours such as Mo-Fr"),
        ("S1,dispose,area,,A1,*,PH off,,,",              "uses PH"),
        ("S1,dispose,area,,A1,*,08:00-12:00;14:00-18:00,,,", "join them by ,"),
        ("S1,dispose,area,,A1,*,08:00-18:00 unknown,,,", "nobody is on duty"),
        ("S1,dispose,area,,A1,*,,1.1.2026,,",            "valid_from: '1.1.2026' is no date"),
        ("S1,dispose,area,,A1,*,,2026-02-01,2026-01-31,", "lies before valid_from"),
        ("ZZ,dispose,area,,Q1,E7,,,,",                   "there is no category 'E7'"),
    ]
    # fmt: on
    with pytest.raises(LayerError) as caught:
        run(conn, tmp_path, *(row for row, _ in wrong), "S1,dispose,area,,A1,*,,,,")
    problems = caught.value.problems
    for number, (_, words) in enumerate(wrong, 2):
        told = [one for one in problems if one.startswith(f"row {number}: ")]
        assert any(words in one for one in told)
    last = f"row {len(wrong) + 1}: "
    assert [one.removeprefix(last) for one in problems if one.startswith(last)] == [
        "there is no category 'E7'",
        "there is no responder 'ZZ'",
        "no edition has an area 'Q1'",
    ]
    assert not any(one.startswith(f"row {len(wrong) + 2}: ") for one in problems)
    assert list_duties(conn) == []


def test_two_last_days_for_one_duty_in_one_file_are_refused(conn, tmp_path):
    make_city(conn)
    with pytest.raises(LayerError) as caught:
        run(conn, tmp_path, "S1,dispose,area,,A1,*,,,2026-01-01,", "S1,dispose,area,,A1,*,,,,")
    assert caught.value.problems[0] == "row 2: the same duty as row 3 with another valid_to"
    assert caught.value.problems[1] == "row 3: the same duty as row 2 with another valid_to"


def test_a_duty_may_point_at_a_group(conn, tmp_path):
    make_city(conn)
    put_groups(conn, [Group("B1", GroupKind.BEAT, "一号责任网格")])
    run(conn, tmp_path, "S1,dispose,group,,B1,*,,,,")
    assert (stored(conn)[0].target, stored(conn)[0].level) == (DutyTarget.GROUP, None)


def test_duties_are_listed_by_responder_area_and_day(conn, tmp_path):
    make_city(conn)
    run(
        conn,
        tmp_path,
        "S1,dispose,area,,A1,*,,2026-01-01,2026-06-30,1",
        "S1,dispose,area,,A2,*,,,,2",
        "S2,dispose,area,,A1,*,,2026-07-01,,3",
    )

    def letters(**only):
        return [one.letter_no for one in list_duties(conn, **only)]

    assert letters(responder="S1") == ["1", "2"]
    assert letters(area="A1") == ["1", "3"]
    assert letters(on=date(2026, 6, 30)) == ["1", "2"]
    assert letters(on=date(2026, 7, 1)) == ["2", "3"]
