from datetime import date

import pytest

from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember, Zone, ZoneKind
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import InputError
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.services.responsibility import duty_lists as service
from gridmgmt.services.responsibility.duty_lists import DutyQuery, find_duties
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.zones import put_zones
from tests.factories import square
from tests.services.answering import make_city, objects

TODAY = date(2026, 11, 22)
LETTERS = {
    "cell": ("area", "cell", "A1"),
    "other cell": ("area", "cell", "A2"),
    "street": ("area", "street", "A"),
    "other street": ("area", "street", "B"),
    "group": ("group", None, "G1"),
    "zone": ("zone", None, "Z1"),
}


@pytest.fixture
def stated(conn):
    """One duty on each kind of place, its letter saying which, and one that ends soon."""
    make_city(conn)
    put_groups(conn, [Group("G1", GroupKind.BEAT, "一号责任网格")])
    put_members(conn, [GroupMember("G1", "cell", "A1")])
    put_zones(conn, [Zone("Z1", ZoneKind.VENDOR, "早市")], objects(multipolygon(square(0, 0))))
    duties = [
        Duty(0, "S1", DutyRole.DISPOSE, DutyTarget(target), level, code, None, letter_no=letter)
        for letter, (target, level, code) in LETTERS.items()
    ]
    ends = date(2026, 12, 2)
    named = frozenset({"E1"})
    duties.append(
        Duty(
            0,
            "H",
            DutyRole.OVERSEE,
            DutyTarget.AREA,
            "cell",
            "B1",
            named,
            None,
            None,
            ends,
            "50%_号",
        )
    )
    add_duties(conn, duties)
    return conn


def letters(conn, **asked):
    page = find_duties(conn, DutyQuery(**asked), today=TODAY)
    assert page.total == len(page.rows)
    return {row.duty.letter_no for row in page.rows}


def test_an_area_has_the_duties_above_it_in_it_and_upon_it(stated):
    assert letters(stated, area="A1") == {"cell", "street", "group", "zone"}
    assert letters(stated, area="street:A") == {"cell", "other cell", "street", "group", "zone"}
    assert letters(stated, area="B1") == {"other street", "50%_号"}
    with pytest.raises(InputError, match="no edition has an area 'Z9'"):
        letters(stated, area="Z9")


def test_an_account_limited_to_a_street_finds_nothing_else(stated):
    assert letters(stated, within=("street", "B")) == {"other street", "50%_号"}
    # Out of sight, A1 is no area.
    with pytest.raises(InputError, match="no edition has an area 'A1'"):
        letters(stated, within=("street", "B"), area="A1")


def test_each_filter_narrows(stated):
    assert letters(stated, responder="H") == {"50%_号"}
    assert letters(stated, role=DutyRole.OVERSEE) == {"50%_号"}
    assert letters(stated, target=DutyTarget.ZONE) == {"zone"}
    assert letters(stated, category="E1") == {*LETTERS, "50%_号"}
    assert letters(stated, category="E2") == set(LETTERS)
    assert letters(stated, letter_no="50%") == {"50%_号"}
    assert letters(stated, letter_no="STREET") == {"street", "other street"}


@pytest.mark.parametrize(
    ("days", "found"), [(9, set()), (10, {"50%_号"}), (0, set()), (400, {"50%_号"})]
)
def test_what_expires_soon_is_found_by_its_last_day(stated, days, found):
    assert letters(stated, expires_in_days=days) == found


def test_the_last_day_still_counts_and_the_day_after_does_not(stated):
    assert "50%_号" in letters(stated, on=date(2026, 12, 2))
    assert "50%_号" not in letters(stated, on=date(2026, 12, 3))
    # What has ended does not expire any more.
    assert letters(stated, on=date(2026, 12, 3), expires_in_days=30) == set()


def test_names_stand_beside_codes(stated):
    rows = find_duties(stated, DutyQuery(area="A1"), today=TODAY).rows
    named = {row.duty.letter_no: (row.responder_name, row.place_name) for row in rows}
    assert named["group"] == ("一中队", "一号责任网格")
    assert named["zone"] == ("一中队", "早市")
    (ends,) = find_duties(stated, DutyQuery(responder="H"), today=TODAY).rows
    assert ends.categories == {"E1": "占道"}


def test_pages_follow_each_other_by_id(stated, monkeypatch):
    monkeypatch.setattr(service, "PAGE_ROWS", 3)
    seen, after = [], 0
    while after is not None:
        page = find_duties(stated, DutyQuery(after=after), today=TODAY)
        assert page.total == 7
        seen += [row.duty.letter_no for row in page.rows]
        after = page.next_after
    assert seen == [*LETTERS, "50%_号"]


def test_a_bureau_without_anything_has_an_empty_list(conn):
    assert find_duties(conn, DutyQuery(on=TODAY), today=TODAY).rows == ()
