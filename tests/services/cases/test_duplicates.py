"""All open cases that may be the same: one sweep, the database's own answer, and by hand."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.services.cases.duplicates import find_duplicates
from gridmgmt.store.cases.duplicates import cases_alike, open_by_time
from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, give_duties, row, take_in

CATEGORIES = ("E1", "E2", "X1")


@pytest.fixture
def crowd(conn: Connection, tmp_path: Path) -> Connection:
    """200 cases on few places and in few minutes, so that places, times and both are shared."""
    make_city(conn)
    give_duties(conn)
    rng = random.Random(20261122)
    rows = []
    for n in range(200):
        at = (A1[0] + rng.randrange(6) * 1.5e-4, A1[1] + rng.randrange(4) * 1.5e-4)
        hour, minute, second = rng.choice((8, 20)), rng.randrange(2), rng.choice((0, 7))
        moment = f"2026-03-0{rng.randint(2, 6)} {hour:02}:{minute:02}:{second:02}"
        ends = {"disposed_at": "2026-03-09"} if rng.random() < 0.2 else {}
        place = None if rng.random() < 0.05 else at
        rows.append(
            row(f"C{n:03}", place, reported_at=moment, category=rng.choice(CATEGORIES), **ends)
        )
    take_in(conn, case_file(tmp_path, rows))
    return conn


@pytest.mark.parametrize("metres", [0.0, 15.0, 50.0])
@pytest.mark.parametrize("hours", [0.0, 12.0, 24.0])
def test_one_sweep_finds_what_the_database_finds(
    crowd: Connection, metres: float, hours: float
) -> None:
    rule = DuplicateRule(metres, hours)
    numbers = sorted(case.case_no for case in open_by_time(crowd))
    found = find_duplicates(crowd, rule)
    assert found.pairs == cases_alike(crowd, numbers, rule, only_earlier=True)
    assert found.open == len(numbers)
    assert len(numbers) > 130
    assert bool(found.pairs) == bool(metres)


def test_one_sweep_finds_what_comparing_each_with_each_finds(crowd: Connection) -> None:
    rule = DuplicateRule(30.0, 12.0)
    cases = list(open_by_time(crowd))
    pairs = set()
    for of in cases:
        m_lon, m_lat = (float(metres) for metres in metres_per_degree(of.lat))
        for other in cases:
            earlier = (other.reported_at, other.case_no) < (of.reported_at, of.case_no)
            soon = of.reported_at - other.reported_at <= timedelta(hours=12)
            apart = ((other.lon - of.lon) * m_lon) ** 2 + ((other.lat - of.lat) * m_lat) ** 2
            if earlier and soon and apart <= 30.0**2 and other.category == of.category:
                pairs.add((of.case_no, other.case_no))
    found = find_duplicates(crowd, rule).pairs
    assert {(one.of, one.case_no) for one in found} == pairs
    assert len(pairs) > 50


def test_those_reported_since_are_told_with_what_was_before(crowd: Connection) -> None:
    rule, since = DuplicateRule(50.0, 24.0), datetime(2026, 3, 4, tzinfo=UTC)
    later = {case.case_no for case in open_by_time(crowd, since=since)}
    found = find_duplicates(crowd, rule, since=since)
    expected = [one for one in find_duplicates(crowd, rule).pairs if one.of in later]
    assert found.pairs == expected
    assert found.open == len(later)
    assert any(one.case_no not in later for one in found.pairs)
