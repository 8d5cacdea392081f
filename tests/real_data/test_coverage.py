"""What the check says of real cities; counted once by hand, stated with every amount."""

from collections.abc import Sequence

import numpy as np
import pyogrio
import pytest

from gridmgmt.geometry.coverage.coverage import LevelAreas, Problem, Severity, check_coverage
from tests.shared import shared_data

HANGZHOU = "hangzhou_xiacheng/areas.gpkg"
LA = "la311/areas.gpkg"
CHICAGO = "chicago311/areas.gpkg"

BAD_INPUTS = (
    "03_chicago_wards_2003_duplicate_codes.geojson",
    "04_la_nc_2020_3d_z.geojson",
    "05_la_nc_2019_overlaps.geojson",
    "06_hangzhou_grids_raw_slivers.geojson",
    "07_shanghai_gbk_dbf_no_cpg/区县界_area.shp",
    "09_shenzhen_districts_no_prj/sz.shp",
    "11_renshou_towns_split_key.geojson",
    "13_baltimore_parcels_null_geometry/demolition_properties.shp",
    "17_hangzhou_districts_gcj02.geojson",
)


def level(
    file: str, layer: str | None, code: str | None, parent: str | None = None, **read: str
) -> LevelAreas:
    frame = pyogrio.read_dataframe(shared_data(file), layer=layer, **read)
    nothing = [None] * len(frame)
    codes = range(len(frame)) if code is None else frame[code]
    return LevelAreas(
        layer or "layer",
        np.array([str(value) for value in codes], dtype=object),
        np.array(nothing, dtype=object),
        np.array([str(v) for v in frame[parent]] if parent else nothing, dtype=object),
        np.array(list(frame.geometry.values), dtype=object),
    )


def count(problems: Sequence[Problem]) -> dict[tuple[str, str, str], int]:
    counted: dict[tuple[str, str, str], int] = {}
    for problem in problems:
        key = (problem.level, problem.kind.value, problem.severity.value)
        counted[key] = counted.get(key, 0) + 1
    return counted


def amounts(problems: Sequence[Problem], level_: str, kind: str) -> list[float]:
    return [p.amount or 0.0 for p in problems if p.level == level_ and p.kind == kind]


def hangzhou() -> list[LevelAreas]:
    return [
        level(HANGZHOU, "streets", "street_code"),
        level(HANGZHOU, "communities", "community_code", "street_code"),
        level(HANGZHOU, "grids", "grid_code", "community_code"),
    ]


def test_hangzhou_has_hairs_to_warn_of_and_nothing_that_blocks() -> None:
    problems = check_coverage(hangzhou())
    assert {p.severity for p in problems} == {Severity.WARNING}
    counted = count(problems)
    # Before rounding to the storage grid 9 pairs of communities overlap, after it 10.
    assert counted["streets", "overlap", "warning"] == 6
    assert counted["communities", "overlap", "warning"] == 10
    assert sum(amounts(problems, "streets", "overlap")) == pytest.approx(0.368, abs=0.001)
    assert sum(amounts(problems, "communities", "overlap")) == pytest.approx(0.513, abs=0.001)
    # Pin holes: at the top by that name, below gaps.
    assert counted["streets", "pinhole", "warning"] == 3
    assert counted["communities", "gap", "warning"] == 2
    assert max(amounts(problems, "grids", "outside_parent")) < 0.25
    assert ("grids", "overlap", "warning") not in counted


def test_hangzhou_cells_are_larger_than_the_standard_and_said_to_be() -> None:
    problems = check_coverage(hangzhou(), sizes_m2={"grids": 10_000})
    [unusual] = [p for p in problems if p.kind == "unusual_size"]
    assert "194 of 297 areas" in unusual.sentence


@pytest.mark.proof
def test_four_levels_of_los_angeles_nest_within_a_square_metre() -> None:
    problems = check_coverage(
        [
            level(LA, "lapd_bureaus", "name"),
            level(LA, "lapd_divisions", "division", "bureau"),
            level(LA, "lapd_basic_car_areas", "basic_car_area", "division"),
            level(LA, "lapd_reporting_districts", "reporting_district", "basic_car_area"),
        ]
    )
    assert count(problems) == {
        ("lapd_bureaus", "enclave", "warning"): 10,
        ("lapd_reporting_districts", "outside_parent", "warning"): 3,
        ("lapd_reporting_districts", "gap", "warning"): 3,
    }
    # Culver City, Beverly Hills and West Hollywood, San Fernando and others.
    assert sum(amounts(problems, "lapd_bureaus", "enclave")) == pytest.approx(60.39e6, rel=1e-3)
    assert sum(amounts(problems, "lapd_reporting_districts", "gap")) < 0.05


def test_the_neighbourhood_councils_overlap_by_square_kilometres() -> None:
    problems = check_coverage([level(LA, "neighborhood_councils_2019", "nc")])
    overlaps = amounts(problems, "neighborhood_councils_2019", "overlap")
    assert sum(m2 > 7_000 for m2 in overlaps) == 35
    assert max(overlaps) == pytest.approx(8.11e6, rel=1e-3)
    blocking = count(problems)["neighborhood_councils_2019", "overlap", "error"]
    assert blocking == sum(m2 > 1 for m2 in overlaps) == 192


def test_the_old_wards_of_chicago_need_a_tolerance_of_7000_square_metres() -> None:
    wards = level(CHICAGO, "wards_2003_2015", "ward", where="ward <> 'OUT'")
    blocking = [p for p in check_coverage([wards]) if p.severity is Severity.ERROR]
    assert [(p.kind.value, p.codes) for p in blocking] == [
        ("overlap", ("10", "7")),
        ("overlap", ("10", "8")),
        ("overlap", ("10", "9")),
    ]
    assert blocking[0].amount == pytest.approx(6_201, abs=1)
    tolerated = check_coverage([wards], tolerance_m2=7_000)
    assert {p.severity for p in tolerated} == {Severity.WARNING}
    # Norridge and Harwood Heights.
    assert max(amounts(tolerated, "wards_2003_2015", "enclave")) == pytest.approx(
        7.99e6, rel=1e-2
    )


@pytest.mark.proof
@pytest.mark.parametrize("name", BAD_INPUTS)
def test_no_bad_layer_stops_the_check(name: str) -> None:
    problems = check_coverage([level(f"bad_inputs/{name}", None, None)])
    assert all(problem.sentence for problem in problems)


def test_bad_layers_are_found_bad() -> None:
    slivers = check_coverage([level(f"bad_inputs/{BAD_INPUTS[3]}", None, None)])
    assert sorted(p.kind.value for p in slivers) == ["invalid_ring", "sliver"]
    assert "120.16862846 30.33076284" in slivers[0].sentence
    no_geometry = check_coverage([level(f"bad_inputs/{BAD_INPUTS[7]}", None, None)])
    assert [p.kind.value for p in no_geometry] == ["empty_geometry"] * 3
    twice = check_coverage([level(f"bad_inputs/{BAD_INPUTS[0]}", None, "ward")])
    assert ("duplicate_code", ("OUT",)) in [(p.kind.value, p.codes) for p in twice]
