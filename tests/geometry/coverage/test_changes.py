import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.draft import Action
from gridmgmt.geometry.coverage.changes import (
    alterations,
    applied,
    difference,
    no_areas,
    pick,
    same_ground,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from tests.streets import make_level, square

# A state of a level: code -> (name, parent, place of the square).
STATES = st.dictionaries(
    st.sampled_from("ABCDEF"),
    st.tuples(st.sampled_from("xy"), st.sampled_from(["P", "Q", None]), st.integers(0, 2)),
)


def level(state: dict[str, tuple[str, str | None, int]]) -> LevelAreas:
    return make_level(
        "cell",
        {code: square(place, 0) for code, (_, _, place) in state.items()},
        names={code: name for code, (name, _, _) in state.items()},
        parents={code: parent for code, (_, parent, _) in state.items() if parent is not None},
    )


def plain(areas: LevelAreas) -> list[tuple[str, str, str | None, str]]:
    shapes = [geom.wkt for geom in areas.geoms]
    return list(zip(areas.codes, areas.names, areas.parent_codes, shapes, strict=True))


@given(STATES, STATES)
def test_applying_the_difference_leads_from_one_state_to_the_other(
    old: dict[str, tuple[str, str | None, int]], new: dict[str, tuple[str, str | None, int]]
) -> None:
    before, after = level(old), level(new)
    changes = difference(before, after)
    assert plain(applied(before, changes)) == plain(after)
    assert changes.count(Action.ADD) == len(set(new) - set(old))
    assert changes.count(Action.DROP) == len(set(old) - set(new))
    unchanged = {code for code in set(old) & set(new) if old[code] == new[code]}
    assert changes.count(Action.ALTER) == len(set(old) & set(new)) - len(unchanged)


@given(STATES)
def test_a_state_does_not_differ_from_itself(
    state: dict[str, tuple[str, str | None, int]],
) -> None:
    assert len(difference(level(state), level(state))) == 0


def test_an_outline_that_starts_elsewhere_or_runs_backwards_is_the_same_ground() -> None:
    outline = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    turned = [shapely.Polygon(outline[i:] + outline[:i]) for i in range(4)]
    backwards = [shapely.Polygon(outline[::-1])]
    wrapped = [shapely.MultiPolygon([turned[0]])]
    others = np.array([*turned, *backwards, *wrapped], dtype=object)
    assert same_ground(others, np.repeat(others[:1], len(others))).all()


def test_a_vertex_one_grid_step_away_is_other_ground() -> None:
    one = np.array([shapely.box(120.0, 30.0, 120.1, 30.1)])
    other = np.array([shapely.box(120.0, 30.0, 120.1, 30.10000001)])
    assert not same_ground(one, other).any()


def test_the_kind_of_an_alteration_is_told() -> None:
    old = make_level("cell", {c: square(0, 0) for c in "ABC"}, parents={"A": "P"})
    new = make_level(
        "cell",
        {"A": square(0, 0), "B": square(1, 0), "C": square(0, 0)},
        parents={"A": "Q"},
        names={"C": "a new name"},
    )
    found = alterations(old, new)
    assert found.codes.tolist() == ["A", "B", "C"]
    assert found.parent.tolist() == [True, False, False]
    assert found.geometry.tolist() == [False, True, False]
    assert found.name.tolist() == [False, False, True]


def test_codes_come_out_by_code_point_whatever_order_they_came_in() -> None:
    codes = np.array(["b", "A", "中", "B"], dtype=object)
    areas = LevelAreas("cell", codes, codes, codes, np.array([square(i, 0) for i in range(4)]))
    assert pick(areas, codes).codes.tolist() == ["A", "B", "b", "中"]
    assert difference(no_areas("cell"), areas).codes.tolist() == ["A", "B", "b", "中"]
