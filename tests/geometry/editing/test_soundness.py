"""What an edit may not leave, whichever operation made it."""

import numpy as np
import pytest
import shapely
from shapely.affinity import affine_transform

from gridmgmt.geometry.coverage.problem import ProblemKind
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.outline import outline_of
from gridmgmt.geometry.editing.rings import rows_of, with_moved, with_stretch
from gridmgmt.geometry.editing.soundness import refuse_worse
from gridmgmt.geometry.measure import area_m2
from tests.geometry.editing.cities import RULES, city, level
from tests.geometry.editing.real import real_levels
from tests.geometry.editing.test_allowed_gaps import done, kinds, lakeside, polygon
from tests.geometry.editing.test_edits import alone

# A vertex in the border of A and B.
SHARED = (12000100000, 3000100000)


def moved_for_one(code: str, east: int) -> tuple[EditState, EditState]:
    """Return two areas, and the same with their border moved for one of them alone."""
    state = alone(A=(0, 0, 1, 2), B=(1, 0, 2, 2), C=(0, 2, 2, 3))
    area = state.area("cell", code)
    to = (SHARED[0] + east, SHARED[1])
    return state, state.having([area.with_outline(with_moved(area.outline, {SHARED: to}))])


def refuse(before: EditState, after: EditState) -> None:
    touched = [one for one in after.changed.values() if one is not None]
    refuse_worse(before, after, touched)


def test_new_overlaps_gaps_and_unmatched_vertices_are_refused() -> None:
    with pytest.raises(EditError, match=r"level cell would overlap by [\d,.]+ m² more"):
        refuse(*moved_for_one("A", 10_000))
    with pytest.raises(EditError, match=r"m² between areas of level cell would belong to none"):
        refuse(*moved_for_one("A", -10_000))
    state = alone(A=(0, 0, 1, 2), B=(1, 0, 2, 2))
    area = state.area("cell", "A")
    x, y = SHARED
    edge = np.array([[x, y], [x, y + 100_000]])
    bent = np.array([[x, y], [x, y + 50_000], [x, y + 100_000]])
    one = state.having([area.with_outline(with_stretch(area.outline, edge, bent))])
    with pytest.raises(EditError, match="borders of level cell would not fit each other"):
        refuse(state, one)


def test_faults_that_were_there_may_stay_but_not_grow() -> None:
    before, after = moved_for_one("A", 10_000)
    refuse(after, after)
    # Half of the overlap is better than all of it.
    area = before.area("cell", "A")
    half = with_moved(area.outline, {SHARED: (SHARED[0] + 5_000, SHARED[1])})
    refuse(after, before.having([area.with_outline(half)]))
    more = with_moved(area.outline, {SHARED: (SHARED[0] + 20_000, SHARED[1])})
    with pytest.raises(EditError, match="would overlap by"):
        refuse(after, before.having([area.with_outline(more)]))


def test_children_that_leave_their_parent_are_refused() -> None:
    state = city()
    street = state.area("street", "S0")
    smaller = street.with_outline(outline_of(street.shape.buffer(-1e-4)))
    with pytest.raises(EditError, match="street"):
        refuse(state, state.having([smaller]))


def test_an_area_without_ground_or_that_crosses_itself_is_refused() -> None:
    state = alone(A=(0, 0, 1, 2))
    area = state.area("cell", "A")
    with pytest.raises(EditError, match="cell A would have no ground"):
        refuse(state, state.having([area.with_outline(())]))
    far = with_moved(area.outline, {(12000000000, 3000100000): (12000300000, 3000100000)})
    with pytest.raises(EditError, match="outline of cell A would cross itself"):
        refuse(state, state.having([area.with_outline(far)]))


def test_ground_that_was_given_up_on_purpose_is_no_gap() -> None:
    grid = {
        f"N{x}{y}": (float(x), float(y), x + 1.0, y + 1.0) for x in range(4) for y in range(4)
    }
    state = alone(**grid)
    middle = state.area("cell", "N11")
    refuse_worse(state, state.having([], without=[middle]), [middle])
    # Not so where a neighbour lost its ground.
    beside = state.area("cell", "N22")
    less = beside.with_outline(outline_of(beside.shape.buffer(-1e-4)))
    with pytest.raises(EditError, match="would belong to none"):
        refuse_worse(state, state.having([less], without=[middle]), [middle, beside])


def test_a_vertex_of_a_long_edge_makes_no_overlap() -> None:
    """Its neighbour lacks the vertex: its geodesic there encloses more ground, or less."""
    boxes = {"A": (120, 30, 120.1, 30.01), "B": (120, 29.99, 120.1, 30)}
    boxes["C"] = (120.02, 30.005, 120.05, 30.02)
    cells = {code: shapely.box(*sides) for code, sides in boxes.items()}
    state = EditState.of([level("cell", cells, lambda code: None)])
    area = state.area("cell", "A")
    edge = np.array([[12000000000, 3000000000], [12010000000, 3000000000]])
    bent = np.insert(edge, 1, [12005000000, 3000000000], axis=0)
    one = state.having([area.with_outline(with_stretch(area.outline, edge, bent))])
    assert area_m2([one.area("cell", "A").shape])[0] > area_m2([area.shape])[0] + 100
    # There was an overlap, of others: what is more is judged, and that is nothing.
    refuse(state, one)


def test_ground_of_nobody_may_come_to_be_enclosed_but_not_that_of_an_area() -> None:
    # A has two arms, and B closes the bay between them.
    state = alone(A=(0, 0, 3, 3), B=(3, 0, 4, 3))
    one, other = state.area("cell", "A"), state.area("cell", "B")
    bay, hollow = (
        one.with_outline(outline_of(affine_transform(shape, (1e-3, 0, 0, 1e-3, 120, 30))))
        for shape in (
            shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 3, 2),
            shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2),
        )
    )
    before = state.having([bay], without=[other])
    refuse_worse(before, before.having([other]), [other])
    emptied = state.having([hollow])
    with pytest.raises(EditError, match="would belong to none"):
        refuse(state, emptied)


def test_what_is_mended_at_one_end_of_a_city_excuses_nothing_at_the_other() -> None:
    state = alone(
        A=(0, 0, 1, 2), B=(1, 0, 2, 2), C=(0, 2, 2, 3), K=(8, 0, 9, 2), L=(9, 0, 10, 2)
    )
    fits = state.area("cell", "A")
    over = fits.with_outline(
        with_moved(fits.outline, {SHARED: (SHARED[0] + 10_000, SHARED[1])})
    )
    far = state.area("cell", "K")
    place = (SHARED[0] + 800_000, SHARED[1])
    assert len(rows_of(far.outline[0][0], np.array(place)))
    less = far.with_outline(with_moved(far.outline, {place: (place[0] + 5_000, place[1])}))
    with pytest.raises(EditError, match="level cell would overlap by"):
        refuse(state.having([over]), state.having([fits, less]))
    refuse(state.having([over, less]), state.having([fits]))


def test_what_is_amiss_in_an_area_goes_with_its_ground_to_another() -> None:
    # A street with a gap between its cells, which nobody has allowed.
    state = lakeside()
    for operation in (
        ops.Recode("street", "A", "Z"),
        ops.Merge("street", ("A", "B"), "B"),
        ops.Merge("street", ("A", "B"), "A"),
        ops.Split("street", "A", ((120.002, 29.9999), (120.002, 30.0021)), ("C",)),
    ):
        assert kinds(done(state, operation)) == [ProblemKind.GAP]
    # By what the gap grows, they differ more.
    both = done(state, ops.Recode("street", "A", "Z"))
    wider = polygon((0, 0), (20, 0), (20, 8), (6, 8), (6, 12), (20, 12), (20, 20), (0, 20))
    cell = both.area("cell", "A1").with_outline(outline_of(shapely.MultiPolygon([wider])))
    with pytest.raises(EditError, match="street Z and the areas in it would differ by"):
        refuse(state, both.having([cell]))


@pytest.mark.parametrize("city", ["hangzhou_xiacheng", "la311"])
def test_upper_areas_of_real_districts_get_other_codes(city: str) -> None:
    state = EditState.of(real_levels(city))
    for above in state.levels[:-1]:
        for code in sorted(state.codes(above))[:12]:
            recoded = apply(state, ops.Recode(above, code, "new"), RULES)
            assert abs(sum(one.moved_m2 for one in recoded.areas)) < 1e-6
