import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.services.judging.location_batch import Nearby, SurroundingsBatch

CODES = ["a", "b", "c", "d", "e"]
rows = st.lists(st.lists(st.integers(0, 4), unique=True), max_size=12)


def nearby(rows):
    """Items in these rows, each as many metres away as its number."""
    point = np.repeat(np.arange(len(rows)), [len(row) for row in rows]).astype(np.int64)
    items = np.array([item for row in rows for item in row], dtype=np.int64)
    return Nearby.of_points(len(rows), CODES, point, items, items.astype(np.float64))


@given(rows)
def test_points_have_one_number_where_they_have_the_same_codes_in_the_same_order(rows):
    number, found = nearby(rows).sets()
    assert [found[n] for n in number] == [tuple(CODES[item] for item in row) for row in rows]
    assert len(set(found)) == len(found)
    assert found[0] == ()


@given(rows)
def test_each_point_tells_its_own_codes_and_metres(rows):
    column = nearby(rows)
    told = [tuple((CODES[item], float(item)) for item in row) for row in rows]
    assert column.at(np.arange(len(rows))) == told
    assert column.at(np.arange(len(rows))[::-2]) == told[::-2]
    assert column.counts.tolist() == [len(row) for row in rows]


def test_places_with_nothing_but_areas_share_one_object_for_each_cell():
    chains = [(("cell", "A1"),), (("cell", "A2"),)]
    none, zones = nearby([[]] * 5), nearby([[], [], [1], [], [2]])
    cell = np.array([0, 0, 0, 1, -1])
    batch = SurroundingsBatch(chains, cell, zones, none, none, np.zeros(5))
    places = batch.each()
    assert places == [
        Surroundings(chains[0]),
        Surroundings(chains[0]),
        Surroundings(chains[0], ("b",)),
        Surroundings(chains[1]),
        None,
    ]
    assert places[0] is places[1]
    assert places[:4] == batch.at(np.arange(4))
