from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseLocation
from gridmgmt.domain.period import Period
from gridmgmt.errors import NotFoundError
from gridmgmt.geometry.measure import area_m2
from gridmgmt.indicators.density_classes import class_breaks, in_three, over_days
from gridmgmt.services.situation.density_breaks import breaks_of
from gridmgmt.services.situation.map_figures import MapFigures, figures
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.schema import cases
from gridmgmt.store.situation.density_breaks import BreaksKey, StoredBreaks, list_breaks
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.factories import square
from tests.services.case_city import SHANGHAI, case_file, row, take_in
from tests.services.map_city import make_map_city

EAST_OF_A1 = float(square(0, 0, 0.25, 0.5).bounds[2])
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30), SHANGHAI)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
MONTHS = [
    Period(date(2026, 1, 1), date(2026, 1, 31), SHANGHAI),
    Period(date(2026, 2, 1), date(2026, 2, 28), SHANGHAI),
    Period(date(2026, 3, 1), date(2026, 3, 31), SHANGHAI),
]


@pytest.fixture(scope="module")
def _city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("breaks"), cases=1200)
        yield conn


@pytest.fixture
def city(_city: Connection) -> Iterator[Connection]:
    with _city.begin_nested() as kept:
        yield _city
        kept.rollback()


def asked(
    conn: Connection, level: str = "cell", category: str | None = None, shown: Period = APRIL
) -> StoredBreaks | None:
    return breaks_of(conn, 2, level, category, shown=shown, now=NOW)


def leaf_by_hand(one: CaseLocation) -> str | None:
    """Return the cell under the second edition, which cut A5 out of the east of A1."""
    if one.area_code == "A1" and one.lon is not None and one.lon > EAST_OF_A1:
        return "A5"
    return one.area_code


def counted_by_hand(conn: Connection, level: str, category: str | None) -> list[float]:
    areas = areas_in(conn, 2, level)[level]
    densities = []
    for month in MONTHS:
        wanted = CaseFilter(since=month.begin, until=month.end, category=category)
        leaves = [leaf_by_hand(case.location) for case in list_cases(conn, wanted, limit=9999)]
        for code, m2 in zip(areas.codes, area_m2(areas.geoms), strict=True):
            # The code of a cell begins with that of its street.
            inside = sum(leaf is not None and leaf.startswith(code) for leaf in leaves)
            densities.append(inside / (m2 / 1e6) / month.days * 30)
    return class_breaks(densities)


@pytest.mark.parametrize("level", ["cell", "street"])
@pytest.mark.parametrize("category", [None, "E2"])
def test_limits_are_those_of_every_area_in_every_month(
    city: Connection, level: str, category: str | None
) -> None:
    found = asked(city, level, category)
    assert found is not None
    assert found.breaks == tuple(counted_by_hand(city, level, category))
    assert len(found.breaks) >= 2
    assert (found.months, found.made_at) == (3, NOW)
    assert found.key == BreaksKey(2, level, None, category, date(2025, 4, 1))


def test_limits_are_made_once_for_all_levels_and_found_again(city: Connection) -> None:
    made = asked(city)
    stored = list_breaks(city)
    assert [one.key.level for one in stored] == ["cell", "street"]
    later = breaks_of(city, 2, "cell", None, shown=APRIL, now=datetime(2026, 6, 1, tzinfo=UTC))
    assert later == made
    last_of_april = Period(date(2026, 4, 30), date(2026, 4, 30), SHANGHAI)
    assert asked(city, shown=last_of_april) == made


def test_late_cases_of_the_same_months_leave_the_stored_limits(
    city: Connection, tmp_path: Path
) -> None:
    made = asked(city)
    late = [
        row(f"L{n:04}", (120.1516, 30.2516), reported_at="2026-03-09 08:00") for n in range(90)
    ]
    assert take_in(city, case_file(tmp_path, late, "late.csv")).new == 90
    assert asked(city) == made


def moved(conn: Connection, of: str, days: int) -> None:
    """Report cases so many days later, as if others had come in."""
    later = cases.c.reported_at + timedelta(days=days)
    conn.execute(cases.update().where(sa.text(of)).values(reported_at=later))


def test_months_that_come_in_later_make_new_limits(city: Connection) -> None:
    may = Period(date(2026, 5, 1), date(2026, 5, 31), SHANGHAI)
    january = "reported_at < '2026-02-01T00:00+08'"
    moved(city, january, 90)
    made = asked(city, shown=may)
    moved(city, "case_no NOT LIKE '%7' AND reported_at >= '2026-04-01T00:00+08'", -90)
    again = asked(city, shown=may)
    assert made is not None
    assert again is not None
    assert (made.months, again.months) == (3, 4)
    assert (made.cases, made.breaks) != (again.cases, again.breaks)


def test_a_transaction_that_only_reads_gets_the_same_limits(city: Connection) -> None:
    city.execute(sa.text("SET TRANSACTION READ ONLY"))
    found = asked(city)
    assert found is not None
    assert found.breaks == tuple(counted_by_hand(city, "cell", None))
    assert list_breaks(city) == []


def test_another_first_month_has_limits_of_its_own(city: Connection) -> None:
    april, may = asked(city), asked(city, shown=replace(APRIL, last=date(2026, 5, 1)))
    assert may == april
    later = asked(city, shown=Period(date(2026, 5, 1), date(2026, 5, 31), SHANGHAI))
    assert later is not None
    assert later.key.first_month == date(2025, 5, 1)


def test_under_three_months_with_cases_there_are_no_limits(city: Connection) -> None:
    march = Period(date(2026, 3, 2), date(2026, 3, 31), SHANGHAI)
    assert asked(city, shown=march) is None
    assert list_breaks(city) == []


def test_a_month_that_began_before_the_first_case_does_not_count(city: Connection) -> None:
    first = sa.select(sa.func.min(cases.c.reported_at)).scalar_subquery()
    city.execute(
        cases.update()
        .where(cases.c.reported_at < MONTHS[0].begin.replace(day=3))
        .values(reported_at=MONTHS[0].begin.replace(day=5))
    )
    assert city.execute(sa.select(first)).scalar_one() >= MONTHS[0].begin.replace(day=3)
    assert asked(city) is None


def test_days_to_come_have_the_limits_of_today(city: Connection) -> None:
    today = asked(city, shown=Period(date(2026, 5, 1), date(2026, 5, 1), SHANGHAI))
    far = asked(city, shown=Period(date(2036, 5, 1), date(2036, 5, 1), SHANGHAI))
    assert far == today is not None


def test_a_category_without_cases_has_no_limits(city: Connection) -> None:
    assert asked(city, category="nothing of it") is None
    assert list_breaks(city) == []


def coloured(conn: Connection, found: MapFigures) -> list[int]:
    """Count the cells that reach each fixed limit of density."""
    assert found.classes.fixed is not None
    km2 = area_m2(areas_in(conn, 2, "cell")["cell"].geoms) / 1e6
    density = np.array(found.columns["cases"]) / km2
    return [int((density >= limit).sum()) for limit in [1e-9, *found.classes.fixed]]


def test_a_quiet_month_has_the_classes_of_a_busy_one_and_fewer_coloured_cells(
    city: Connection,
) -> None:
    # A tenth of March is reported in April; then most of February and March too.
    moved(city, "reported_at >= '2026-03-01T00:00+08' AND case_no LIKE '%2'", 31)
    quiet = figures(city, 2, "cell", ReportedFilter(APRIL), as_of=NOW)
    for days, first, end in ((31, "03-01", "04-01"), (59, "02-01", "03-01")):
        period = (
            f"reported_at >= '2026-{first}T00:00+08' AND reported_at < '2026-{end}T00:00+08'"
        )
        moved(city, f"{period} AND case_no ~ '[3-9]$'", days)
    busy = figures(city, 2, "cell", ReportedFilter(APRIL), as_of=NOW)
    assert quiet.classes.fixed == busy.classes.fixed
    few, many = coloured(city, quiet), coloured(city, busy)
    assert all(one <= other for one, other in zip(few, many, strict=True))
    assert sum(few) < sum(many) / 2
    assert many[-1] > 0
    # Fitted to themselves, both would show as many dark cells.
    assert quiet.classes.fitted[-1] < busy.classes.fitted[-1]


def test_an_unknown_level_is_refused(city: Connection) -> None:
    with pytest.raises(NotFoundError, match="level"):
        asked(city, level="district")


def test_three_classes_are_among_the_five() -> None:
    breaks = class_breaks(np.geomspace(1, 1000, 200))
    assert len(breaks) == 4
    assert set(in_three(breaks)) < set(breaks)


@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=5, unique=True), st.integers(1, 3660)
)
def test_limits_of_other_days_stay_apart_and_near(breaks: list[float], days: int) -> None:
    breaks.sort()
    exact = [one * days / 30 for one in breaks]
    scaled = over_days(breaks, days)
    assert scaled == sorted(scaled)
    assert len(set(scaled)) == len(set(exact))
    assert scaled == pytest.approx(exact, rel=0.05)
