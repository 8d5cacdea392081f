from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.cases.case import CaseLocation
from gridmgmt.domain.period import Period
from gridmgmt.errors import InputError, NotAllowedError, NotFoundError
from gridmgmt.geometry.drawing.density import DensityFrame
from gridmgmt.indicators.density_classes import over_days
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.situation.city_surface import area_outline
from gridmgmt.services.situation.map_density import MapDensity, density
from gridmgmt.services.situation.shown_classes import one_case_far_off
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.situation.density_breaks import list_breaks
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.case_city import SHANGHAI
from tests.services.map_city import ALL, FEBRUARY, make_map_city

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), SHANGHAI)
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30), SHANGHAI)


@pytest.fixture(scope="module")
def _city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("map"), cases=600)
        yield conn


@pytest.fixture
def city(_city: Connection) -> Iterator[Connection]:
    with _city.begin_nested() as kept:
        yield _city
        kept.rollback()


def values(found: MapDensity) -> np.ndarray:
    grid = np.array(found.values, dtype=float).reshape(found.rows, found.cols)
    return np.where(grid < 0, np.nan, grid * found.scale)


def by_place(found: MapDensity) -> dict[tuple[int, int], float]:
    """Return the values by longitude and latitude of their pixels, in 1e-7 degrees."""
    lon = found.west + (np.arange(found.cols) + 0.5) * (found.east - found.west) / found.cols
    lat = found.north - (np.arange(found.rows) + 0.5) * (found.north - found.south) / found.rows
    grid = values(found)
    return {
        (round(lon[col] * 1e7), round(lat[row] * 1e7)): grid[row, col]
        for row in range(found.rows)
        for col in range(found.cols)
        if not np.isnan(grid[row, col])
    }


def ask(conn: Connection, wanted: ReportedFilter, **given: Any) -> MapDensity:
    return density(conn, 2, wanted, now=NOW, **given)


def located(conn: Connection, wanted: CaseFilter) -> list[CaseLocation]:
    cases = list_cases(conn, wanted, limit=10_000)
    return [case.location for case in cases if case.location.area_code is not None]


def test_the_density_is_that_of_the_cases_one_by_one(city: Connection) -> None:
    found = ask(city, ReportedFilter(ALL), bandwidth_m=200.0)
    locations = located(city, CaseFilter(since=ALL.begin, until=ALL.end))
    assert (found.cases, found.days, found.bandwidth_m) == (len(locations), 90, 200.0)
    streets = areas_in(city, 2, "street")["street"].geoms
    frame = DensityFrame(streets[0].union(streets[1]), 200.0)
    exact = frame.density([one.lon for one in locations], [one.lat for one in locations])
    # The database counts in squares of a sixth of the bandwidth.
    inside = np.isfinite(exact.values)
    worst = np.abs(values(found) - exact.values)[inside].max()
    assert worst < 0.02 * exact.values[inside].max()
    assert np.array_equal(np.isnan(values(found)), np.isnan(exact.wide))


def test_period_and_category_narrow_it(city: Connection) -> None:
    both = ask(city, ReportedFilter(FEBRUARY, CaseChoice(category="E1")), bandwidth_m=200.0)
    wanted = CaseFilter(since=FEBRUARY.begin, until=FEBRUARY.end, category="E1")
    assert both.cases == len(located(city, wanted)) > 0


def test_without_cases_it_is_zero_inside(city: Connection) -> None:
    found = ask(
        city, ReportedFilter(ALL, CaseChoice(category="nothing of it")), bandwidth_m=200.0
    )
    assert set(found.values) <= {0, -1}
    assert 0 in found.values
    assert (found.cases, found.classes.fitted, found.scale) == (0, [], 1.0)


@pytest.mark.parametrize("area", [("street", "A"), ("cell", "B1"), ("cell", "A5")])
@pytest.mark.parametrize("bandwidth_m", [None, 200.0])
def test_everybody_sees_the_same_value_at_the_same_place(
    city: Connection, area: AreaKey, bandwidth_m: float | None
) -> None:
    """Whoever is limited to an area sees the part over it, made of all cases of the city."""
    scope = area_case_scope(city, area)
    everywhere = ask(city, ReportedFilter(ALL), bandwidth_m=bandwidth_m)
    here = ask(city, ReportedFilter(ALL, case_scope=scope), bandwidth_m=bandwidth_m, area=area)
    whole, part = by_place(everywhere), by_place(here)
    assert part
    assert {place: whole[place] for place in part} == part
    outline = area_outline(city, 2, area)
    assert outline is not None
    inside = [one for one in whole if shapely.contains_xy(outline, *(np.array(one) / 1e7))]
    assert set(inside) <= set(part)
    # Nothing is said of the city beyond it but what drawing at its edge needs.
    assert len(part) < len(whole)
    assert (here.cases, here.at_default) == (None, None)
    assert here.classes.fixed == everywhere.classes.fixed


def test_an_area_that_is_gone_has_no_density(city: Connection) -> None:
    gone = ask(city, ReportedFilter(ALL), bandwidth_m=100.0, area=("street", "gone"))
    assert (gone.rows, gone.values, gone.cases) == (0, [], 0)


def test_who_sees_one_responders_cases_is_told_why_there_is_no_density(
    city: Connection,
) -> None:
    with pytest.raises(NotAllowedError, match="all cases of the city"):
        ask(city, ReportedFilter(ALL, case_scope=CaseScope(responder_code="S1")))


def test_a_bandwidth_nobody_asked_for_is_round_and_fits_the_city(city: Connection) -> None:
    # Two square streets of a kilometre: a twenty-fifth of 1.46 km.
    found = ask(city, ReportedFilter(ALL))
    assert (found.bandwidth_m, found.usual_bandwidth_m) == (50.0, 50.0)
    assert found.bandwidths == [20.0, 50.0, 100.0, 200.0, 500.0]


def test_an_own_bandwidth_keeps_the_classes_of_the_usual_one(city: Connection) -> None:
    usual = ask(city, ReportedFilter(APRIL), usual_m=100.0)
    own = ask(city, ReportedFilter(APRIL), usual_m=100.0, bandwidth_m=50.0)
    assert (own.bandwidth_m, own.usual_bandwidth_m) == (50.0, 100.0)
    assert own.classes.fixed == usual.classes.fixed
    assert usual.classes.fixed is not None
    assert [one.key.bandwidth_m for one in list_breaks(city)] == [100.0]


def test_a_quiet_month_has_the_classes_of_a_busy_one_and_less_colour(
    city: Connection,
) -> None:
    def moved(share: int) -> ReportedFilter:
        """Report so many sevenths of the cases of March in April."""
        city.execute(
            sa.text(
                "UPDATE cases SET reported_at = reported_at + interval '31 days' WHERE"
                " reported_at >= :march AND CAST(right(case_no, 3) AS integer) % 7 < :share"
            ),
            {"march": MARCH.begin, "share": share},
        )
        return ReportedFilter(APRIL)

    found = []
    for share in (6, 1):
        with city.begin_nested() as savepoint:
            # The classes of April are those of the months before it, as everybody stored them.
            stored = ask(city, ReportedFilter(APRIL), usual_m=100.0).classes
            found.append(ask(city, moved(share), usual_m=100.0))
            savepoint.rollback()
        assert found[-1].classes.fixed == stored.fixed
    busy, quiet = found
    assert busy.classes.fixed == quiet.classes.fixed
    assert busy.classes.fixed is not None

    def coloured(one: MapDensity, at: int) -> int:
        assert one.classes.fixed is not None
        return int((values(one) >= one.classes.fixed[at]).sum())

    for at in range(len(busy.classes.fixed)):
        assert coloured(quiet, at) < coloured(busy, at)
    assert quiet.classes.fitted[-1] < busy.classes.fitted[-1]


def test_classes_are_scaled_to_the_days_shown_and_begin_where_one_case_is_near(
    city: Connection,
) -> None:
    month = ask(city, ReportedFilter(APRIL), usual_m=100.0).classes
    day = replace(APRIL, last=APRIL.first)
    one_day = ask(city, ReportedFilter(day), usual_m=100.0).classes
    assert month.fixed is not None
    assert one_day.fixed == over_days(month.fixed, 1)
    assert month.fixed[0] == one_case_far_off(100.0)
    assert (month.months, month.category) == (3, None)
    assert (month.first_month, month.last_month) == (date(2025, 4, 1), date(2026, 3, 1))
    of_category = ask(
        city, ReportedFilter(APRIL, CaseChoice(category="E2")), usual_m=100.0
    ).classes
    assert of_category.category == "E2"
    assert of_category.fixed != month.fixed


def test_under_three_months_before_it_a_view_has_classes_of_its_own(city: Connection) -> None:
    found = ask(city, ReportedFilter(FEBRUARY), usual_m=100.0).classes
    assert found.fixed is None
    assert found.fitted


@pytest.mark.parametrize("metres", [0.0, -5.0, 19.0, 1e9])
def test_a_bandwidth_out_of_reason_is_refused(city: Connection, metres: float) -> None:
    with pytest.raises(InputError, match="bandwidth_m: give metres between 20 and 20000"):
        ask(city, ReportedFilter(ALL), bandwidth_m=metres)


def test_an_edition_that_is_not_there_is_refused(city: Connection) -> None:
    with pytest.raises(NotFoundError, match="no edition 5"):
        density(city, 5, ReportedFilter(ALL), now=NOW)
