"""Operations that cannot be done are refused in words, whatever they name."""

import time

import numpy as np
import pytest

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from tests.geometry.editing.cities import RULES, city, level
from tests.geometry.editing.test_edits import FOUR, alone, at, corner, keys, moved

CELL = "S0C0N11"
A, B, C = (120.1, 30.1), (120.2, 30.1), (120.2, 30.2)


@pytest.mark.parametrize(
    "operation",
    [
        ops.MoveVertex("ward", A, B),
        ops.InsertVertex("ward", A),
        ops.DeleteVertex("ward", A),
        ops.Reshape("ward", (A, B)),
        ops.Split("ward", CELL, (A, B)),
        ops.Merge("ward", (CELL,), "x"),
        ops.Reassign("ward", (CELL,), "x"),
        ops.Give("ward", CELL, "x", (A, B)),
        ops.Draw("ward", (A, B, C), "x"),
        ops.AddPart("ward", CELL, (A, B, C)),
        ops.Trim("ward", CELL, "x"),
        ops.Fill("ward", A),
        ops.Rename("ward", CELL, "x"),
        ops.Recode("ward", CELL, "x"),
        ops.Retire("ward", CELL),
    ],
    ids=lambda operation: operation.op,
)
def test_a_level_that_is_none_is_refused(operation: ops.Operation) -> None:
    with pytest.raises(EditError, match="there is no level ward"):
        apply(city(), operation, RULES)


def across(code: str) -> tuple[ops.LonLat, ...]:
    """A line through the middle of an area, from outside to outside."""
    west, south, east, north = city().area("cell", code).shape.bounds
    middle = (south + north) / 2
    return (west - 1e-3, middle), (east + 1e-3, middle)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (("a", "b"), "cuts off 1 piece"),
        (("S0C0N10",), "there is a cell S0C0N10 already"),
        ((CELL,), f"there is a cell {CELL} already"),
    ],
)
def test_codes_of_pieces_are_new_and_as_many(codes: tuple[str, ...], words: str) -> None:
    with pytest.raises(EditError, match=words):
        apply(city(), ops.Split("cell", CELL, across(CELL), codes), RULES)


def test_each_piece_has_a_code_of_its_own() -> None:
    west, south, east, north = city().area("cell", CELL).shape.bounds
    low, high = south + 0.45 * (north - south), south + 0.55 * (north - south)
    line = ((west - 1e-3, low), (east + 1e-3, low), (east + 1e-3, high), (west - 1e-3, high))
    for codes in (("a", "a"), ("a",)):
        with pytest.raises(EditError, match="cuts off 2 piece"):
            apply(city(), ops.Split("cell", CELL, line, codes), RULES)


def test_an_area_gives_nothing_to_itself() -> None:
    with pytest.raises(EditError, match="cannot give ground to itself"):
        apply(city(), ops.Give("cell", CELL, CELL, across(CELL)), RULES)


@pytest.mark.parametrize("ring", [(A, A), (A, B, A), (A, A, A, B)])
def test_an_outline_has_three_vertices(ring: tuple[ops.LonLat, ...]) -> None:
    for operation in (
        ops.Draw("cell", ring, "x", "S0C0", "x"),
        ops.AddPart("cell", CELL, ring),
    ):
        with pytest.raises(EditError, match="three different vertices"):
            apply(city(), operation, RULES)


def test_what_would_change_nothing_is_refused() -> None:
    """A vertex moved onto itself, a border redrawn as it is: nothing to undo."""
    state = city()
    place = corner(state, FOUR)
    before = apply(state, ops.MoveVertex("cell", place, moved(place, 1e-5, 0.0)), RULES).state
    there = moved(place, 1e-5, 0.0)
    straight = alone(A=(0, 0, 2, 1), B=(0, 1, 2, 2))
    for known, operation in (
        (state, ops.MoveVertex("cell", place, place)),
        # Less than a step of the storage grid away.
        (state, ops.MoveVertex("cell", place, moved(place, 2e-9, 0.0))),
        (before, ops.MoveVertex("street", there, there)),
        (straight, ops.Reshape("cell", (at(0, 1), at(1, 1), at(2, 1)))),
    ):
        with pytest.raises(EditError, match="nothing would change"):
            apply(known, operation, RULES)


BOX = (0, 0, 4, 4)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        # A loop, a bow with its crossing at a vertex of the line, and a way back over itself.
        ([(-1, 1), (3, 1), (3, 3), (2, 3), (2, -1)], "120.00200000 30.00100000"),
        ([(-1, 2), (1, 2), (2, 2), (3, 3), (3, 1), (2, 2), (2, 5)], "120.00200000 30.00200000"),
        ([(-1, 1), (3, 1), (1, 1), (1, 5)], "120.00100000 30.00100000"),
        # Two stretches through the area that cross each other.
        ([(-1, 1), (5, 3), (5, -1), (1, -1), (3, 5)], "120.00200000 30.00200000"),
    ],
)
def test_a_line_that_crosses_itself_is_refused_with_the_place(
    line: list[tuple[float, float]], place: str
) -> None:
    state = alone(A=BOX)
    operation = ops.Split("cell", "A", tuple(at(x, y) for x, y in line))
    with pytest.raises(EditError, match=f"crosses or touches itself at {place}"):
        apply(state, operation, RULES)


def test_a_line_that_crosses_itself_outside_of_the_area_splits_it() -> None:
    line = [(-1, 1), (5, 1), (5, -1), (6, -1), (6, 0), (4.5, 0), (4.5, 2)]
    operation = ops.Split("cell", "A", tuple(at(x, y) for x, y in line))
    edited = apply(alone(A=BOX), operation, RULES)
    assert len(keys(edited)) == 2


def test_what_is_drawn_far_from_everything_is_refused() -> None:
    state = city()
    west, south, *_ = state.area("street", "S0").shape.bounds

    def drawn(degrees_away: float) -> ops.Draw:
        e, n = west - degrees_away, south
        ring = ((e - 1e-3, n), (e, n), (e, n + 1e-3), (e - 1e-3, n + 1e-3))
        return ops.Draw("cell", ring, "岛", "S0C0", "S0C0N77")

    # Some 9.6 km and 11 km away.
    assert apply(state, drawn(0.10), RULES).state.get("cell", "S0C0N77")
    with pytest.raises(EditError, match="more than 10 km from every area"):
        apply(state, drawn(0.115), RULES)
    # The first area of a draft is far from none.
    empty = EditState.of([level("cell", {}, lambda code: None)])
    first = ops.Draw("cell", (A, B, C), "x", None, "A")
    assert apply(empty, first, RULES).state.get("cell", "A")


@pytest.mark.proof
def test_a_line_of_very_many_vertices_splits_in_seconds() -> None:
    """Each vertex was looked for along the whole line: 27 s for a hundred thousand."""
    state = alone(A=BOX)
    n = 100_001
    x = np.linspace(-1, 5, n)
    y = 2 + 0.1 * np.sin(np.arange(n) / 50)
    line = tuple(at(*one) for one in zip(x.tolist(), y.tolist(), strict=True))
    began = time.perf_counter()
    edited = apply(state, ops.Split("cell", "A", line), RULES)
    assert time.perf_counter() - began < 15
    assert len(keys(edited)) == 2
