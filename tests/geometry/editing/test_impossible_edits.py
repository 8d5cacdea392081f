"""Operations that cannot be done are refused in words, whatever they name."""

import pytest

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edits import apply
from tests.geometry.editing.cities import RULES, city

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
