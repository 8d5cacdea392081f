"""Cases that others have published about coverages, with the answers they published.

From the tests of Shapely (`test_coverage.py`, the gap also geos#1251) and of JTS and GEOS
(`CoverageCleanerTest`). Their units are taken as thousandths of a degree, so that every vertex
lies on the storage grid; rings may begin anywhere. Where they clean by one rule for a whole
coverage, here an officer names what is trimmed and filled: the answers must be the same to the
vertex.
"""

import pytest
import shapely
from shapely import affinity

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.soundness import refuse_worse
from gridmgmt.geometry.measure import on_grid
from tests.geometry.editing.cities import RULES, level

# Degrees east and north, from the origin.
UNIT = (1e-3, 1e-3, 1.0, (0.0, 0.0))


def drawn(**areas: str) -> EditState:
    """Return areas from the text of their rings."""
    shapes = {code: polygon(text) for code, text in areas.items()}
    return EditState.of([level("cell", shapes, lambda code: None)])


def polygon(text: str) -> shapely.Polygon:
    return on_grid([affinity.scale(shapely.from_wkt(f"POLYGON (({text}))"), *UNIT)])[0]


def at(x: float, y: float) -> ops.LonLat:
    """Return a place given in the units of the cases."""
    return x * UNIT[0], y * UNIT[1]


def refused(before: EditState, after: EditState) -> str:
    """Return the words by which an edit from one state to another is refused."""
    areas = [after.area("cell", code) for code in after.codes("cell")]
    with pytest.raises(EditError) as caught:
        refuse_worse(before, before.having(areas), areas)
    return str(caught.value)


def assert_areas(state: EditState, **wanted: str) -> None:
    """Areas have exactly these vertices, wherever their rings begin."""
    for code, text in wanted.items():
        [part] = shapely.get_parts(state.area("cell", code).shape)
        assert shapely.normalize(part).wkt == shapely.normalize(polygon(text)).wkt, code


# ---- Shapely, test_coverage_is_valid_polygonal

TRIANGLES = drawn(A="0 0, 1 1, 1 0, 0 0", B="0 0, 1 1, 0 1, 0 0")


def test_a_shared_edge_without_the_same_vertices_is_no_coverage() -> None:
    refuse_worse(TRIANGLES, TRIANGLES, [TRIANGLES.area("cell", "A")])
    other = drawn(A="0 0, 1 1, 1 0, 0 0", B="0 0, 0.5 0.5, 1 1, 0 1, 0 0")
    assert "would not fit each other" in refused(TRIANGLES, other)


def test_a_square_over_a_triangle_overlaps() -> None:
    other = drawn(A="0 0, 1 1, 1 0, 0 0", B="0 0, 1 0, 1 1, 0 1, 0 0")
    assert "would overlap" in refused(TRIANGLES, other)


def test_a_vertex_of_the_shared_edge_is_put_into_both_triangles() -> None:
    edited = apply(TRIANGLES, ops.InsertVertex("cell", at(0.5, 0.5)), RULES).state
    assert_areas(edited, A="0 0, 0.5 0.5, 1 1, 1 0, 0 0", B="0 0, 0.5 0.5, 1 1, 0 1, 0 0")


# ---- Shapely, test_coverage_is_valid_gap_width; geos#1251

WEST = "0 10, 10 10, 10 7, 10 3, 10 0, 0 0, 0 10"
BOXES = drawn(A=WEST, B="10 10, 20 10, 20 0, 10 0, 10 3, 10 7, 10 10")
SHIFTED = "10 10, 20 10, 20 0, 10 0, 10 3, 11 5, 10 7, 10 10"


def test_a_vertex_of_one_side_alone_is_refused() -> None:
    extra = "10 10, 20 10, 20 0, 10 0, 10 3, 10 5, 10 7, 10 10"
    assert "would not fit each other" in refused(BOXES, drawn(A=WEST, B=extra))


def test_a_gap_is_refused_whatever_its_width() -> None:
    assert "would belong to none" in refused(BOXES, drawn(A=WEST, B=SHIFTED))


def test_the_gap_of_one_unit_is_filled_from_either_side() -> None:
    state = drawn(A=WEST, B=SHIFTED)
    to_west = apply(state, ops.Fill("cell", at(10.5, 5), "A"), RULES).state
    assert_areas(to_west, A="0 10, 10 10, 10 7, 11 5, 10 3, 10 0, 0 0, 0 10", B=SHIFTED)
    to_east = apply(state, ops.Fill("cell", at(10.5, 5), "B"), RULES).state
    assert_areas(to_east, A=WEST, B="10 10, 20 10, 20 0, 10 0, 10 3, 10 7, 10 10")


# ---- JTS and GEOS, CoverageCleanerTest


def test_an_overlap_with_t_junctions_is_trimmed() -> None:
    """testCoverageWithEmpty, without its empty area: an area without ground is none here."""
    state = drawn(A="1 9, 9 9, 9 4, 1 4, 1 9", B="2 1, 2 5, 8 5, 8 1, 2 1")
    edited = apply(state, ops.Trim("cell", "A", "B"), RULES).state
    assert_areas(edited, A="1 4, 1 9, 9 9, 9 4, 8 4, 2 4, 1 4", B="8 1, 2 1, 2 4, 8 4, 8 1")


COVERED = "1 3, 5 3, 4 1, 1 1, 1 3", "1 3, 1 9, 4 9, 4 3, 3 1.9, 1 3"


@pytest.mark.parametrize(
    ("keep", "give_up", "answer"),
    [
        # testMergeOverlapMinArea, testMergeOverlapMinId
        ("A", "B", ("5 3, 4 1, 1 1, 1 3, 4 3, 5 3", "1 9, 4 9, 4 3, 1 3, 1 9")),
        # testMergeOverlapMaxArea
        ("B", "A", ("1 1, 1 3, 3 1.9, 4 3, 5 3, 4 1, 1 1", COVERED[1])),
    ],
)
def test_an_overlap_goes_to_the_side_that_is_named(
    keep: str, give_up: str, answer: tuple[str, str]
) -> None:
    state = drawn(A=COVERED[0], B=COVERED[1])
    edited = apply(state, ops.Trim("cell", keep, give_up), RULES).state
    assert_areas(edited, A=answer[0], B=answer[1])
    assert shapely.coverage_is_valid(edited.level_areas("cell").geoms)


def test_an_overlap_beside_a_third_area_leaves_that_alone() -> None:
    """testMergeOverlap, whose third area gets vertices as well: trimming names two areas."""
    third = "5 9, 9 9, 9 1, 5 1, 5 9"
    state = drawn(A=third, B="1 5, 5 5, 5 2, 1 2, 1 5", C="2 7, 5 7, 5 4, 2 4, 2 7")
    edited = apply(state, ops.Trim("cell", "B", "C"), RULES).state
    assert_areas(
        edited, A=third, B="5 2, 1 2, 1 5, 2 5, 5 5, 5 4, 5 2", C="5 5, 2 5, 2 7, 5 7, 5 5"
    )


def test_an_area_within_another_is_refused_and_not_emptied() -> None:
    """testCoveredItem, testDuplicateItems: there the area becomes empty without a word."""
    for first, second in (
        ("1 9, 9 9, 9 4, 1 4, 1 9", "2 5, 2 8, 8 8, 8 5, 2 5"),
        ("1 9, 9 1, 1 1, 1 9", "1 9, 9 1, 1 1, 1 9"),
    ):
        with pytest.raises(EditError, match="B would have no ground left"):
            apply(drawn(A=first, B=second), ops.Trim("cell", "A", "B"), RULES)


def test_near_matches_are_parted_into_a_coverage() -> None:
    """testSingleNearMatch, testManyNearMatches: overlaps and gaps of a border drawn twice."""
    single = drawn(A="1 9, 9 9, 9 4.99, 1 5, 1 9", B="1 1, 1 5, 9 5, 9 1, 1 1")
    edited = apply(single, ops.Trim("cell", "A", "B"), RULES).state
    assert_areas(edited, A="1 9, 9 9, 9 5, 9 4.99, 1 5, 1 9", B="1 1, 1 5, 9 4.99, 9 1, 1 1")
    many = drawn(
        A="1 9, 9 9, 9 5, 8 5, 7 5, 4 5.5, 3 5, 2 5, 1 5, 1 9",
        B="1 1, 1 4.99, 2 5.01, 3.01 4.989, 5 3, 6.99 4.99, 7.98 4.98, 9 5, 9 1, 1 1",
    )
    edited = apply(many, ops.Trim("cell", "A", "B"), RULES).state
    while gaps := holes(edited):
        place = gaps[0].representative_point()
        edited = apply(edited, ops.Fill("cell", (place.x, place.y)), RULES).state
    assert shapely.coverage_is_valid(edited.level_areas("cell").geoms)
    # The gap at the west end is open to the outside and nobody's: 0.01 wide, 0.5 long.
    both = shapely.union_all(edited.level_areas("cell").geoms)
    assert shapely.area(polygon("1 1, 9 1, 9 9, 1 9, 1 1")) - shapely.area(both) < 0.01e-6


def holes(state: EditState) -> list[shapely.Polygon]:
    ground = shapely.union_all(state.level_areas("cell").geoms)
    parts = shapely.get_parts(ground)
    return [shapely.Polygon(ring) for part in parts for ring in part.interiors]


def test_a_spike_goes_with_its_vertex() -> None:
    """testPolygonSnappedPreserved."""
    state = drawn(A="90 0, 10 0, 89.99 30, 90 100, 90 0")
    edited = apply(state, ops.DeleteVertex("cell", at(90, 100)), RULES).state
    assert_areas(edited, A="90 0, 10 0, 89.99 30, 90 0")


def test_a_gap_goes_to_the_longest_border_by_a_hair() -> None:
    """testMergeGapToLongestBorder: 4.0012 against 4."""
    state = drawn(A="1 9, 9 9, 9 5, 1 5, 1 9", B="5 1, 5 5, 1 5, 5 1", C="5 1, 5.1 5, 9 5, 5 1")
    edited = apply(state, ops.Fill("cell", at(5.03, 4.5)), RULES).state
    assert_areas(
        edited,
        A="5.1 5, 5 5, 1 5, 1 9, 9 9, 9 5, 5.1 5",
        B="5 1, 1 5, 5 5, 5 1",
        C="5 1, 5 5, 5.1 5, 9 5, 5 1",
    )


WITH_GAPS = {
    "A": "1 3, 9 3, 9 1, 1 1, 1 3",
    "B": "1 3, 1 9, 4 9, 4 3, 3 4, 1 3",
    "C": "4 9, 7 9, 7 3, 6 5, 5 5, 4 3, 4 9",
    "D": "7 9, 9 9, 9 3, 8 3.1, 7 3, 7 9",
}


def test_gaps_of_three_widths_are_filled_one_by_one() -> None:
    """testMergeGapWidth_1, and _2 with the middle one as well."""
    state = drawn(**WITH_GAPS)
    for place in (at(3, 3.5), at(8, 3.05)):
        state = apply(state, ops.Fill("cell", place), RULES).state
    narrow = {"B": "1 9, 4 9, 4 3, 1 3, 1 9", "D": "7 9, 9 9, 9 3, 7 3, 7 9"}
    assert_areas(state, A="7 3, 9 3, 9 1, 1 1, 1 3, 4 3, 7 3", C=WITH_GAPS["C"], **narrow)
    state = apply(state, ops.Fill("cell", at(5.5, 4)), RULES).state
    whole = "9 3, 9 1, 1 1, 1 3, 4 3, 7 3, 9 3"
    assert_areas(state, A=whole, C="7 3, 4 3, 4 9, 7 9, 7 3", **narrow)
    assert shapely.coverage_is_valid(state.level_areas("cell").geoms)


def test_the_longest_border_is_measured_along_it_and_not_along_the_axes() -> None:
    """A slanting border of 4.2 is shorter than a straight one of 5, though it turns more."""
    state = drawn(
        A="0 0, 5 0, 5 -3, 0 -3, 0 0",
        B="0 0, 3 3, 0 5, -3 3, 0 0",
        C="3 3, 5 0, 8 3, 3 6, 3 3",
    )
    edited = apply(state, ops.Fill("cell", at(2.5, 1)), RULES).state
    assert_areas(edited, A="0 0, 3 3, 5 0, 5 -3, 0 -3, 0 0")
