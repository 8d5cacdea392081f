"""Where real cases lie, against the area that the cities themselves wrote down."""

import time

import numpy as np
import pandas as pd
import pyogrio
import pytest

from gridmgmt.geometry.locating.locate import Located, Locator, build_locator, locate
from gridmgmt.geometry.measure import on_grid
from tests.shared import shared_data

# The middle of Norridge, a village that Chicago surrounds.
NORRIDGE = (-87.8236, 41.9633)


def index_of(file: str, layer: str, code: str, where: str | None = None) -> Locator:
    frame = pyogrio.read_dataframe(shared_data(file), layer=layer, where=where)
    geoms = on_grid(np.asarray(frame.geometry.values))
    return build_locator([str(value) for value in frame[code]], list(geoms))


def codes_of(index: Locator, located: Located) -> np.ndarray:
    return np.array([*index.codes, None], dtype=object)[located.cell]


def true_among_candidates(index: Locator, located: Located, truth: np.ndarray) -> np.ndarray:
    codes, ends = index.codes, located.offsets
    return np.array(
        [
            true in codes[located.candidates[ends[i] : ends[i + 1]]]
            for i, true in enumerate(truth)
        ]
    )


@pytest.mark.parametrize(
    ("layer", "code", "right"),
    [("grids", "grid_code", 226), ("communities", "community_code", 228)],
)
def test_the_events_of_hangzhou_lie_in_their_stated_area(
    layer: str, code: str, right: int
) -> None:
    events = pd.read_csv(shared_data("hangzhou_xiacheng/grid_events.csv.gz"))
    index = index_of("hangzhou_xiacheng/areas.gpkg", layer, code)
    located = locate(index, events.lon, events.lat)
    assert (codes_of(index, located) == events[code]).sum() == right
    assert not located.snapped.any()


def test_the_complaints_of_chicago_by_both_editions_of_its_wards() -> None:
    cases = pd.read_csv(shared_data("chicago311/cases.csv.gz"), usecols=["lon", "lat", "ward"])
    known = cases.ward.notna() & cases.lon.notna()
    truth = cases.ward[known].astype(int).astype(str).to_numpy()
    old = index_of("chicago311/areas.gpkg", "wards_2003_2015", "ward", "ward <> 'OUT'")
    started = time.perf_counter()
    everywhere = locate(old, cases.lon, cases.lat, border=True)
    assert time.perf_counter() - started < 10
    assert (everywhere.cell < 0).sum() == 24  # those without coordinates
    assert everywhere.snapped.sum() == 251
    assert np.nanmax(everywhere.distance_m) <= 8
    assert everywhere.border_m is not None
    # The street lines are the ward lines: a twelfth of all cases lies within a metre.
    assert (everywhere.border_m <= 1).sum() == 6_115

    located = locate(old, cases.lon[known], cases.lat[known])
    assert true_among_candidates(old, located, truth).mean() > 0.998
    new = index_of("chicago311/areas.gpkg", "wards_2015_2023", "ward")
    later = locate(new, cases.lon[known], cases.lat[known])
    assert 0.74 < true_among_candidates(new, later, truth).mean() < 0.76
    unsnapped = locate(old, cases.lon, cases.lat, snap_m=0)
    assert (unsnapped.cell < 0).sum() == 24 + 251


@pytest.mark.parametrize("layer", ["wards_2003_2015", "wards_2015_2023"])
def test_the_middle_of_norridge_is_in_no_ward(layer: str) -> None:
    index = index_of("chicago311/areas.gpkg", layer, "ward", "ward <> 'OUT'")
    assert locate(index, [NORRIDGE[0]], [NORRIDGE[1]]).cell.tolist() == [-1]


def test_the_requests_of_los_angeles_lie_in_their_division() -> None:
    cases = pd.read_csv(
        shared_data("la311/cases.csv.gz"), usecols=["lon", "lat", "lapd_division"]
    ).dropna()
    index = index_of("la311/areas.gpkg", "lapd_divisions", "name_uc")
    located = locate(index, cases.lon, cases.lat)
    truth = cases.lapd_division.to_numpy()
    assert (codes_of(index, located) == truth).mean() >= 0.998
