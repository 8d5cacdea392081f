"""Figures by area and the density are what they were before the cases at a default position."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.case_choice import EVERY_CASE, CaseChoice
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.cases.default_position import LonLat
from gridmgmt.domain.period import Period
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.cases.default_positions import accept
from gridmgmt.services.cases.summaries import CaseSummary, summarise
from gridmgmt.services.situation.area_panels import AreaPanel, panel
from gridmgmt.services.situation.area_rankings import Ranking
from gridmgmt.services.situation.map_density import MapDensity, density
from gridmgmt.services.situation.map_figures import MapFigures, figures
from gridmgmt.services.situation.overview import Overview, overview
from gridmgmt.store.cases.case_pages import count_up_to
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.case_city import A1, B1, FAR_AWAY, SHANGHAI, case_file, row, take_in
from tests.services.map_city import ALL, AS_OF, FEBRUARY, make_map_city

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31), SHANGHAI)
# A default position in a cell, another in no area at all.
INSIDE, OUTSIDE = A1, FAR_AWAY
SCOPES = [
    pytest.param(None, id="the city"),
    pytest.param(("street", "A"), id="a street"),
    pytest.param(("cell", "B1"), id="a cell elsewhere"),
]
DEADLINES = ({}, {"due_at": "2026-01-20"}, {"due_at": "2026-04-20"})
ENDS = ({}, {"disposed_at": "2026-01-19"}, {"closed_at": "2026-03-01"})


class Cities:
    """The same city without and with 90 cases at two default positions, on two connections."""

    def __init__(self, without: Connection, with_them: Connection) -> None:
        self.without = without
        self.with_them = with_them


@pytest.fixture(scope="module")
def cities(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cities]:
    folder = tmp_path_factory.mktemp("map")
    rows = [
        row(
            f"D{n}",
            OUTSIDE if n % 3 == 0 else INSIDE,
            # Some before the second edition, which has another A1.
            reported_at=f"2026-0{1 + n % 2}-1{n % 5} 12:00",
            category=("E1", "E2")[n // 2 % 2],
            **DEADLINES[n % 3],
            **ENDS[n // 3 % 3],
        )
        for n in range(90)
    ]
    with databases.engine(template) as one, one.connect() as without:
        make_map_city(without, folder)
        with databases.engine(template) as other, other.connect() as with_them:
            make_map_city(with_them, folder)
            take_in(with_them, case_file(folder, rows, "defaults.csv"))
            assert accept(with_them, INSIDE, actor="wang") == 60
            assert accept(with_them, OUTSIDE, actor="wang") == 30
            yield Cities(without, with_them)


def listed(conn: Connection, wanted: ReportedFilter, **more: object) -> int:
    return count_up_to(conn, replace(wanted.cases, **more), 1_000)  # type: ignore[arg-type]


def marked(conn: Connection, wanted: ReportedFilter, **more: object) -> int:
    return listed(conn, wanted, mark=CaseMark.DEFAULT_POSITION, **more)


@pytest.mark.parametrize("area", SCOPES)
@pytest.mark.parametrize("level", ["cell", "street"])
@pytest.mark.parametrize("edition", [1, 2])
@pytest.mark.parametrize(
    ("period", "category"), [(ALL, None), (JANUARY, None), (FEBRUARY, "E1")]
)
def test_the_map_counts_them_apart(
    cities: Cities,
    level: str,
    edition: int,
    period: Period,
    category: str | None,
    area: AreaKey | None,
) -> None:
    def ask(conn: Connection) -> MapFigures:
        wanted = ReportedFilter(
            period, CaseChoice(category=category), area_case_scope(conn, area)
        )
        return figures(conn, edition, level, wanted, as_of=AS_OF, area=area)

    before, after = ask(cities.without), ask(cities.with_them)
    assert (after.codes, after.columns) == (before.codes, before.columns)
    apart = after.elsewhere.default_position
    assert before.elsewhere.default_position == 0
    assert apart == marked(cities.with_them, after.wanted)
    assert (apart > 0) == (area != ("cell", "B1"))
    assert (after.elsewhere.unlocated, after.elsewhere.unlocated_here) == (
        before.elsewhere.unlocated,
        before.elsewhere.unlocated_here,
    )
    if area is None:
        everything = sum(after.columns["cases"]) + after.elsewhere.unlocated
        everything += after.elsewhere.unlocated_here + after.elsewhere.no_area + apart
        assert everything == listed(cities.with_them, after.wanted)


@pytest.mark.parametrize("bandwidth_m", [50.0, 200.0])
@pytest.mark.parametrize("choice", [EVERY_CASE, CaseChoice(responder_code="S1")])
def test_the_density_leaves_them_out(
    cities: Cities, bandwidth_m: float, choice: CaseChoice
) -> None:
    def ask(conn: Connection) -> MapDensity:
        wanted = ReportedFilter(ALL, choice)
        return density(conn, 2, wanted, bandwidth_m=bandwidth_m, now=AS_OF)

    before, after = ask(cities.without), ask(cities.with_them)
    assert (after.values, after.cases) == (before.values, before.cases)
    assert after.at_default == marked(cities.with_them, ReportedFilter(ALL, choice))
    assert (before.at_default, after.at_default > 0) == (0, True)


@pytest.mark.parametrize("key", [("cell", "A1"), ("street", "A"), ("cell", "B1")])
@pytest.mark.parametrize("edition", [1, 2])
def test_the_panel_of_an_area_says_how_many_it_leaves_out_and_links_to_both(
    cities: Cities, key: AreaKey, edition: int
) -> None:
    def ask(conn: Connection) -> AreaPanel:
        wanted = ReportedFilter(ALL)
        return panel(conn, edition, key, wanted, personal=False, actor="t", as_of=AS_OF)

    before, after = ask(cities.without), ask(cities.with_them)
    assert after.figures == before.figures
    here = ground_of(cities.with_them, edition, key)
    wanted = ReportedFilter(ALL)
    apart = marked(cities.with_them, wanted, ground=here)
    assert after.at_default.cases == apart
    left = CaseMark.DEFAULT_POSITION
    assert after.figures.cases == listed(cities.with_them, wanted, ground=here, unmarked=left)
    assert after.links["at_default"]["mark"] == "default_position"
    assert after.links["late"].get("unmarked") == ("default_position" if apart else None)
    assert "unmarked" not in before.links["cases"]
    late = {"deadline": Deadline.LATE, "as_of": AS_OF, "unmarked": left, "ground": here}
    assert after.figures.late == listed(cities.with_them, wanted, **late)


@pytest.mark.parametrize("area", [None, ("street", "A")])
def test_the_ranking_has_them_in_a_row_of_their_own(
    cities: Cities, area: AreaKey | None
) -> None:
    def ask(conn: Connection) -> Overview:
        return overview(conn, ALL, now=AS_OF, area=area, level=None)

    def rank(found: Overview) -> Ranking:
        assert found.ranking is not None
        return found.ranking

    before, after = ask(cities.without), ask(cities.with_them)
    assert rank(after).areas == rank(before).areas
    assert rank(after).unlocated == rank(before).unlocated
    apart = rank(after).at_default
    scope = area_case_scope(cities.with_them, area)
    assert apart.cases == marked(cities.with_them, ReportedFilter(ALL, case_scope=scope)) > 0
    # The figures of the city are those of all its cases.
    rows = [one.counts for one in rank(after).areas]
    parts = [
        *rows,
        rank(after).unlocated,
        rank(after).unlocated_here,
        rank(after).elsewhere,
        apart,
    ]
    assert sum(parts, DeadlineCounts()) == after.figures.counts


def test_the_summary_has_them_in_a_row_of_their_own(cities: Cities) -> None:
    def ask(conn: Connection) -> CaseSummary:
        return summarise(conn, level="street", as_of=AS_OF)

    before, after = ask(cities.without), ask(cities.with_them)
    assert after.areas == before.areas
    assert after.at_default.cases == 90
    assert after.city == before.city + after.at_default


@pytest.mark.parametrize("position", [INSIDE, OUTSIDE, B1])
def test_a_day_without_any_other_case_counts_none(
    cities: Cities, position: LonLat, tmp_path: Path
) -> None:
    day = Period(date(2026, 12, 1), date(2026, 12, 1), SHANGHAI)
    with cities.with_them.begin_nested() as savepoint:
        cells = {"reported_at": "2026-12-01 12:00"}
        lines = [row("X1", position, **cells), row("X2", position, **cells)]
        take_in(cities.with_them, case_file(tmp_path, lines), now=day.end)
        accept(cities.with_them, position, actor="wang")
        wanted = ReportedFilter(day)
        found = figures(cities.with_them, 2, "cell", wanted, as_of=day.end)
        raster = density(cities.with_them, 2, wanted, bandwidth_m=100.0, now=AS_OF)
        savepoint.rollback()
    assert set(found.columns["cases"]) == {0}
    assert (found.elsewhere.default_position, found.elsewhere.unlocated) == (2, 0)
    assert (raster.cases, raster.at_default, max(raster.values)) == (0, 2, 0)
