from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.coverage.coverage import (
    LevelAreas,
    Problem,
    ProblemKind,
    Severity,
    check_coverage,
)
from gridmgmt.geometry.measure import area_m2, on_grid
from tests import shapes
from tests.drawn import Drawing

PLACES = Drawing(
    """
    a.........b.........c
    .....................
    .......r.....s.......
    .....................
    .......u.....t.......
    d.........e.........f
    .....................
    .....................
    .....................
    .....................
    g.........h.........i
    """
)
WHOLE = PLACES.polygon("acig")
CELLS = {
    "A": PLACES.polygon("abed"),
    "B": PLACES.polygon("bcfe"),
    "C": PLACES.polygon("dehg"),
    "D": PLACES.polygon("efih"),
}


def areas(
    level: str, geoms: dict[str, object] | list[tuple[str, object]], parent: str | None = None
) -> LevelAreas:
    pairs = list(geoms.items()) if isinstance(geoms, dict) else geoms
    n = len(pairs)
    array = np.empty(n, dtype=object)
    array[:] = [geom for _, geom in pairs]
    return LevelAreas(
        level,
        np.array([code for code, _ in pairs], dtype=object),
        np.array([None] * n, dtype=object),
        np.array([parent] * n, dtype=object),
        array,
    )


STREET = areas("street", {"S": WHOLE})


def check(cells: dict[str, object] | list[tuple[str, object]], **options: Any) -> list[Problem]:
    return check_coverage([STREET, areas("cell", cells, "S")], **options)


def found(problems: list[Problem]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(p.kind.value, p.severity.value, p.codes) for p in problems]


def moved(name: str, east_deg: float, north_deg: float = 0.0) -> Drawing:
    """The drawing with one place moved."""
    drawing = Drawing("x")
    lon, lat = PLACES.point(name)
    drawing.places = {**PLACES.places, name: (lon + east_deg, lat + north_deg)}
    return drawing


def test_a_perfect_tessellation_has_no_problem() -> None:
    assert check(CELLS) == []


def test_nothing_at_all_has_no_problem() -> None:
    assert check_coverage([]) == []
    assert check_coverage([areas("street", {}), areas("cell", {})]) == []


def test_a_level_that_is_not_there_is_passed_over() -> None:
    levels = [STREET, areas("community", {}), areas("cell", CELLS, "S")]
    assert check_coverage(levels) == []


def test_a_cell_left_out_is_missing_with_its_square_metres() -> None:
    [missing] = check({code: CELLS[code] for code in "ABC"})
    assert found([missing]) == [("missing_cell", "error", ("S",))]
    assert missing.amount == pytest.approx(area_m2([CELLS["D"]])[0])
    assert missing.geom is not None
    assert missing.geom.equals(CELLS["D"])
    assert "bordering A, B, C" in missing.sentence


def test_a_parent_without_any_child_lacks_them_all() -> None:
    streets = areas("street", {"S": CELLS["A"], "T": CELLS["B"]})
    cells = areas("cell", {"A": CELLS["A"]}, "S")
    [missing] = check_coverage([streets, cells])
    assert found([missing]) == [("missing_cell", "error", ("T",))]
    assert "no cell at all" in missing.sentence


def test_a_border_moved_away_leaves_a_gap() -> None:
    drawing = moved("e", -2e-4)
    cells = {**CELLS, "A": drawing.polygon("abed"), "C": drawing.polygon("dehg")}
    [gap] = check(cells)
    assert found([gap]) == [("gap", "error", ("S",))]
    assert gap.unit == "m2"
    assert "ground in no area" in gap.sentence


def test_a_border_moved_over_a_neighbour_overlaps_it() -> None:
    drawing = moved("e", 2e-4)
    cells = {**CELLS, "A": drawing.polygon("abed"), "C": drawing.polygon("dehg")}
    problems = check(cells)
    assert found(problems) == [
        ("overlap", "error", ("A", "B")),
        ("overlap", "error", ("C", "D")),
    ]
    assert problems[0].geom is not None
    assert problems[0].amount == pytest.approx(area_m2([problems[0].geom])[0])


def test_a_child_beyond_its_parent_is_outside() -> None:
    drawing = moved("c", 3e-4)
    [outside] = check({**CELLS, "B": drawing.polygon("bcfe")})
    assert found([outside]) == [("outside_parent", "error", ("B",))]
    assert "beyond its parent S" in outside.sentence


def test_the_tolerance_turns_an_error_into_a_warning_and_includes_itself() -> None:
    cells = {**CELLS, "B": moved("c", 3e-4).polygon("bcfe")}
    [outside] = check(cells)
    assert outside.amount is not None
    [same] = check(cells, tolerance_m2=outside.amount)
    assert same.severity is Severity.WARNING
    [stricter] = check(cells, tolerance_m2=outside.amount * 0.999)
    assert stricter.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("kind", "cell", "outline", "east_deg"),
    [
        ("outside_parent", "B", "bc12fe", 1e-8),
        ("gap", "B", "bc12fe", -1e-8),
        ("overlap", "A", "ab12ed", 1e-8),
    ],
)
@pytest.mark.parametrize(("height_deg", "said"), [(1e-6, 0), (1e-5, 1)])
def test_less_than_a_thousandth_of_a_square_metre_is_dust(
    kind: str, cell: str, outline: str, east_deg: float, height_deg: float, said: int
) -> None:
    # A bump of a millimetre on a border, 44 cm high or 4.4 m: 0.0002 m² or 0.002 m².
    drawing = Drawing("x")
    lon, lat = PLACES.point(outline[1])
    bump = {"1": (lon + east_deg, lat - height_deg), "2": (lon, lat - 4 * height_deg)}
    drawing.places = {**PLACES.places, **bump}
    problems = check({**CELLS, cell: drawing.polygon(outline)}, tolerance_m2=0)
    assert [problem.kind.value for problem in problems] == [kind] * said


def test_a_child_of_the_wrong_parent_is_named_where_it_lies() -> None:
    streets = areas("street", {"S": PLACES.polygon("abhg"), "T": PLACES.polygon("bcih")})
    cells = areas("cell", CELLS)
    cells.parent_codes[:] = ["S", "S", "S", "T"]
    problems = check_coverage([streets, cells])
    assert found(problems) == [
        ("outside_parent", "error", ("B",)),
        ("missing_cell", "error", ("T",)),
    ]
    assert "B lies there, of another parent" in problems[1].sentence


def test_a_parent_that_is_named_must_be_there() -> None:
    cells = areas("cell", CELLS, "S")
    cells.parent_codes[:2] = [None, "X"]
    problems = [p for p in check_coverage([STREET, cells]) if p.kind == "missing_parent"]
    assert found(problems) == [
        ("missing_parent", "error", ("A",)),
        ("missing_parent", "error", ("B",)),
    ]
    assert "names no parent on the street level" in problems[0].sentence
    assert "names the parent X" in problems[1].sentence


def test_a_hole_in_the_topmost_level_is_an_enclave_and_a_warning() -> None:
    [enclave] = check_coverage([areas("city", {"H": PLACES.polygon("acig", "rstu")})])
    assert found([enclave]) == [("enclave", "warning", ("H",))]
    assert enclave.geom is not None
    assert enclave.geom.equals(PLACES.polygon("rstu"))


@pytest.mark.parametrize(
    ("width", "height"), [(1e-6, 1e-3), (5e-6, 1e-6)], ids=["thin", "smaller than allowed"]
)
def test_a_hole_too_thin_or_too_small_for_an_area_is_a_pinhole(
    width: float, height: float
) -> None:
    ring = shapely.box(120, 30, 120.01, 30.01)
    hole = shapely.box(120.005, 30.005, 120.005 + width, 30.005 + height)
    [pinhole] = check_coverage([areas("city", {"H": ring - hole})])
    assert found([pinhole]) == [("pinhole", "warning", ("H",))]
    assert "draw an area" not in pinhole.sentence
    assert pinhole.sentence.endswith("fill it from the area with the longest border")


def test_an_island_within_a_hole_is_not_part_of_the_enclave() -> None:
    island = shapely.box(*shapely.buffer(PLACES.polygon("rstu").centroid, 5e-5).bounds)
    level = areas("city", {"H": PLACES.polygon("acig", "rstu"), "I": island})
    [enclave] = check_coverage([level])
    expected = area_m2([PLACES.polygon("rstu")])[0] - area_m2(on_grid([island]))[0]
    assert enclave.amount == pytest.approx(expected)


def test_a_hole_that_parent_and_child_share_is_only_the_parents() -> None:
    ring = PLACES.polygon("acig", "rstu")
    [enclave] = check_coverage([areas("street", {"S": ring}), areas("cell", {"A": ring}, "S")])
    assert enclave.kind is ProblemKind.ENCLAVE


def test_a_code_that_stands_twice_is_said_once() -> None:
    cells = [*CELLS.items(), ("A", CELLS["A"])]
    problems = check(cells)
    assert found(problems) == [
        ("duplicate_code", "error", ("A",)),
        ("overlap", "error", ("A", "A")),
    ]
    assert "stands 2 times" in problems[0].sentence


def test_a_parent_in_two_features_has_the_ground_of_both() -> None:
    streets = areas("street", [("S", PLACES.polygon("abhg")), ("S", PLACES.polygon("bcih"))])
    problems = check_coverage([streets, areas("cell", CELLS, "S")])
    assert found(problems) == [("duplicate_code", "error", ("S",))]


def test_a_parent_without_ground_is_the_problem_not_its_children() -> None:
    problems = check_coverage([areas("street", {"S": None}), areas("cell", CELLS, "S")])
    assert found(problems) == [("empty_geometry", "error", ("S",))]


@pytest.mark.parametrize("name", ["empty", "point", "line", "none"])
def test_an_area_without_ground_is_named(name: str) -> None:
    problems = check({**CELLS, "E": shapes.ZOO[name]})
    assert found(problems) == [("empty_geometry", "error", ("E",))]


def test_coordinates_that_are_no_numbers_are_named() -> None:
    problems = check({**CELLS, "N": shapes.NOT_A_NUMBER})
    assert ("empty_geometry", "error", ("N",)) in found(problems)
    assert "no numbers" in " ".join(problem.sentence for problem in problems)


def test_a_ring_that_crosses_itself_is_shown_and_the_rest_still_checked() -> None:
    bow_tie = PLACES.polygon("aebd")
    problems = check({**CELLS, "A": bow_tie, "B": moved("c", 3e-4).polygon("bcfe")})
    kinds = [(p.kind.value, p.codes) for p in problems]
    assert ("invalid_ring", ("A",)) in kinds
    assert ("outside_parent", ("B",)) in kinds
    [invalid] = [p for p in problems if p.kind is ProblemKind.INVALID_RING]
    assert invalid.geom is not None
    crossing = shapely.Point(PLACES.point("a")[0] + 5e-4, PLACES.point("a")[1] - 2.5e-4)
    assert invalid.geom.distance(crossing) < 1e-8
    assert "Self-intersection at 120.17050000" in invalid.sentence


def test_a_hair_and_a_crumb_are_slivers() -> None:
    crumb = shapely.box(120.1705, 30.279, 120.170505, 30.279005)
    level = areas("city", {"H": shapes.SLIVER, "C": crumb, "M": shapely.MultiPolygon([WHOLE])})
    problems = check_coverage([level], tolerance_m2=1)
    slivers = [p for p in problems if p.kind is ProblemKind.SLIVER]
    assert found(slivers) == [("sliver", "warning", ("H",)), ("sliver", "warning", ("C",))]
    assert "wide on average" in slivers[0].sentence


def test_codes_are_held_against_the_pattern_of_their_level() -> None:
    cells = {**CELLS, "D": CELLS["D"]}
    assert check(cells, patterns={"cell": "[A-D]", "street": "S"}) == []
    [malformed] = check(cells, patterns={"cell": "[A-C]"})
    assert found([malformed]) == [("malformed_code", "warning", ("D",))]
    # The pattern must match from end to end.
    assert len(check(cells, patterns={"street": "[A-Z]{2}|"})) == 1


def test_sizes_far_from_the_usual_are_listed_in_one_warning() -> None:
    each_m2 = area_m2([CELLS["A"]])[0]
    assert check(CELLS, sizes_m2={"cell": each_m2}) == []
    [unusual] = check(CELLS, sizes_m2={"cell": each_m2 * 5, "street": each_m2 * 4})
    assert found([unusual]) == [("unusual_size", "warning", ("A", "B", "C", "D"))]
    assert "4 of 4 areas" in unusual.sentence


def test_a_report_has_errors_first_and_the_largest_first() -> None:
    cells = {
        "A": CELLS["A"],
        "B": moved("c", 3e-4).polygon("bcfe"),
        "C": moved("g", -9e-4).polygon("dehg"),
        "D": CELLS["D"],
    }
    problems = check(cells, patterns={"cell": "[A-C]", "street": "T"})
    assert found(problems) == [
        ("malformed_code", "warning", ("S",)),
        ("outside_parent", "error", ("C",)),
        ("outside_parent", "error", ("B",)),
        ("malformed_code", "warning", ("D",)),
    ]


def test_what_is_checked_is_what_would_be_stored() -> None:
    off_grid = {code: shapely.transform(g, lambda c: c + 3e-9) for code, g in CELLS.items()}
    assert check(off_grid, tolerance_m2=0) == []


@given(
    st.lists(st.sampled_from(sorted(shapes.ZOO)), max_size=6),
    st.lists(st.sampled_from(["S", "T", None]), min_size=6, max_size=6),
)
def test_no_mixture_of_shapes_ever_stops_the_check(
    names: list[str], parents: list[str | None]
) -> None:
    cells = areas("cell", [(name, shapes.ZOO[name]) for name in names])
    cells.parent_codes[:] = parents[: len(names)]
    streets = areas("street", {"S": shapes.BOW_TIE, "T": shapes.HOLE})
    for problem in check_coverage([streets, cells], patterns={"cell": "x"}):
        assert problem.sentence
        assert problem.amount is None or problem.amount >= 0


@given(st.integers(0, 10**6), st.integers(3, 12))
def test_any_tessellation_on_the_grid_tiles_its_parent(seed: int, n: int) -> None:
    """Rows of cells whose shared corners are random: shared vertices are the same doubles."""
    cells = random_tessellation(seed, n)
    total = area_m2(list(cells.values())).sum()
    parent = shapely.union_all(list(cells.values()))
    assert total == pytest.approx(area_m2([parent])[0], rel=1e-9)
    levels = [areas("street", {"S": parent}), areas("cell", cells, "S")]
    assert [p for p in check_coverage(levels) if p.kind is not ProblemKind.SLIVER] == []


@given(st.integers(0, 10**6), st.integers(3, 12))
def test_a_cell_taken_out_of_any_tessellation_is_found(seed: int, n: int) -> None:
    cells = random_tessellation(seed, n)
    parent = shapely.union_all(list(cells.values()))
    code = sorted(cells)[seed % len(cells)]
    lost = cells.pop(code)
    problems = check_coverage([areas("street", {"S": parent}), areas("cell", cells, "S")])
    open_ground = [p for p in problems if p.kind in (ProblemKind.MISSING_CELL, ProblemKind.GAP)]
    assert sum(p.amount or 0 for p in open_ground) == pytest.approx(
        area_m2([lost])[0], rel=1e-6
    )


def random_tessellation(seed: int, n: int) -> dict[str, shapely.Polygon]:
    rng = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(n + 1), np.arange(3), indexing="ij"), axis=-1)
    lonlat = (corners + rng.uniform(-0.3, 0.3, corners.shape)) * 1e-3 + (120, 30)
    cells = {}
    for x in range(n):
        for y in range(2):
            ring = [lonlat[x, y], lonlat[x + 1, y], lonlat[x + 1, y + 1], lonlat[x, y + 1]]
            cells[f"{x:02d}{y}"] = on_grid([shapely.Polygon(ring)])[0]
    return cells
