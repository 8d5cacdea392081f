"""Outlines for a screen keep their common borders and lose what nobody sees."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.drawing.outlines import for_screen


def strips(seed: int) -> list[shapely.Polygon]:
    """Two areas side by side with a rough border between them."""
    random = np.random.default_rng(seed)
    border = [(1 + random.uniform(-0.02, 0.02), y) for y in np.linspace(0, 1, 200)]
    west = shapely.Polygon([(0, 0), *border, (0, 1)])
    east = shapely.Polygon([(2, 0), (2, 1), *reversed(border)])
    return [west, east]


@given(st.integers(0, 10_000))
def test_neighbours_keep_a_common_border(seed: int) -> None:
    shown = for_screen(np.array(strips(seed), dtype=object), steps=200)
    assert shapely.get_num_coordinates(shown).sum() < 400
    assert shapely.coverage_is_valid(shown)


def test_what_is_missing_or_crosses_itself_stays_as_it_is() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    given_geoms = np.array([None, bow_tie, shapely.Polygon(), *strips(1)], dtype=object)
    shown = for_screen(given_geoms)
    assert shown[0] is None
    assert shapely.equals_exact(shown[1], bow_tie, tolerance=0.0)
    assert shown[2].is_empty
    assert not shown[3].is_empty


def test_no_outline_at_all_is_no_fault() -> None:
    assert len(for_screen(np.array([], dtype=object))) == 0
    assert for_screen(np.array([None], dtype=object))[0] is None


def test_an_area_that_would_vanish_is_kept() -> None:
    large, tiny = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 10.000001, 0.000001)
    shown = for_screen(np.array([large, tiny], dtype=object))
    assert not shown[1].is_empty
