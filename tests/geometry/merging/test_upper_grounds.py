"""Communities and streets after two sides' edits of cells: they follow these, hairs or not."""

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import changed_codes, compared, fault, same_area
from gridmgmt.geometry.editing.rings import with_stretch
from gridmgmt.geometry.merging.divergence import Diverged, Take
from gridmgmt.geometry.merging.merging import merged
from tests.geometry.editing.cities import city, hairy_city
from tests.geometry.editing.real import real_levels
from tests.geometry.merging.test_merging import done, middle_of_side, moved, seen, vertex_of
from tests.geometry.merging.two_sides import two_sides


def is_mended(base: EditState, theirs: EditState, state: EditState) -> bool:
    """Whether nothing is worse in a state than it was, and than one side made it."""
    return None in (
        fault(theirs, compared(theirs, state)),
        fault(base, compared(base, state)),
    )


def put_together(base: EditState, seeds: Iterable[int]) -> Counter[str]:
    """Put random edits of two sides together; count what came of it."""
    found: Counter[str] = Counter()
    for seed in seeds:
        mine, theirs = two_sides(base, seed)
        for take in (None, *Take):
            both = merged(base, mine, theirs, take)
            if both.divergences:
                assert take is None or {one.matter for one in both.divergences} <= {
                    Diverged.PARENT,
                    Diverged.CODE,
                }
                found["told"] += 1
                continue
            assert is_mended(base, theirs, both.state), (seed, take)
            found["together" if take is None else "taken"] += 1
            if take is None:
                other = merged(base, theirs, mine)
                assert seen(both.state, base, other.state) == seen(
                    other.state, base, both.state
                ), seed
    return found


def test_a_street_follows_a_community_that_both_changed_though_only_one_changed_it() -> None:
    base = city()
    moves, stays = "S0C0N11", "S0C0N10"
    mine = done(base, ops.Reassign("cell", (moves,), "S1C0"))
    theirs = done(base, ops.Merge("cell", (moves, stays), moves))
    found = merged(base, mine, theirs)
    assert not found.divergences
    both = done(theirs, ops.Reassign("cell", (moves,), "S1C0"))
    assert seen(found.state, base, both) == seen(both, base, found.state)


def test_a_street_does_not_keep_what_its_cells_did_not_take() -> None:
    base = city()
    cell = base.area("cell", "S0C0N00")
    outer = {*vertices(base, "street", "S0")} & {*vertices(base, "cell", cell.code)}
    inner = middle_of_side(base, "S0C0N00", "S0C0N01")
    corner = sorted(outer)[len(outer) // 2]
    # Mine redraws an outer border and, beside it, one that theirs redraws otherwise.
    mine = done(base, ops.Merge("cell", ("S0C0N10", "S0C0N00"), "S0C0N00"))
    at = vertex_of(base, "S0C0N00", vertices(base, "cell", "S0C0N00").index(corner))
    mine = done(mine, moved(at, -2e-6, -2e-6))
    theirs = done(base, moved(inner, 2e-6), moved(at, 3e-6, 3e-6))
    assert merged(base, mine, theirs).divergences
    for take, side in ((Take.THEIRS, theirs), (Take.MINE, mine)):
        state = merged(base, mine, theirs, take).state
        assert is_mended(base, theirs, state)
        assert is_mended(base, side, state)


def vertices(state: EditState, level: str, code: str) -> list[tuple[int, int]]:
    return [tuple(v) for v in state.area(level, code).outline[0][0].tolist()]


def test_a_community_drawn_apart_by_hairs_follows_both_and_keeps_its_other_hairs() -> None:
    base = hairy_city()
    apart = base.area("community", "S0C0").chain
    cells = [one.chain for one in base.children("community", "S0C0")]
    assert len(sum(cells[1:], cells[0]) - apart)
    mine = done(base, ops.Reassign("cell", ("S0C0N10",), "S0C1"))
    side = middle_of_side(base, "S0C0N10", "S0C0N00")
    theirs = done(base, moved(side, 2e-6, 1e-6))
    found = merged(base, mine, theirs)
    assert not found.divergences
    both = done(theirs, ops.Reassign("cell", ("S0C0N10",), "S0C1"))
    assert seen(found.state, base, both) == seen(both, base, found.state)
    # Nobody came near the communities of the other street.
    assert {c for c in changed_codes(base, found.state, "community") if "S1C1" in c} == set()


@pytest.mark.parametrize("city_of", [city, hairy_city])
def test_edits_of_two_sides_are_sound_together_or_told(
    city_of: Callable[[], EditState],
) -> None:
    base = city_of()
    found = put_together(base, range(6))
    assert found["together"] > 2


@pytest.mark.parametrize(("seed", "take"), [(37, Take.MINE), (61, Take.THEIRS)])
def test_upper_areas_keep_nothing_of_a_side_whose_cells_are_not_taken(
    seed: int, take: Take
) -> None:
    base = hairy_city()
    mine, theirs = two_sides(base, seed)
    assert merged(base, mine, theirs).divergences
    found = merged(base, mine, theirs, take)
    side = mine if take is Take.MINE else theirs
    assert not found.divergences
    for level in base.levels:
        assert not changed_codes(side, found.state, level)


# Runs that both took partly, cells that changed communities both ways, joined ones.
@pytest.mark.parametrize("seed", [16, 23, 102, 179, 240])
def test_edits_of_two_sides_of_a_real_district_stand_together(seed: int) -> None:
    base = EditState.of(real_levels("hangzhou_xiacheng"))
    assert put_together(base, [seed]) == {"together": 1, "taken": 2}


@pytest.mark.proof
@pytest.mark.parametrize("name", ["hangzhou_xiacheng", "la311"])
def test_many_edits_of_two_sides_of_real_districts(name: str) -> None:
    base = EditState.of(real_levels(name))
    found = put_together(base, range(1000, 1100))
    assert found["together"] > 40
    assert found["taken"] > 150


def test_a_cell_with_cells_within_it_is_left_out_with_all_its_rings() -> None:
    base = EditState.of(real_levels("hangzhou_xiacheng"))
    assert len(base.area("cell", "DX-1-3").outline[0]) > 1
    mine = done(base, ops.Merge("cell", ("DX-1-3",), "DX-1-5"))
    line = ((120.16306918, 30.301123157), (120.17541894, 30.301133157))
    theirs = done(base, ops.Split("cell", "DX-1-2", line))
    assert merged(base, mine, theirs).divergences
    for take, side in ((Take.THEIRS, theirs), (Take.MINE, mine)):
        state = merged(base, mine, theirs, take).state
        assert is_mended(base, theirs, state)
        for code in ("DX-1-3", "DX-1-5"):
            kept = state.get("cell", code), side.get("cell", code)
            assert kept[0] is kept[1] or same_area(*kept)


def test_borders_of_a_level_that_both_redrew_without_its_cells_are_told() -> None:
    base = city()
    ring = base.area("community", "S0C0").outline[0][0]
    # Beside each other, and each to vertices that cells have: neither side touched a cell.
    sides = []
    for gone in (3, 4):
        old, new = ring[2:6], np.delete(ring[2:6], gone - 2, axis=0)
        sides.append(
            base.having(
                one.with_outline(with_stretch(one.outline, old, new))
                for one in (base.area("community", code) for code in base.codes("community"))
            )
        )
    mine, theirs = sides
    [told] = merged(base, mine, theirs).divergences
    assert (told.matter, told.level) == (Diverged.BORDER, "community")
    for take, side in ((Take.MINE, mine), (Take.THEIRS, theirs)):
        state = merged(base, mine, theirs, take).state
        assert seen(state, base, side) == seen(side, base, state)
