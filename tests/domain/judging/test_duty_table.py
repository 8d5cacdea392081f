from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.surroundings import GroupMember, Surroundings, Zone, ZoneKind
from gridmgmt.domain.judging import duty_table
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.duty_table import UNLOCATED, DutyTable
from gridmgmt.domain.responsibility.component import Register
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind

# Two streets of two communities of two cells, an area in no group, and a cell nobody points at.
CHAINS = {
    code: (("cell", code), ("community", code[:2]), ("street", code[0]))
    for code in ("AX1", "AX2", "AY1", "BX1", "BX2")
}
STAFF = [
    Responder("centre", ResponderKind.DISTRICT_CENTRE, "指挥中心"),
    Responder("office", ResponderKind.STREET_OFFICE, "街道办", None, "centre", "street", "A"),
    Responder("head", ResponderKind.STREET_CHIEF, "总街长"),
    Responder("chief", ResponderKind.STREET_CHIEF, "街长", None, "head", "street", "B"),
    *(Responder(f"squad{n}", ResponderKind.SQUAD, f"{n}中队") for n in range(3)),
]
DAYS = [None, date(2026, 5, 4), date(2026, 5, 5)]
HOURS = ["22:00-06:00", "Mo-Fr 08:00-18:00", "Oct 01-07 09:00-21:00", "24/7"]
CATEGORIES = ["E1", "E2", "E3"]
TARGETS = [
    (DutyTarget.AREA, "cell", "AX1"),
    (DutyTarget.AREA, "cell", "BX1"),
    (DutyTarget.AREA, "community", "AX"),
    (DutyTarget.AREA, "street", "A"),
    (DutyTarget.AREA, "street", "B"),
    (DutyTarget.GROUP, None, "G"),
    (DutyTarget.ZONE, None, "Z1"),
    (DutyTarget.ZONE, None, "Z2"),
    (DutyTarget.ROAD_SEGMENT, None, "R1"),
    (DutyTarget.ROAD_SEGMENT, None, "R2"),
]

lists = st.one_of(st.none(), st.frozensets(st.sampled_from(CATEGORIES), min_size=1))
spans = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).filter(
    lambda pair: None in pair or pair[0] <= pair[1]
)
duties = st.builds(
    lambda on, responder, role, only, hours, days: Duty(
        0, responder, role, *on, only, hours, days[0], days[1]
    ),
    st.sampled_from(TARGETS),
    st.sampled_from([one.code for one in STAFF]),
    st.sampled_from(DutyRole),
    lists,
    st.sampled_from([None, *HOURS]),
    spans,
)
members = st.lists(
    st.builds(
        lambda area, days: GroupMember("G", *area, *days),
        st.sampled_from([("cell", "AX2"), ("community", "BX"), ("street", "A")]),
        spans,
    ),
    max_size=2,
)
zones = st.builds(
    lambda kind, days, only: [
        Zone("Z1", kind, "一", *days, only),
        Zone("Z3", kind, "三", *days),
    ],
    st.sampled_from([ZoneKind.VENDOR, ZoneKind.RIVER]),
    spans,
    lists,
)
owners = st.fixed_dictionaries({"C1": st.sampled_from([None, "squad0", "squad1"])})
places = st.builds(
    lambda areas, zones, roads, components: Surroundings(
        areas, tuple(sorted(zones)), tuple(roads), tuple(components), 1.0
    ),
    st.sampled_from(list(CHAINS.values())),
    st.sets(st.sampled_from(["Z1", "Z2", "Z3"])),
    st.lists(st.sampled_from([("R1", 1.0), ("R2", 2.0), ("R3", 3.0)]), unique=True),
    st.lists(st.sampled_from([("C1", 1.0), ("C2", 1.5), ("C3", 9.0)]), unique=True).map(sorted),
)
clocks = st.one_of(
    st.datetimes(datetime(2026, 5, 3), datetime(2026, 5, 6)),  # noqa: DTZ001
    st.datetimes(datetime(2026, 9, 29), datetime(2026, 10, 9)),  # noqa: DTZ001
    st.sampled_from([datetime(2026, 5, 4), datetime(2026, 5, 4, 22), datetime(2026, 5, 5, 6)]),  # noqa: DTZ001
)
cases = st.tuples(
    st.one_of(st.none(), places), st.sampled_from([None, *CATEGORIES, "X"]), clocks
)
books = st.tuples(st.lists(duties, max_size=10), members, zones, owners)


def make_book(stated, members, zones, owner_of):
    numbered = [Duty(**{**vars(one), "id": n}) for n, one in enumerate(stated, 1)]
    register = Register({**owner_of, "C2": "squad2", "C3": "squad1"})
    return DutyBook(numbered, STAFF, members, zones, register)


def from_table(book, asked):
    table = DutyTable(book)
    number = [
        -1 if surroundings is None else table.number(book.key(surroundings))
        for surroundings, _, _ in asked
    ]
    found, decisions = table.decide(
        np.array(number, dtype=np.int64),
        table.kinds([category for _, category, _ in asked]),
        np.array([at.replace(microsecond=0) for _, _, at in asked], dtype="datetime64[s]"),
    )
    return [decisions[n] for n in found.tolist()]


@given(books, st.lists(cases, max_size=12))
def test_the_table_says_of_each_case_what_a_book_of_its_own_says(given_book, asked):
    expected = [
        # A new book for each: nothing it answered before can colour the answer.
        make_book(*given_book).decide(
            surroundings, category or "", at, category_known=category is not None
        )
        for surroundings, category, at in asked
    ]
    assert from_table(make_book(*given_book), asked) == expected


@given(books, st.lists(cases, max_size=12))
def test_a_table_too_large_to_be_held_gives_the_same(given_book, asked):
    expected = from_table(make_book(*given_book), asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duty_table, "_DENSE", 0)
        assert from_table(make_book(*given_book), asked) == expected


@given(books, st.lists(cases, max_size=12))
def test_a_site_where_much_is_dated_gives_the_same(given_book, asked):
    expected = from_table(make_book(*given_book), asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duty_table, "_FEW", 1)
        assert from_table(make_book(*given_book), asked) == expected


def duty(number, responder, target, level, code, **more):
    return Duty(number, responder, DutyRole.DISPOSE, target, level, code, None, **more)


NOON = np.array(["2026-05-04T12:00:00"], dtype="datetime64[s]")


def test_cells_on_which_nothing_points_are_one_site():
    book = DutyBook([duty(1, "squad1", *TARGETS[3])], STAFF)
    table = DutyTable(book)
    number = {
        code: table.number(book.key(Surroundings(chain))) for code, chain in CHAINS.items()
    }
    assert number["AX1"] == number["AX2"] == number["AY1"]
    assert number["BX1"] == number["BX2"] != number["AX1"]


def test_a_batch_keeps_its_decisions_when_the_table_begins_anew(monkeypatch):
    book = DutyBook([duty(1, "squad1", *TARGETS[3])], STAFF)
    table = DutyTable(book)
    number = np.array([table.number(book.key(Surroundings(CHAINS["AX1"])))])
    kind = table.kinds(["E1"])
    before, kept = table.decide(number, kind, NOON)
    monkeypatch.setattr(duty_table, "_DECISIONS_KEPT", 1)
    after, anew = table.decide(number, kind, NOON)
    assert kept is not anew
    assert (
        kept[before[0]]
        == anew[after[0]]
        == book.decide(Surroundings(CHAINS["AX1"]), "E1", NOON[0].item())
    )


def test_nothing_asked_gives_nothing_and_no_place_gives_unlocated():
    table = DutyTable(DutyBook([], STAFF))
    none = np.empty(0, dtype=np.int64)
    assert len(table.decide(none, none, NOON[:0])[0]) == 0
    found, decisions = table.decide(np.array([-1]), table.kinds([None]), NOON)
    assert decisions[found[0]] is UNLOCATED


def test_every_minute_of_a_night_is_judged_by_the_table_as_by_the_book():
    book = DutyBook(
        [
            duty(1, "squad1", *TARGETS[0], hours="22:00-06:00", valid_to=date(2026, 5, 4)),
            duty(2, "squad2", *TARGETS[3]),
        ],
        STAFF,
    )
    table = DutyTable(book)
    surroundings = Surroundings(CHAINS["AX1"])
    start = datetime(2026, 5, 3, 20)  # noqa: DTZ001
    clock = [start + timedelta(minutes=n) for n in range(36 * 60)]
    found, decisions = table.decide(
        np.full(len(clock), table.number(book.key(surroundings))),
        np.repeat(table.kinds(["E1"]), len(clock)),
        np.array(clock, dtype="datetime64[s]"),
    )
    assert [decisions[n] for n in found] == [
        book.decide(surroundings, "E1", at) for at in clock
    ]
    # Until midnight of its last day only: the hours after it belong to a day without a letter.
    switches = [clock[n] for n in np.flatnonzero(np.diff(found)) + 1]
    told = ["03 22:00", "04 06:00", "04 22:00", "05 00:00"]
    assert [f"{at:%d %H:%M}" for at in switches] == told
