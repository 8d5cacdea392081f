from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.period import Period
from gridmgmt.services.situation.breaks_renewal import renew_breaks
from gridmgmt.services.situation.density_breaks import breaks_of
from gridmgmt.services.situation.map_density import density
from gridmgmt.store.areas.editions import close_withdrawn
from gridmgmt.store.situation.density_breaks import list_breaks
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.case_city import SHANGHAI, case_file, row, take_in
from tests.services.map_city import make_map_city

APRIL = Period(date(2026, 4, 1), date(2026, 4, 30), SHANGHAI)
BEFORE, NOW = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def _city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("renewal"), cases=600)
        yield conn


@pytest.fixture
def city(_city: Connection) -> Iterator[Connection]:
    with _city.begin_nested() as kept:
        for category in (None, "E2"):
            assert breaks_of(_city, 2, "cell", category, shown=APRIL, now=BEFORE)
        density(_city, 2, ReportedFilter(APRIL), now=BEFORE, usual_m=100.0)
        yield _city
        kept.rollback()


def late(conn: Connection, folder: Path) -> None:
    rows = [
        row(f"L{n:04}", (120.1516, 30.2516), reported_at="2026-03-09 08:00", category="E2")
        for n in range(90)
    ]
    assert take_in(conn, case_file(folder, rows, "late.csv")).new == 90


def test_nothing_changes_while_the_cases_are_the_same(city: Connection) -> None:
    stored = list_breaks(city)
    renewed = renew_breaks(city, tz=SHANGHAI, now=NOW)
    assert [one.before for one in renewed] == stored
    assert len(renewed) == 5
    assert not any(one.changed for one in renewed)
    assert {one.made_at for one in list_breaks(city)} == {NOW}
    assert [one.breaks for one in list_breaks(city)] == [one.breaks for one in stored]


def test_late_cases_move_the_limits_of_their_levels_surface_and_category(
    city: Connection, tmp_path: Path
) -> None:
    stored = list_breaks(city)
    late(city, tmp_path)
    renewed = renew_breaks(city, tz=SHANGHAI, now=NOW)
    assert {one.before.key.level for one in renewed if one.changed} >= {"cell", "street"}
    assert [one.key for one in list_breaks(city)] == [one.key for one in stored]
    after = {one.key: one for one in list_breaks(city)}
    assert all(after[one.key].cases > one.cases for one in stored)
    # As whoever opens the map for the first time would make them now.
    city.execute(sa.text("DELETE FROM density_breaks"))
    for category in (None, "E2"):
        made = breaks_of(city, 2, "cell", category, shown=APRIL, now=NOW)
        assert made is not None
        assert made == after[made.key]


def test_limits_that_cannot_be_made_any_more_are_deleted(city: Connection) -> None:
    close_withdrawn(city, 2)
    renewed = renew_breaks(city, tz=SHANGHAI, now=NOW)
    assert {one.after for one in renewed} == {None}
    assert list_breaks(city) == []
