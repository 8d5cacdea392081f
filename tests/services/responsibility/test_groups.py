from datetime import date

import pytest

from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember
from gridmgmt.errors import LayerError
from gridmgmt.services.responsibility.groups import import_groups
from gridmgmt.store.responsibility.groups import list_groups, list_members
from tests.services.answering import PLAIN, make_city, table

HEADER = "group_code,kind,name,level,area_code,valid_from,valid_to\n"


def run(conn, folder, *rows):
    path = table(folder, HEADER + "\n".join(rows))
    return import_groups(conn, path, PLAIN, actor="tester")


def test_a_group_is_named_once_and_has_a_member_for_each_row(conn, tmp_path):
    make_city(conn)
    summary = run(
        conn,
        tmp_path,
        "B1,beat,一号网格,,A2,,",
        "B1,beat,一号网格,cell,B1,2026-01-01,2026-06-30",
        "P1,inspection_area,东片,,A,,",
    )
    assert summary.added == 3
    assert list_groups(conn) == [
        Group("B1", GroupKind.BEAT, "一号网格"),
        Group("P1", GroupKind.INSPECTION_AREA, "东片"),
    ]
    assert list_members(conn) == [
        GroupMember("B1", "cell", "A2"),
        GroupMember("B1", "cell", "B1", date(2026, 1, 1), date(2026, 6, 30)),
        GroupMember("P1", "street", "A"),
    ]


def test_a_member_can_be_ended_and_come_back(conn, tmp_path):
    make_city(conn)
    run(conn, tmp_path, "B1,beat,网,,A2,2026-01-01,")
    ended = run(
        conn,
        tmp_path,
        "B1,beat,网,,A2,2026-01-01,2026-03-31",
        "B1,beat,网,,A2,2026-05-01,",
    )
    assert (ended.added, ended.changed) == (1, 1)
    assert [(one.valid_from, one.valid_to) for one in list_members(conn)] == [
        (date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 5, 1), None),
    ]
    assert run(conn, tmp_path, "B1,beat,网,,A2,2026-05-01,").unchanged == 1


def test_a_new_name_is_a_change(conn, tmp_path):
    make_city(conn)
    run(conn, tmp_path, "B1,beat,网,,A2,,")
    assert run(conn, tmp_path, "B1,beat,新网,,A2,,").changed == 1
    assert list_groups(conn)[0].name == "新网"


def test_everything_wrong_is_reported_at_once_and_nothing_is_loaded(conn, tmp_path):
    make_city(conn)
    with pytest.raises(LayerError) as caught:
        run(
            conn,
            tmp_path,
            "B1,patch,网,,A1,,",
            "B2,beat,甲,,A1,,",
            "B2,beat,乙,,A2,,",
            "B3,beat,丙,,Q1,,",
            "B4,beat,丁,,A1,2026-01-01,2026-06-30",
            "B4,beat,丁,,A1,2026-06-30,",
        )
    words = caught.value.problems
    assert [word.split(":")[0] for word in words] == [f"row {n}" for n in (2, 3, 4, 5, 7)]
    assert (
        "'patch' is unknown; write one of beat (责任网格), inspection_area (片区)" in words[0]
    )
    assert "several names or kinds: beat '乙' and beat '甲'" in words[1]
    assert "no edition has an area 'Q1'" in words[3]
    assert "in group 'B4' twice" in words[4]
    assert list_groups(conn) == []


def test_days_that_overlap_those_stored_are_refused(conn, tmp_path):
    make_city(conn)
    run(conn, tmp_path, "B1,beat,网,,A2,2026-01-01,")
    with pytest.raises(LayerError, match="row 2: area 'A2' would be in group 'B1' twice"):
        run(conn, tmp_path, "B1,beat,网,,A2,2026-05-01,")
