"""Open cases that may be the same: near in space and time, of one minor class, in sight."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import NO_CASES, CaseScope
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.store.cases.duplicates import cases_alike, open_by_time
from gridmgmt.store.responsibility.categories import put_categories
from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, give_duties, row, stored, take_in

RULE = DuplicateRule(metres=50.0, hours=24.0)
M_LON, M_LAT = (float(m) for m in metres_per_degree(A1[1]))
AT_9_30 = "2026-03-02 09:30"


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    give_duties(conn)
    minor = {"category_class": CategoryClass.EVENT, "major_class": "街面秩序"}
    put_categories(
        conn,
        [
            Category("M1", "无照经营游商", minor_class="无照经营", **minor),
            Category("M2", "流动摊点", minor_class="无照经营", **minor),
            Category("M3", "占道废品收购", minor_class="占道", **minor),
        ],
    )
    return conn


def metres_from_a1(east: float = 0.0, north: float = 0.0) -> tuple[float, float]:
    return (A1[0] + east / M_LON, A1[1] + north / M_LAT)


def take(conn: Connection, folder: Path, *rows: dict[str, str]) -> None:
    take_in(conn, case_file(folder, [row("C1", reported_at=AT_9_30), *rows]))


def alike(
    conn: Connection, rule: DuplicateRule = RULE, no: str = "C1", **asked: Any
) -> list[str]:
    return [one.case_no for one in cases_alike(conn, [no], rule, **asked)]


def test_the_nearest_comes_first_with_how_far_off_it_is(
    city: Connection, tmp_path: Path
) -> None:
    take(
        city,
        tmp_path,
        row("C2", metres_from_a1(east=40), reported_at="2026-03-02 12:30"),
        row("C3", metres_from_a1(north=30), reported_at="2026-03-01 21:30"),
    )
    found = cases_alike(city, ["C1"], RULE)
    assert [(one.of, one.case_no, one.status) for one in found] == [
        ("C1", "C3", CaseStatus.DISPATCHED),
        ("C1", "C2", CaseStatus.DISPATCHED),
    ]
    assert [one.metres for one in found] == pytest.approx([30, 40], abs=0.001)
    assert [one.hours for one in found] == [-12, 3]
    assert found[1].reported_at - found[0].reported_at == timedelta(hours=15)


@pytest.mark.parametrize(
    ("east", "reported_at", "is_alike"),
    [
        (49.9995, AT_9_30, True),  # both limits are included, in whole millimetres
        (50.0, AT_9_30, True),
        (50.001, AT_9_30, False),
        (-50.0, AT_9_30, True),
        (0, "2026-03-03 09:30", True),
        (0, "2026-03-03 09:30:01", False),
        (0, "2026-03-01 09:30", True),
        (0, "2026-03-01 09:29:59", False),
    ],
)
def test_cases_are_near_in_space_and_in_time(
    city: Connection, tmp_path: Path, east: float, reported_at: str, is_alike: bool
) -> None:
    take(city, tmp_path, row("C2", metres_from_a1(east=east), reported_at=reported_at))
    assert bool(alike(city)) == is_alike


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("E1", "E1", True),
        ("E1", "E2", False),  # neither has a minor class: each is a class of its own
        ("M1", "M2", True),
        ("M1", "M3", False),
        ("E1", "M1", False),
        ("X1", "X1", True),  # a category that only came in with cases
    ],
)
def test_cases_are_of_one_minor_class(
    city: Connection, tmp_path: Path, one: str, other: str, is_alike: bool
) -> None:
    rows = [row("C1", category=one), row("C2", category=other)]
    take_in(city, case_file(tmp_path, rows))
    assert bool(alike(city)) == is_alike
    assert bool(alike(city, no="C2")) == is_alike


def test_only_open_cases_that_lie_somewhere_are_alike(city: Connection, tmp_path: Path) -> None:
    take(
        city,
        tmp_path,
        row("C2", disposed_at="2026-03-04"),
        row("C3", closed_at="2026-03-04"),
        row("C4", None),
        row("C5", category="E1"),
    )
    assert alike(city) == ["C5"]
    assert alike(city, no="C2") == []
    assert alike(city, no="C4") == []
    assert alike(city, no="not there") == []
    assert [one.case_no for one in open_by_time(city)] == ["C1", "C5"]


def test_a_case_out_of_sight_is_never_told_of(city: Connection, tmp_path: Path) -> None:
    # 5 m over the border: C2 is S1's in A1, C3 nobody's but the office's in A2.
    at_the_border = (120.15499, A1[1])
    over_it = (120.15504, A1[1])
    rows = [row("C1", at_the_border), row("C2", at_the_border), row("C3", over_it)]
    take_in(city, case_file(tmp_path, rows))
    assert alike(city) == ["C2", "C3"]
    edition = stored(city, "C1").location.edition
    assert edition is not None
    assert alike(city, case_scope=CaseScope(leaves=((edition, "A1"),))) == ["C2"]
    assert alike(city, case_scope=CaseScope(responder_code="OA")) == ["C3"]
    assert alike(city, case_scope=NO_CASES) == []


def test_of_a_pair_the_later_one_has_the_earlier(city: Connection, tmp_path: Path) -> None:
    take(city, tmp_path, row("C2", reported_at="2026-03-02 10:00"), row("C0"))
    found = cases_alike(city, ["C0", "C1", "C2"], RULE, only_earlier=True)
    assert [(one.of, one.case_no) for one in found] == [
        ("C1", "C0"),  # at the same moment the smaller number is the earlier
        ("C2", "C0"),
        ("C2", "C1"),
    ]


def test_of_a_heap_only_some_are_told_and_no_distance_asks_for_none(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, *(row(f"H{n:02}") for n in range(30)))
    assert alike(city, most=3) == ["H00", "H01", "H02"]
    assert len(alike(city)) == 20
    assert alike(city, DuplicateRule(metres=0.0)) == []
