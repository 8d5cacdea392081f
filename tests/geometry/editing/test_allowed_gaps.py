"""Gaps that are meant: not reported, not filled, allowed as far as they reached."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.allowed_gaps import gaps_of
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.outline import degrees, outline_of, rings_of
from gridmgmt.geometry.editing.repairs import repairs
from tests.geometry.editing.cities import RULES, dissolved, level
from tests.geometry.editing.real import real_levels

UNIT = 1e-4
Place = tuple[float, float]


def at(x: float, y: float) -> Place:
    return 120 + x * UNIT, 30 + y * UNIT


def polygon(*places: Place) -> shapely.Polygon:
    return shapely.Polygon([at(*one) for one in places])


def lakeside() -> EditState:
    """Two cells around a lake of their street, and a street beside with two cells."""
    cells = {
        "A1": polygon((0, 0), (20, 0), (20, 8), (8, 8), (8, 12), (20, 12), (20, 20), (0, 20)),
        "A2": polygon((20, 0), (30, 0), (30, 20), (20, 20), (20, 12), (20, 8)),
        "B1": polygon((30, 0), (40, 0), (40, 20), (30, 20)),
        "B2": polygon((40, 0), (50, 0), (50, 20), (40, 20)),
    }
    streets = dissolved(cells, 1)
    streets["A"] = shapely.Polygon(streets["A"].exterior)
    return EditState.of(
        [level("street", streets, lambda code: None), level("cell", cells, lambda c: c[:1])]
    )


LAKE = at(14, 10)
ALLOW = ops.AllowGap("cell", LAKE, "西湖", "水面")


def kinds(state: EditState) -> list[ProblemKind]:
    found = check_coverage([state.level_areas(one) for one in state.levels])
    return [one.kind for one in found if one.kind is not ProblemKind.SLIVER]


def done(state: EditState, *operations: ops.Operation) -> EditState:
    for one in operations:
        state = apply(state, one, RULES).state
    return state


def test_an_allowed_gap_is_not_reported_and_a_forbidden_one_is_again() -> None:
    state = lakeside()
    assert kinds(state) == [ProblemKind.GAP]
    edited = apply(state, ALLOW, RULES)
    # It is the ground of the street, and a fact about the street: no border moves.
    assert [(one.level, one.code, one.moved_m2) for one in edited.areas] == [("street", "A", 0)]
    assert kinds(edited.state) == []
    [gap] = gaps_of(edited.state.area("street", "A").attributes)
    assert (gap.name, gap.reason) == ("西湖", "水面")
    forbidden = done(edited.state, ops.ForbidGap("cell", LAKE))
    assert kinds(forbidden) == [ProblemKind.GAP]
    assert forbidden.area("street", "A").attributes == {}


def test_repairs_fill_a_gap_that_is_not_allowed_only() -> None:
    state = lakeside()
    problems = check_coverage([state.level_areas(one) for one in state.levels])
    found, mended = repairs(state, problems, RULES)
    assert [one.operation.op for one in found] == ["fill"]
    assert kinds(mended) == []
    with pytest.raises(EditError, match="is allowed: forbid it before filling it"):
        apply(done(state, ALLOW), ops.Fill("cell", LAKE), RULES)
    filled = done(state, ALLOW, ops.ForbidGap("cell", LAKE), ops.Fill("cell", LAKE))
    assert kinds(filled) == []


def test_the_shore_may_come_back_to_where_it_was_and_no_further() -> None:
    state = done(lakeside(), ALLOW)
    shore = at(8, 12)
    inward = done(state, ops.MoveVertex("cell", shore, at(10, 11)))
    assert kinds(inward) == []
    # Ground that was allowed may be nobody's again.
    back = done(inward, ops.MoveVertex("cell", at(10, 11), shore))
    assert kinds(back) == []
    with pytest.raises(EditError, match="differ by"):
        apply(state, ops.MoveVertex("cell", shore, at(6, 13)), RULES)


def test_a_gap_that_grew_is_reported_by_what_it_grew_until_it_is_allowed_anew() -> None:
    allowed = done(lakeside(), ALLOW)
    wider = polygon((0, 0), (20, 0), (20, 8), (6, 8), (6, 12), (20, 12), (20, 20), (0, 20))
    outline = outline_of(shapely.MultiPolygon([wider]))
    grown = allowed.having([allowed.area("cell", "A1").with_outline(outline)])
    [problem] = check_coverage([grown.level_areas(one) for one in grown.levels])
    assert problem.kind is ProblemKind.GAP
    # Two by four units of about 9.65 by 11.09 metres.
    assert problem.amount == pytest.approx(8 * 9.65 * 11.09, rel=0.01)
    again = done(grown, ops.AllowGap("cell", LAKE, "西湖", "扩大"))
    assert kinds(again) == []
    assert [one.reason for one in gaps_of(again.area("street", "A").attributes)] == ["扩大"]


def test_allowed_gaps_stay_with_the_ground_when_streets_merge() -> None:
    state = done(lakeside(), ALLOW, ops.Merge("street", ("A", "B"), "B"))
    assert kinds(state) == []
    assert [one.name for one in gaps_of(state.area("street", "B").attributes)] == ["西湖"]


def east_of_lake(shore: float) -> shapely.Polygon:
    """A cell east of a lake that reaches so far into it."""
    outer = ((20, 0), (40, 0), (40, 20), (28, 20), (24, 20), (20, 20))
    return polygon(*outer, (20, 12), (shore, 12), (shore, 8), (20, 8))


def enclave() -> EditState:
    """Two streets of two cells each around ground of neither; one has a pond."""
    cells = {
        "A1": polygon((0, 0), (20, 0), (20, 8), (8, 8), (8, 12), (20, 12), (20, 20), (0, 20)),
        "A2": polygon((0, 20), (20, 20), (20, 30), (0, 30)),
        "B1": east_of_lake(24),
        "B2": polygon(
            (20, 20), (24, 20), (24, 24), (28, 24), (28, 20), (40, 20), (40, 30), (20, 30)
        ),
    }
    streets = dissolved(cells, 1)
    streets["B"] = streets["B"].union(polygon((24, 20), (28, 20), (28, 24), (24, 24)))
    return EditState.of(
        [level("street", streets, lambda code: None), level("cell", cells, lambda c: c[:1])]
    )


FOREIGN, POND = at(14, 10), at(26, 22)
ALLOW_FOREIGN = ops.AllowGap("street", FOREIGN, "飞地", "属邻区")
ALLOW_POND = ops.AllowGap("cell", POND, "池塘", "水面")


def kept(state: EditState) -> dict[str, list[str]]:
    """Return the names of the gaps that each street keeps."""
    named = {
        code: [one.name for one in gaps_of(state.area("street", code).attributes)]
        for code in state.codes("street")
    }
    return {code: names for code, names in named.items() if names}


def test_what_the_topmost_level_encloses_is_allowed_with_the_longest_border() -> None:
    state = enclave()
    assert kinds(state) == [ProblemKind.ENCLAVE, ProblemKind.GAP]
    allowed = done(state, ALLOW_FOREIGN, ALLOW_POND)
    assert kept(allowed) == {"A": ["飞地"], "B": ["池塘"]}
    assert kinds(allowed) == []
    with pytest.raises(EditError, match="is allowed already"):
        apply(allowed, ALLOW_FOREIGN, RULES)
    with pytest.raises(EditError, match="is allowed: forbid it before filling it"):
        apply(allowed, ops.Fill("street", FOREIGN), RULES)
    # A place is asked of its level: the one gap is between streets, the other between cells.
    for wrong in (ops.ForbidGap("cell", FOREIGN), ops.ForbidGap("street", POND)):
        with pytest.raises(EditError, match=r"no gap of level \w+ is allowed at"):
            apply(allowed, wrong, RULES)
    assert kinds(done(allowed, ops.ForbidGap("street", FOREIGN))) == [ProblemKind.ENCLAVE]
    assert kinds(done(allowed, ops.ForbidGap("cell", POND))) == [ProblemKind.GAP]


def test_an_enclave_stays_allowed_when_streets_merge_and_is_one_when_it_grows() -> None:
    allowed = done(enclave(), ALLOW_FOREIGN)
    assert kept(done(allowed, ops.Merge("street", ("A", "B"), "B"))) == {"B": ["飞地"]}
    # East of the lake the ground of B is given up: now B has the longest border.
    wider = east_of_lake(38)
    cell = allowed.area("cell", "B1").with_outline(outline_of(shapely.MultiPolygon([wider])))
    street = shapely.union(wider, polygon((20, 20), (40, 20), (40, 30), (20, 30)))
    both = [
        cell,
        allowed.area("street", "B").with_outline(outline_of(shapely.MultiPolygon([street]))),
    ]
    grown = allowed.having(both)
    [problem] = [one for one in _problems(grown) if one.kind is ProblemKind.ENCLAVE]
    # What it grew by: 14 by 4 units of about 9.65 by 11.09 metres.
    assert problem.amount == pytest.approx(14 * 4 * 9.65 * 11.09, rel=0.01)
    again = done(grown, ops.AllowGap("street", FOREIGN, "飞地", "扩大"))
    assert kept(again) == {"B": ["飞地"]}
    assert [one for one in _problems(again) if one.kind is ProblemKind.ENCLAVE] == []


def _problems(state: EditState) -> list[Problem]:
    return check_coverage([state.level_areas(one) for one in state.levels])


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (ops.AllowGap("cell", at(2, 2), "x", "y"), "lies in no gap of level cell"),
        (ops.AllowGap("street", LAKE, "x", "y"), "lies in no gap of level street"),
        (ops.ForbidGap("cell", at(2, 2)), "no gap of level cell is allowed at"),
        (ops.ForbidGap("street", LAKE), "no gap of level street is allowed at"),
    ],
)
def test_what_is_no_gap_is_neither_allowed_nor_forbidden(
    operation: ops.Operation, said: str
) -> None:
    with pytest.raises(EditError, match=said):
        apply(lakeside(), operation, RULES)


def test_a_gap_is_allowed_once() -> None:
    with pytest.raises(EditError, match="is allowed already"):
        apply(done(lakeside(), ALLOW), ALLOW, RULES)


def gaps_in(state: EditState) -> list[Problem]:
    found = check_coverage([state.level_areas(one) for one in state.levels])
    kinds = (ProblemKind.GAP, ProblemKind.MISSING_CELL)
    return [one for one in found if one.kind in kinds and (one.amount or 0) > 1]


@pytest.mark.parametrize("city", ["hangzhou_xiacheng", "la311"])
def test_lakes_in_real_districts_are_allowed_and_forbidden(city: str) -> None:
    state = EditState.of(real_levels(city))
    before = gaps_in(state)
    wanted = sorted(state.codes("cell"))[:: len([*state.codes("cell")]) // 5][:5]
    # A cell of several parts leaves as many gaps.
    parts = [part for code in wanted for part in state.area("cell", code).shape.geoms]
    lakes = [part.representative_point() for part in parts]
    drained = done(state, *(ops.Retire("cell", code) for code in wanted))
    assert len(gaps_in(drained)) > len(before)
    allow = [ops.AllowGap("cell", (one.x, one.y), "湖", "水面") for one in lakes]
    allowed = done(drained, *allow)
    assert gaps_in(allowed) == before
    forbid = [ops.ForbidGap("cell", (one.x, one.y)) for one in lakes]
    assert len(gaps_in(done(allowed, *forbid))) == len(gaps_in(drained))


@given(
    st.lists(st.tuples(st.integers(0, 99), *[st.integers(-40_000, 40_000)] * 2), max_size=12)
)
def test_whatever_is_moved_around_a_lake_the_check_finds_only_dust(
    moves: list[tuple[int, int, int]],
) -> None:
    state = done(lakeside(), ALLOW)
    known = state.area("street", "A").attributes
    for number, east, north in moves:
        codes = sorted(state.codes("cell"))
        [ring] = rings_of(state.area("cell", codes[number % len(codes)]).outline)
        lon, lat = degrees(ring[number // len(codes) % len(ring)]).tolist()
        to = (lon + east / 1e8, lat + north / 1e8)
        try:
            state = done(state, ops.MoveVertex("cell", (lon, lat), to))
        except EditError:
            continue
    # A border may bend by half a step of the grid: that is dust along the shore.
    problems = check_coverage([state.level_areas(one) for one in state.levels])
    found = [one for one in problems if one.kind is not ProblemKind.SLIVER]
    assert {one.kind for one in found} <= {ProblemKind.GAP}
    assert sum(one.amount or 0 for one in found) < 1
    assert state.area("street", "A").attributes == known


@pytest.mark.parametrize("codes", [("43", "44"), ("38", "44"), ("100", "20", "22")])
def test_an_enclave_of_real_councils_is_allowed_without_a_rest(codes: tuple[str, ...]) -> None:
    # Their borders cross beside their vertices, where no gap is on the grid.
    [councils] = real_levels("councils")
    state = EditState.of([pick(councils, codes)])
    before = _problems(state)
    largest = max(
        (one for one in before if one.kind is ProblemKind.ENCLAVE), key=lambda one: one.amount
    )
    place = shapely.point_on_surface(largest.geom)
    allowed = done(state, ops.AllowGap("council", (place.x, place.y), "飞地", "属邻区"))
    assert len(_problems(allowed)) == len(before) - 1
