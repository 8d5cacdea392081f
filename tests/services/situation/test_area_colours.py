from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.period import Period
from gridmgmt.geometry.measure import area_m2
from gridmgmt.indicators.shrunk_rates import shrunk_on_time_rates
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.situation.area_colours import AreaColours, area_colours
from gridmgmt.services.situation.map_figures import MapFigures, figures
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.map_city import ALL, AS_OF, FEBRUARY, make_map_city


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    """The small city under two editions; nothing here changes it."""
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("map"))
        yield conn


def ask(
    conn: Connection,
    level: str,
    *,
    period: Period = ALL,
    category: str | None = None,
    area: tuple[str, str] | None = None,
) -> tuple[MapFigures, AreaColours]:
    wanted = ReportedFilter(period, CaseChoice(category=category), area_case_scope(conn, area))
    found = figures(conn, 2, level, wanted, as_of=AS_OF, area=area)
    return found, area_colours(conn, found, area=area)


def due_of(found: MapFigures) -> np.ndarray:
    kinds = (found.columns[name] for name in ("on_time", "late", "overdue"))
    return np.sum([*kinds], axis=0)


@pytest.mark.parametrize("level", ["street", "cell"])
def test_rates_are_drawn_towards_that_of_the_parent(city: Connection, level: str) -> None:
    found, colours = ask(city, level, period=FEBRUARY)
    due = due_of(found)
    # The name of a cell begins with that of its street; a street's parent is the city.
    parents = [code[0] if level == "cell" else "" for code in found.codes]
    groups = np.unique(parents, return_inverse=True)[1]
    wanted = shrunk_on_time_rates(found.columns["on_time"], due, groups)
    shown = np.array(colours.shrunk_rate, dtype=np.float64)
    np.testing.assert_allclose(shown, wanted, atol=5e-5)
    own = np.divide(found.columns["on_time"], due, where=due > 0, out=np.full(len(due), np.nan))
    assert not np.allclose(shown, own, atol=0.01, equal_nan=True), "drawn, not left"


def test_only_areas_without_any_case_that_is_due_have_no_colour(city: Connection) -> None:
    found, colours = ask(city, "cell", period=FEBRUARY, category="E2")
    grey = [one is None for one in colours.shrunk_rate]
    assert grey == (due_of(found) == 0).tolist()
    assert any(grey)
    assert not all(grey)


@pytest.mark.parametrize("level", ["street", "cell"])
def test_density_is_cases_by_ground(city: Connection, level: str) -> None:
    found, colours = ask(city, level)
    areas = areas_in(city, 2, level)[level]
    km2 = dict(zip(areas.codes, area_m2(areas.geoms) / 1e6, strict=True))
    for code, cases, density in zip(
        found.codes, found.columns["cases"], colours.cases_per_km2, strict=True
    ):
        assert density == pytest.approx(cases / km2[code], rel=1e-3)
    assert any(colours.cases_per_km2)


def test_without_months_before_the_view_makes_its_own_classes(city: Connection) -> None:
    _, colours = ask(city, "cell", period=FEBRUARY)
    assert colours.fixed_breaks is None
    low, high = colours.fitted_breaks
    assert min(colours.cases_per_km2) < low < high < max(colours.cases_per_km2)


def test_an_account_of_a_street_sees_the_colours_of_its_cells(city: Connection) -> None:
    whole, colours = ask(city, "cell")
    mine, seen = ask(city, "cell", area=("street", "A"))
    assert set(mine.codes) < set(whole.codes)
    at = [whole.codes.index(code) for code in mine.codes]
    # All siblings of its cells are its own, so everybody sees the same colours.
    assert seen.shrunk_rate == [colours.shrunk_rate[n] for n in at]
    assert seen.is_uncertain == [colours.is_uncertain[n] for n in at]
    assert seen.cases_per_km2 == [colours.cases_per_km2[n] for n in at]


def test_an_account_whose_area_is_unknown_here_sees_nothing(city: Connection) -> None:
    _, colours = ask(city, "cell", area=("street", "Z"))
    assert (colours.shrunk_rate, colours.cases_per_km2) == ([], [])
    assert colours.fitted_breaks == []
