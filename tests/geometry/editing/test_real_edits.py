"""Edits of real districts, whose levels were drawn apart and overlap by hairs."""

from collections import Counter
from contextlib import suppress

import numpy as np
import pytest
import shapely

from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.chain import total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.operations import EditRules
from gridmgmt.geometry.editing.outline import degrees, rings_of
from gridmgmt.geometry.editing.repairs import repairs
from gridmgmt.geometry.editing.rings import is_in
from tests.geometry.editing.cities import BORDER_M, hairy_city
from tests.geometry.editing.real import real_levels
from tests.geometry.editing.test_edits import same_but

RULES = EditRules(
    BORDER_M, lambda level, parent, count: [f"{parent}+{n}" for n in range(count)]
)


def vertices(state: EditState, level: str, least: int) -> list[tuple[int, int]]:
    """Return the vertices that so many areas of a level or more have in common."""
    counted: Counter[tuple[int, int]] = Counter()
    for code in state.codes(level):
        for ring in rings_of(state.area(level, code).outline):
            counted.update({(x, y) for x, y in ring.tolist()})
    return sorted(one for one, times in counted.items() if times >= least)


def fault_m2(state: EditState) -> dict[tuple[str, str], float]:
    """Return the square metres of overlaps, gaps and overhangs of each level."""
    found: Counter[tuple[str, str]] = Counter()
    for one in check_coverage([state.level_areas(name) for name in state.levels]):
        if one.unit == "m2" and one.kind is not ProblemKind.SLIVER:
            found[one.level, str(one.kind)] += one.amount or 0.0
    return dict(found)


@pytest.mark.parametrize(("city", "refused"), [("hangzhou_xiacheng", 0.1), ("la311", 0.0)])
def test_vertices_of_real_cells_move_with_all_levels(city: str, refused: float) -> None:
    state = EditState.of(real_levels(city))
    before = fault_m2(state)
    draw = np.random.default_rng(1)
    wanted = vertices(state, "cell", 3)
    took: Counter[bool] = Counter()
    levels: Counter[str] = Counter()
    for at in [wanted[n] for n in draw.permutation(len(wanted))[:40]]:
        lon, lat = degrees(np.array(at)).tolist()
        to = (lon + draw.uniform(-4e-6, 4e-6), lat + draw.uniform(-4e-6, 4e-6))
        try:
            edited = apply(state, ops.MoveVertex("cell", (lon, lat), to), RULES)
        except EditError:
            took[False] += 1
            continue
        took[True] += 1
        changed = {(one.level, one.code) for one in edited.areas}
        levels.update({level for level, _ in changed})
        same_but(state, edited.state, changed)
        state = edited.state
    assert took[False] <= refused * took.total()
    assert levels[state.levels[-2]] > 5
    # What was wrong with the layers is not more than before.
    for key, m2 in fault_m2(state).items():
        assert m2 <= before.get(key, 0.0) + 1.0, key


def test_a_real_border_of_three_levels_is_split_merged_and_reassigned() -> None:
    state = EditState.of(real_levels("hangzhou_xiacheng"))
    before = fault_m2(state)
    done: Counter[str] = Counter()
    draw = np.random.default_rng(2)
    codes = sorted(state.codes("cell"))
    for code in [codes[n] for n in draw.permutation(len(codes))[:25]]:
        area = state.area("cell", code)
        west, south, east, north = area.shape.bounds
        middle = (south + north) / 2
        line = ((west - 1e-4, middle), (east + 1e-4, middle + 1e-5))
        beside = [
            one
            for one in state.near("cell", area.box)
            if one.code != code
            and shapely.length(shapely.intersection(one.shape.boundary, area.shape.boundary))
        ]
        others = [one for one in beside if one.parent_code != area.parent_code]
        wanted: list[ops.Operation] = [ops.Split("cell", code, line)]
        if others:
            assert others[0].parent_code is not None
            wanted.append(ops.Reassign("cell", (code,), others[0].parent_code))
        if beside:
            wanted.append(ops.Merge("cell", (code, beside[0].code), code))
        for operation in wanted:
            try:
                edited = apply(state, operation, RULES)
            except EditError:
                done[f"{operation.op} refused"] += 1
                continue
            done[operation.op] += 1
            same_but(state, edited.state, {(one.level, one.code) for one in edited.areas})
            state = edited.state
    # Where streets were drawn elsewhere than their cells, an edit says so and is none.
    assert done["split"] > 15
    assert done["merge"] > 10
    assert done["reassign"] > 5
    for key, m2 in fault_m2(state).items():
        assert m2 <= before.get(key, 0.0) + 1.0, (key, done)


def _overlaps(state: EditState) -> list[Problem]:
    found = check_coverage([state.level_areas("council")])
    return [
        one
        for one in found
        if one.kind is ProblemKind.OVERLAP and one.severity is Severity.ERROR
    ]


@pytest.mark.proof
def test_overlaps_of_real_councils_are_trimmed() -> None:
    state = EditState.of(real_levels("councils"))
    found = _overlaps(state)
    assert len(found) > 150
    for one in found:
        for keep, give_up in (one.codes, one.codes[::-1]):
            try:
                state = apply(state, ops.Trim("council", keep, give_up), RULES).state
            except EditError:
                continue
            break
    assert _overlaps(state) == []


def test_communities_and_streets_derived_from_real_cells_fit_them() -> None:
    state = EditState.of(real_levels("hangzhou_xiacheng"))
    assert set(fault_m2(state)) >= {("street", "overlap"), ("cell", "outside_parent")}
    edited = apply(state, ops.Derive("community"), RULES)
    assert fault_m2(edited.state) == {}
    assert {one.level for one in edited.areas} == {"street", "community"}
    assert 0 < sum(abs(one.moved_m2) for one in edited.areas) < 3
    # What is derived once stays; the whole level again, or one street of it.
    for again in (ops.Derive("community"), ops.Derive("street", ("SQ",))):
        with pytest.raises(EditError, match="nothing would change"):
            apply(edited.state, again, RULES)
    # One alone does not always fit its neighbours, and is refused in words then.
    for code in sorted(state.codes("community")):
        with suppress(EditError):
            apply(state, ops.Derive("community", (code,)), RULES)
    # Communities overlap: streets cannot be made of them before that is mended.
    with pytest.raises(EditError, match=r"the areas in street .* overlap"):
        apply(state, ops.Derive("street"), RULES)


@pytest.mark.parametrize(("city", "most"), [("hangzhou_xiacheng", 12), ("la311", 1)])
def test_all_that_a_check_finds_in_a_real_city_is_mended_by_few_operations(
    city: str, most: int
) -> None:
    state = EditState.of(real_levels(city))
    problems = check_coverage([state.level_areas(name) for name in state.levels])
    found, after = repairs(state, problems, RULES)
    assert 0 < len(found) <= most
    # Holes in the whole city as large as an area and thin parts are for a person.
    left = check_coverage([after.level_areas(name) for name in after.levels])
    assert {one.kind for one in left} <= {ProblemKind.ENCLAVE, ProblemKind.SLIVER}
    # In a file they are applied one after the other.
    for one in found:
        state = apply(state, one.operation, RULES).state
    for name in state.levels:
        mended = after.level_areas(name)
        assert (
            shapely.to_wkb(mended.geoms) == shapely.to_wkb(state.level_areas(name).geoms)
        ).all()


def test_a_street_runs_along_a_cell_that_changes_its_community_at_the_street_s_edge() -> None:
    state = hairy_city()
    code = "S0C0N11"
    others = total(one.chain for one in state.children("community", "S1C0"))
    edited = apply(state, ops.Reassign("cell", (code,), "S0C1"), RULES).state
    cell = state.area("cell", code).chain.ends
    outer = cell[is_in(cell, others.ends)]
    streets = [edited.area("street", one).chain.ends for one in ("S0", "S1")]
    # It ran beside that stretch before, and the street beyond takes the same vertices.
    assert not is_in(outer, state.area("street", "S0").chain.ends).all()
    assert all(is_in(outer, one).all() for one in streets)


def test_cells_of_two_communities_drawn_apart_are_merged() -> None:
    state = hairy_city()
    edited = apply(state, ops.Merge("cell", ("S0C0N10",), "S0C1N00"), RULES)
    changed = {one.code for one in edited.areas if one.level == "community"}
    assert changed >= {"S0C0", "S0C1"}
