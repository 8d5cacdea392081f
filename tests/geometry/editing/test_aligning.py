"""Borders of a level take the vertices of edges that they run along, and of no others."""

import numpy as np
import pytest
import shapely

from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.outline import whole
from tests.geometry.editing.cities import level

# A unit of the drawings below is about a metre.
UNIT = 1e-5
BORDER_M = 0.05


def line(*places: tuple[float, float]) -> np.ndarray:
    """The edges between places of one line."""
    steps = whole([(120 + x * UNIT, 30 + y * UNIT) for x, y in places])
    return np.column_stack([steps[:-1], steps[1:]])


def street() -> EditState:
    ground = shapely.box(120, 30, 120 + 100 * UNIT, 30 + 100 * UNIT)
    return EditState.of([level("street", {"S": ground}, lambda code: None)])


@pytest.mark.parametrize("far", [40.0, 3.0])
def test_a_border_follows_a_line_that_leaves_it_after_a_while(far: float) -> None:
    # A hair above the southern border of the street, and then up into it.
    along = [(x, 0.02) for x in (10.0, 10 + far / 2, 10 + far)]
    edges = line(*along, (10 + far, 30.0))
    shape = aligned(street(), "street", edges, BORDER_M).area("street", "S").shape
    known = set(map(tuple, whole(shapely.get_coordinates(shape)).tolist()))
    given = [tuple(one) for one in whole(along_degrees(along)).tolist()]
    assert known.issuperset(given)
    assert len(known) == 4 + len(given)


def test_a_border_does_not_follow_a_line_that_only_comes_to_it() -> None:
    # Its last edges are shorter than the distance between lines that are one border.
    edges = line((50, 30), (50, 0.04), (50, 0.02), (50, 0))
    state = street()
    after = aligned(state, "street", edges, BORDER_M)
    assert after.area("street", "S").shape.equals(state.area("street", "S").shape)


def along_degrees(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(120 + x * UNIT, 30 + y * UNIT) for x, y in places]
