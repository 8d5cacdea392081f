from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.geometry.crs.crs import from_lonlat
from gridmgmt.geometry.drawing.density import DensityFrame
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.situation.map_density import MapDensity, density
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.map_city import ALL, FEBRUARY, make_map_city


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("map"))
        yield conn


def values(found: MapDensity) -> np.ndarray:
    grid = np.array(found.values, dtype=float).reshape(found.rows, found.cols)
    return np.where(grid < 0, np.nan, grid * found.scale)


def test_the_density_is_that_of_the_cases_one_by_one(city: Connection) -> None:
    found = density(city, 2, ReportedFilter(ALL), bandwidth_m=200.0)
    cases = list_cases(city, CaseFilter(since=ALL.begin, until=ALL.end), limit=10_000)
    locations = [case.location for case in cases if case.location.area_code is not None]
    assert (found.cases, found.days, found.bandwidth_m) == (len(locations), 90, 200.0)
    streets = areas_in(city, 2, "street")["street"].geoms
    frame = DensityFrame(streets[0].union(streets[1]), 200.0)
    exact = frame.density([one.lon for one in locations], [one.lat for one in locations])
    # The database counts in squares of a sixth of the bandwidth.
    worst = np.nanmax(np.abs(values(found) - exact.values))
    assert worst < 0.02 * np.nanmax(exact.values)
    assert np.array_equal(np.isnan(values(found)), np.isnan(exact.values))


def test_the_legend_has_round_numbers_up_to_the_largest(city: Connection) -> None:
    found = density(city, 2, ReportedFilter(ALL), bandwidth_m=200.0)
    largest = np.nanmax(values(found))
    assert found.breaks[-1] <= largest < 2.6 * found.breaks[-1]
    assert max(found.values) < 10_000
    assert found.scale == float(f"1e{round(np.log10(found.scale))}")


def test_period_and_category_narrow_it(city: Connection) -> None:
    both = density(
        city, 2, ReportedFilter(FEBRUARY, CaseChoice(category="E1")), bandwidth_m=200.0
    )
    wanted = CaseFilter(since=FEBRUARY.begin, until=FEBRUARY.end, category="E1")
    listed = list_cases(city, wanted, limit=10_000)
    located = [case for case in listed if case.location.area_code is not None]
    assert both.cases == len(located) > 0


def test_without_cases_it_is_zero_inside_and_has_no_legend(city: Connection) -> None:
    found = density(
        city, 2, ReportedFilter(ALL, CaseChoice(category="nothing of it")), bandwidth_m=200.0
    )
    assert set(found.values) <= {0, -1}
    assert 0 in found.values
    assert (found.cases, found.breaks, found.scale) == (0, [], 1.0)


def test_who_is_limited_to_an_area_gets_its_outline_and_its_own_cases(
    city: Connection,
) -> None:
    area = ("street", "A")
    wanted = ReportedFilter(ALL, case_scope=area_case_scope(city, area))
    found = density(city, 2, wanted, bandwidth_m=100.0, area=area)
    west, south, east, north = areas_in(city, 2, "street")["street"].geoms[0].bounds
    assert (found.west, found.south) == (west, south)
    x, y = from_lonlat(
        [found.east, east], [found.north, north], DensityFrame(_box(city), 100.0).datum
    )
    assert abs(x[0] - x[1]) < 50
    assert abs(y[0] - y[1]) < 50
    everything = density(city, 2, ReportedFilter(ALL), bandwidth_m=100.0)
    assert 0 < found.cases < everything.cases
    gone = density(city, 2, wanted, bandwidth_m=100.0, area=("street", "gone"))
    assert (gone.rows, gone.values, gone.cases) == (0, [], 0)


def _box(conn: Connection) -> object:
    return areas_in(conn, 2, "street")["street"].geoms[0]


def test_a_responder_gets_its_own_cases(city: Connection) -> None:
    found = density(city, 2, ReportedFilter(ALL, case_scope=CaseScope(responder_code="S1")))
    own = CaseFilter(responder_code="S1", since=ALL.begin, until=ALL.end)
    assert found.cases == len(list_cases(city, own, limit=10_000))


def test_a_bandwidth_nobody_asked_for_is_round_and_fits_the_city(city: Connection) -> None:
    # Two square streets of a kilometre: a twenty-fifth of 1.46 km.
    assert density(city, 2, ReportedFilter(ALL)).bandwidth_m == 50.0


@pytest.mark.parametrize("metres", [0.0, -5.0, 19.0, 1e9])
def test_a_bandwidth_out_of_reason_is_refused(city: Connection, metres: float) -> None:
    with pytest.raises(InputError, match="bandwidth_m: give metres between 20 and 20000"):
        density(city, 2, ReportedFilter(ALL), bandwidth_m=metres)


def test_an_edition_that_is_not_there_is_refused(city: Connection) -> None:
    with pytest.raises(NotFoundError, match="no edition 5"):
        density(city, 5, ReportedFilter(ALL))
