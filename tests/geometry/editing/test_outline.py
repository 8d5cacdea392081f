"""Nothing is lost between stored outlines and whole numbers."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.editing.chain import chain_of, outline_from
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.outline import outline_of, shape_of
from gridmgmt.geometry.measure import on_grid
from tests.geometry import coverages

DRAWN = [
    coverages.wriggly,
    coverages.voronoi,
    coverages.with_gaps,
    coverages.with_holes,
    coverages.with_exclaves,
]


def _areas(draw: int, seed: int) -> list[shapely.MultiPolygon]:
    shapes = on_grid(DRAWN[draw](np.random.default_rng(seed)))
    parts = [shapely.get_parts(one) for one in shapes]
    return [shapely.MultiPolygon(list(one)) for one in parts]


@given(st.integers(0, len(DRAWN) - 1), st.integers(0, 9999))
def test_outlines_keep_every_byte(draw: int, seed: int) -> None:
    for area in _areas(draw, seed):
        assert shapely.to_wkb(shape_of(outline_of(area))) == shapely.to_wkb(area)


@given(st.integers(0, len(DRAWN) - 1), st.integers(0, 9999))
def test_grounds_are_rebuilt_from_their_edges(draw: int, seed: int) -> None:
    for area in _areas(draw, seed):
        again = shape_of(outline_from(chain_of(outline_of(area))))
        assert again.is_valid
        assert shapely.equals_exact(shapely.normalize(again), shapely.normalize(area), 0.0)


@given(st.integers(0, 9999))
def test_sum_of_neighbours_is_their_union(seed: int) -> None:
    cells = coverages.wriggly(np.random.default_rng(seed))
    total = chain_of(outline_of(cells[0]))
    for cell in cells[1:]:
        total += chain_of(outline_of(cell))
    union = shapely.coverage_union_all(cells)
    assert shape_of(outline_from(total)).equals(union)
    rest = total
    for cell in cells:
        rest -= chain_of(outline_of(cell))
    assert len(rest) == 0


@pytest.mark.parametrize("holes", [1, 2, 4])
def test_ground_that_touches_itself_in_a_vertex_stays_valid(holes: int) -> None:
    # A hole that touches the outline, and holes that touch each other, in one vertex.
    outer = shapely.box(0, 0, 10, 10)
    diamonds = [
        shapely.Polygon([(0 + n, 5), (0.5 + n, 4), (1 + n, 5), (0.5 + n, 6)])
        for n in range(holes)
    ]
    chain = chain_of(outline_of(outer))
    for one in diamonds:
        chain -= chain_of(outline_of(one))
    made = shape_of(outline_from(chain))
    assert made.is_valid
    assert made.area == pytest.approx(100 - holes)


def test_grounds_that_meet_in_a_vertex_are_parts() -> None:
    chain = chain_of(outline_of(shapely.box(0, 0, 1, 1))) + chain_of(
        outline_of(shapely.box(1, 1, 2, 2))
    )
    made = shape_of(outline_from(chain))
    assert made.is_valid
    assert len(made.geoms) == 2


def test_a_hole_belongs_to_the_smallest_ground_around_it() -> None:
    """A lake on an island in a lake."""
    boxes = [shapely.box(n, n, 20 - n, 20 - n) for n in (0, 2, 4, 6)]
    outer, lake, island, pond = (chain_of(outline_of(one)) for one in boxes)
    made = shape_of(outline_from(outer - lake + island - pond))
    assert made.is_valid
    assert made.area == pytest.approx(400 - 256 + 144 - 64)


def test_edges_that_enclose_no_ground_are_refused() -> None:
    # The one on the right has a vertex more in the middle of the border.
    border = [(1, 3), (1, 2), (1, 1), (1, 0)]
    more = [(1, 0), (1, 1), (1, 1.5), (1, 2), (1, 3)]
    west = shapely.MultiPolygon([shapely.Polygon([(0, 3), (0, 0), *border[::-1]])])
    east = shapely.MultiPolygon([shapely.Polygon([(2, 0), (2, 3), *more[::-1]])])
    both = [chain_of(outline_of(one)) for one in (west, east)]
    with pytest.raises(EditError, match=r"one ground at 1\.0+ 1\.0+"):
        outline_from(both[0] + both[1])
