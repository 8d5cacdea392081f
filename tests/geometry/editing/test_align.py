"""Borders drawn along a line of another layer, where both stay near each other."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import shapely

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.outline import degrees, rings_of, whole
from gridmgmt.geometry.editing.runs import within_box
from tests.geometry.editing.cities import RULES, city, dissolved, level
from tests.geometry.editing.real import real_levels
from tests.geometry.editing.test_edits import FOUR, assert_sound, same_but

# A degree has about 100 km here: a unit of the drawings below is some 10 m.
UNIT = 1e-4
Places = list[tuple[float, float]]


def at(places: Places) -> tuple[tuple[float, float], ...]:
    return tuple((120 + x * UNIT, 30 + y * UNIT) for x, y in places)


def polygon(places: Places) -> shapely.Polygon:
    return shapely.Polygon(at(places))


def two_by_two(middle: tuple[float, float] = (10, 10)) -> EditState:
    """Four cells in two streets, west and east; they meet in the middle."""
    x, y = middle
    cells = {
        "W0": polygon([(0, 0), (10, 0), (x, y), (0, 10)]),
        "E0": polygon([(10, 0), (20, 0), (20, 10), (x, y)]),
        "W1": polygon([(0, 10), (x, y), (10, 20), (0, 20)]),
        "E1": polygon([(x, y), (20, 10), (20, 20), (10, 20)]),
    }
    streets = level("street", dissolved(cells, 1), lambda code: None)
    return EditState.of([streets, level("cell", cells, lambda code: code[:1])])


def border(state: EditState, name: str, one: str, other: str) -> shapely.LineString:
    shared = shapely.intersection(
        state.area(name, one).shape.boundary, state.area(name, other).shape.boundary
    )
    return shapely.line_merge(shared)


def drawn(state: EditState, name: str, one: str, other: str) -> Places:
    line = border(state, name, one, other)
    places = [((x - 120) / UNIT, (y - 30) / UNIT) for x, y in line.coords]
    places = [(round(x, 3), round(y, 3)) for x, y in places]
    # From the south or, where both ends are as far north, from the west.
    return places if places[0][::-1] <= places[-1][::-1] else places[::-1]


def align(
    state: EditState,
    line: Places,
    *,
    within_m: float,
    name: str = "cell",
    between: tuple[str, ...] = (),
    ends: Sequence[tuple[float, float]] = (),
) -> EditState:
    wanted = ops.Align(name, within_m, between, at(list(ends)), lines=(at(line),))
    edited = apply(state, wanted, RULES)
    assert_sound(edited.state)
    same_but(state, edited.state, {(one.level, one.code) for one in edited.areas})
    return edited.state


def test_the_border_of_streets_goes_onto_the_line_with_all_that_ends_in_it() -> None:
    line: Places = [(10.5, -5), (10.5, 8), (11, 12), (10.5, 16), (10.5, 25)]
    state = align(two_by_two(), line, within_m=15, name="street", between=("W", "E"))
    expected = [(10.5, 0), (10.5, 8), (11, 12), (10.5, 16), (10.5, 20)]
    found = drawn(state, "street", "W", "E")
    assert [one for one in found if one in expected] == expected
    # The border of W0 and W1 ends on the line now, a vertex that all four cells have.
    [meets] = [one for one in found if one not in expected]
    # It is the place on the line nearest to where they met.
    assert meets == (10.741, 9.93)
    assert drawn(state, "cell", "W0", "W1") == [meets, (0, 10)]
    assert drawn(state, "cell", "E0", "E1") == [meets, (20, 10)]


def test_what_lies_beyond_the_tolerance_stays() -> None:
    # The line leaves the border for good half-way up the northern cells.
    line: Places = [(10.2, -5), (10.2, 15), (16, 18)]
    state = align(two_by_two(), line, within_m=5, name="street", between=("W", "E"))
    found = drawn(state, "street", "W", "E")
    assert found[:2] == [(10.2, 0), (10.2, 10)]
    assert found[-1] == (10, 20)
    # It follows while it leads along, and comes straight back to the border.
    left, back = found[-3], found[-2]
    assert left == (10.2, 15)
    assert back == (10, pytest.approx(15, abs=0.1))


def test_a_line_that_only_crosses_is_not_followed() -> None:
    with pytest.raises(EditError, match="no line runs along that border of level street"):
        align(
            two_by_two(),
            [(0, 3), (20, 6)],
            within_m=15,
            name="street",
            between=("W", "E"),
        )


def test_a_line_too_far_away_is_refused_with_its_distance() -> None:
    with pytest.raises(EditError, match=r"within 5 m; the nearest is 19\.\d\d m away"):
        align(two_by_two(), [(12, 0), (12, 20)], within_m=5, between=("W0", "E0"))


def test_between_two_places_only_that_stretch_changes() -> None:
    line: Places = [(10.5, -5), (10.5, 25)]
    state = align(two_by_two(), line, within_m=8, name="street", ends=[(10, 2), (10, 6)])
    assert drawn(state, "street", "W", "E") == [
        (10, 0),
        (10, 2),
        (10.5, 2),
        (10.5, 6),
        (10, 6),
        (10, 10),
        (10, 20),
    ]


def test_a_stretch_may_lead_past_several_cells() -> None:
    # From the southern end to the northern one no cell alone has the border.
    line: Places = [(10.5, -5), (10.5, 25)]
    by_places = align(two_by_two(), line, within_m=8, ends=[(10, 0), (10, 20)])
    by_areas = align(two_by_two(), line, within_m=8, name="street", between=("W", "E"))
    assert_same_state(by_places, by_areas)


def test_a_border_that_the_line_crosses_is_cut_back_to_it() -> None:
    # The border of W0 and W1 has a vertex close to the middle, beyond the line.
    state = apply(two_by_two(), ops.InsertVertex("cell", at([(9.7, 10)])[0]), RULES).state
    after = align(state, [(9.4, -5), (9.4, 25)], within_m=10, name="street", between=("W", "E"))
    assert drawn(after, "cell", "W0", "W1") == [(0, 10), (9.4, 10)]
    assert drawn(after, "street", "W", "E") == [(9.4, 0), (9.4, 10), (9.4, 20)]


def test_segments_that_meet_at_a_crossing_are_one_line() -> None:
    south, north, side = [(10.5, -5), (10.5, 7)], [(10.5, 7), (10.5, 25)], [(10.5, 7), (30, 7)]
    wanted = ops.Align(
        "street", 8, ("W", "E"), lines=tuple(at(one) for one in (side, north, south))
    )
    state = apply(two_by_two(), wanted, RULES).state
    assert drawn(state, "street", "W", "E") == [(10.5, 0), (10.5, 7), (10.5, 10), (10.5, 20)]


def test_of_two_carriageways_the_nearer_is_taken() -> None:
    far, near = [(11, -5), (11, 25)], [(9.5, -5), (9.5, 25)]
    wanted = ops.Align("street", 15, ("W", "E"), lines=(at(far), at(near)))
    state = apply(two_by_two(), wanted, RULES).state
    assert drawn(state, "street", "W", "E") == [(9.5, 0), (9.5, 10), (9.5, 20)]


def test_the_border_around_an_island_is_aligned_too() -> None:
    outer = polygon([(0, 0), (30, 0), (30, 30), (0, 30)])
    island = polygon([(10, 10), (20, 10), (20, 20), (10, 20)])
    cells = {"A": outer.difference(island), "B": island}
    state = EditState.of([level("cell", cells, lambda code: None)])
    line: Places = [(10.5, 9.5), (20.5, 9.5), (20.5, 20.5), (9.5, 20.5), (10.5, 9.5)]
    after = align(state, line, within_m=12, between=("A", "B"))
    shape = after.area("cell", "B").shape
    corners = {
        (round((x - 120) / UNIT, 2), round((y - 30) / UNIT, 2))
        for x, y in shape.geoms[0].exterior.coords
    }
    assert {(20.5, 9.5), (20.5, 20.5), (9.5, 20.5)} <= corners


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "either the two areas"),
        ({"between": ("W0", "E0"), "ends": at([(10, 0), (10, 5)])}, "either the two areas"),
        ({"between": ("W0",)}, "name the two areas"),
        ({"between": ("W0", "W0")}, "name the two areas"),
        ({"between": ("W0", "E1")}, "share no border"),
        ({"between": ("W0", "X")}, "the draft has no cell X"),
        ({"ends": at([(10, 0)])}, "name the two places"),
        ({"ends": at([(10, 0), (10, 0)])}, "both ends are the same place"),
        ({"ends": at([(10, 0), (15, 5)])}, "no border within 8 m"),
        ({"between": ("W0", "E0"), "lines": ()}, "no line to align to"),
    ],
)
def test_what_names_no_border_is_refused(wanted: dict[str, Any], said: str) -> None:
    given = {"lines": (at([(10.5, -5), (10.5, 25)]),), **wanted}
    with pytest.raises(EditError, match=said):
        apply(two_by_two(), ops.Align("cell", 8, **given), RULES)


def test_areas_that_share_no_border_are_refused_before_lines_are_looked_for() -> None:
    # Their boxes touch, and a road leads through both.
    wanted = ops.Align("cell", 8, ("W0", "E1"), layer="road")
    with pytest.raises(EditError, match=r"^cell W0 and E1 share no border$"):
        wanted.box(two_by_two())


@pytest.mark.parametrize("seed", range(12))
def test_wriggly_borders_of_every_level_go_onto_a_line_and_stay_there(seed: int) -> None:
    state = city(seed)
    for name, codes in (
        ("cell", (FOUR[0], FOUR[1])),
        ("community", ("S0C0", "S1C0")),
        ("street", ("S0", "S1")),
    ):
        line = upwards(border(state, name, *codes))
        for within_m in (5.0, 100.0):
            wanted = ops.Align(name, within_m, codes, lines=(tuple(line.coords),))
            edited = apply(state, wanted, RULES)
            assert_sound(edited.state)
            same_but(state, edited.state, {(one.level, one.code) for one in edited.areas})
        # Within a hundred metres nothing of the border is left beside the line.
        vertices = shapely.points(border(edited.state, name, *codes).coords)
        assert shapely.distance(vertices, line).max() < 2e-8


def upwards(across: shapely.LineString) -> shapely.LineString:
    """Return a line through the middle of a border, a little bent, from south to north."""
    west, south, east, north = across.bounds
    x, y = (west + east) / 2, (south + north) / 2
    return shapely.LineString([(x, south - 1e-3), (x + 1e-5, y), (x, north + 1e-3)])


def test_borders_of_police_districts_go_onto_those_of_councils() -> None:
    state = EditState.of(real_levels("la311"))
    [councils] = real_levels("councils")
    tree = shapely.STRtree(councils.geoms)
    done = refused = 0
    for code in sorted(state.codes("cell"))[::16]:
        area = state.area("cell", code)
        for other in state.near("cell", area.box):
            if other.code <= code:
                continue
            wanted = ops.Align("cell", 10, (code, other.code))
            try:
                box = wanted.box(state)
                near = councils.geoms[tree.query(shapely.box(*degrees(box).tolist()))]
                rings = shapely.get_rings(shapely.get_parts(near))
                lines = [
                    tuple(map(tuple, degrees(part).tolist()))
                    for ring in rings
                    for part in within_box(whole(ring.coords), box)
                ]
                edited = apply(state, replace(wanted, lines=tuple(lines)), RULES)
            except EditError as error:
                refused += not any(
                    words in str(error)
                    for words in ("no line", "share no", "nothing would change")
                )
                continue
            done += 1
            same_but(state, edited.state, {(one.level, one.code) for one in edited.areas})
    # Where hairs lie between the levels, or districts only meet in spikes, it is refused.
    assert done > 20
    assert refused <= done / 3


def assert_same_state(one: EditState, other: EditState) -> None:
    for name in one.levels:
        for code in one.codes(name):
            mine, theirs = (state.area(name, code) for state in (one, other))
            assert {tuple(v) for ring in rings_of(mine.outline) for v in ring.tolist()} == {
                tuple(v) for ring in rings_of(theirs.outline) for v in ring.tolist()
            }
