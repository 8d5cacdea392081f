import numpy as np
import shapely

from gridmgmt.geometry.locating.locate import locate
from gridmgmt.geometry.locating.locator_index import build_locator
from gridmgmt.sample.case_rows import CASE_COLUMNS, bad_rows, case_rows
from gridmgmt.sample.categories import limit_hours, load_categories
from gridmgmt.sample.city import City
from gridmgmt.sample.plan import FULL
from gridmgmt.sample.plane import to_ground
from gridmgmt.sample.profiles import PROFILES


def hour(city: City) -> np.ndarray:
    at = city.cases.reported_at
    return (at - at.astype("datetime64[D]")).astype(np.int64) / 3600.0


def day(city: City) -> np.ndarray:
    return (city.cases.reported_at.astype("datetime64[D]") - FULL.first_day).astype(np.int64)


def middle_of(city: City, chosen: np.ndarray) -> np.ndarray:
    lonlat = np.column_stack([city.cases.lon, city.cases.lat])[chosen]
    return np.nanmedian(to_ground(lonlat), axis=0)


def test_cases_fill_eighteen_months_and_grow(full: City) -> None:
    cases = full.cases
    assert cases.reported_at.min() < FULL.first_day + 2
    assert cases.reported_at.min() >= FULL.first_day
    assert FULL.last_day - 1 < cases.reported_at.max() < FULL.end
    assert (np.diff(cases.reported_at) >= np.timedelta64(0, "s")).all()
    months = np.bincount(day(full) // 61)
    assert months[-1] > 1.1 * months[0]
    assert len(set(cases.case_no)) == len(cases.case_no)


def test_barbecue_is_a_matter_of_summer_nights(full: City) -> None:
    smoke = full.cases.category == "E0129-1"
    at = hour(full)[smoke]
    assert ((at > 18) | (at < 4)).mean() > 0.9
    month = full.cases.reported_at[smoke].astype("datetime64[M]").astype(np.int64) % 12
    assert np.isin(month, (5, 6, 7)).sum() > 4 * np.isin(month, (0, 1, 11)).sum()


def test_the_bar_street_moves_east_after_its_first_summer(full: City) -> None:
    smoke = full.cases.category == "E0129-1"
    before = middle_of(full, smoke & (day(full) < 150))
    after = middle_of(full, smoke & (day(full) > 380))
    assert after[0] - before[0] > 300.0


def test_street_trading_is_thick_in_few_cells(full: City) -> None:
    cells = full.areas.cells
    index = build_locator(cells.codes, cells.geoms)
    found = locate(index, full.cases.lon, full.cases.lat).cell
    trading = np.isin(full.cases.category, ["E0501-1", "E0506-1"])
    counts = np.sort(np.bincount(found[trading & (found >= 0)], minlength=len(cells.codes)))
    assert counts[-26:].sum() > 0.25 * counts.sum()


def test_cases_lie_along_roads_inside_the_district_but_not_all(full: City) -> None:
    cells, cases = full.areas.cells, full.cases
    found = locate(build_locator(cells.codes, cells.geoms), cases.lon, cases.lat, border=True)
    somewhere = ~np.isnan(cases.lon)
    assert 0.01 < (~somewhere).mean() < 0.02
    assert 0.0005 < found.snapped.mean() < 0.02
    assert 5 < ((found.cell < 0) & somewhere).sum() < 300
    assert found.border_m is not None
    assert np.nanmedian(found.border_m) < 12.0


def test_no_coordinate_is_shared_by_a_crowd(full: City) -> None:
    lonlat = np.column_stack([full.cases.lon, full.cases.lat])
    lonlat = lonlat[~np.isnan(lonlat[:, 0])]
    _, counts = np.unique(lonlat, axis=0, return_counts=True)
    assert counts.max() < 10


def test_due_is_report_plus_limit(full: City) -> None:
    limits = load_categories()
    cases = full.cases
    for i in range(0, len(cases.case_no), 997):
        if cases.category[i] in limits:
            taken = cases.outcome.due_at[i] - cases.reported_at[i]
            assert taken == np.timedelta64(int(limits[cases.category[i]].limit_h * 3600), "s")


def test_some_are_late_and_the_southern_street_gets_better(full: City) -> None:
    cases, streets = full.cases, full.areas.streets
    done = ~np.isnat(cases.outcome.disposed_at)
    assert 0.8 < (cases.outcome.disposed_at <= cases.outcome.due_at)[done].mean() < 0.95
    shapely.prepare(streets.geoms)
    south = shapely.contains_xy(
        streets.geoms[2], np.nan_to_num(cases.lon), np.nan_to_num(cases.lat)
    )
    in_time = cases.outcome.disposed_at <= cases.outcome.due_at
    early = south & done & (day(full) < 120)
    late = south & done & (day(full) > 430)
    assert in_time[late].mean() > in_time[early].mean() + 0.06


def test_nothing_happens_before_its_time_or_after_the_end(full: City) -> None:
    outcome = full.cases.outcome
    done = ~np.isnat(outcome.disposed_at)
    closed = ~np.isnat(outcome.closed_at)
    assert (outcome.disposed_at > full.cases.reported_at)[done].all()
    assert (outcome.closed_at >= outcome.disposed_at)[closed].all()
    assert not (closed & ~done).any()
    assert (outcome.disposed_at[done] < FULL.end).all()
    assert 100 < (~done).sum() < 1_500


def test_rain_comes_in_bursts(full: City) -> None:
    flooded = day(full)[full.cases.category == "E0406-1"]
    per_day = np.bincount(flooded, minlength=549)
    assert (per_day == 0).mean() > 0.8
    assert per_day.max() > 20


def test_every_profile_names_categories_that_exist() -> None:
    known = set(load_categories())
    used = {code for profile in PROFILES.values() for code in profile.categories}
    assert used <= known
    assert known == used


def test_limits_are_read_in_the_four_ways_the_table_writes_them() -> None:
    read = [limit_hours(text) for text in ("2紧急工作时", "4小时", "2紧急工作日", "15天")]
    assert read == [2.0, 4.0, 48.0, 360.0]


def test_a_few_rows_are_bad_on_purpose(small: City) -> None:
    rows = list(case_rows(small.cases))
    bad = bad_rows(rows)
    numbers = {row[0] for row in rows}
    by_name = [dict(zip(CASE_COLUMNS, row, strict=True)) for row in bad]
    assert [row["case_no"] in numbers for row in by_name] == [False] * 5 + [True, True]
    assert by_name[0]["lat"] == "91.0000000"
    assert by_name[1]["reported_at"].startswith("2099")
    assert by_name[2]["case_no"] == ""
    assert set(rows).isdisjoint(bad)


def test_a_few_categories_are_unknown(full: City) -> None:
    unknown = ~np.isin(full.cases.category, list(load_categories()))
    assert 5 < unknown.sum() < 60


def test_cases_about_water_lie_at_the_river(full: City) -> None:
    water = np.isin(full.cases.category, ["E0125-1", "E0126-1"]) & ~np.isnan(full.cases.lon)
    xy = to_ground(np.column_stack([full.cases.lon, full.cases.lat])[water])
    river = full.zones.ground[full.zones.kinds == "river"][0]
    assert np.median(shapely.distance(river, shapely.points(xy))) < 10.0
