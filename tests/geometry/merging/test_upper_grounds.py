"""Communities and streets after two sides' edits of cells: they follow these, hairs or not."""

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.chain import NOTHING, Chain
from gridmgmt.geometry.editing.edit_state import EditState, ground_of
from gridmgmt.geometry.editing.edits import changed_codes, compared, fault, same_area
from gridmgmt.geometry.editing.outline import degrees
from gridmgmt.geometry.editing.rings import connected, is_in, together, with_stretch
from gridmgmt.geometry.merging.divergence import Diverged, Take
from gridmgmt.geometry.merging.merging import merged
from tests.geometry.editing.cities import city, hairy_city
from tests.geometry.editing.real import real_levels
from tests.geometry.editing.test_edits import FOUR, corner
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
            if take is not None:
                taken, other = (mine, theirs) if take is Take.MINE else (theirs, mine)
                assert not not_taken(base, taken, other, both.state), (seed, take)
            found["together" if take is None else "taken"] += 1
            if take is None:
                other = merged(base, theirs, mine)
                assert seen(both.state, base, other.state) == seen(
                    other.state, base, both.state
                ), seed
    return found


def not_taken(
    base: EditState, side: EditState, other: EditState, state: EditState
) -> set[tuple[str, str]]:
    """Upper areas that are not as a side has them, where its cells are kept.

    But where only the other side redrew them, without any cell.
    """
    cell, upper = base.levels[-1], base.levels[:-1]
    differ = [
        (key, ground)
        for level in upper
        for key, ground in redrawn(level, side, state).items()
        if len(ground)
    ]
    cells = [edges_redrawn(cell, *two) for two in ((side, state), (base, other))]
    touched = places(cells[0])
    label = connected(together(ground.ends for _, ground in differ))
    keys = np.repeat(np.arange(len(differ)), [len(ground) for _, ground in differ])
    found = set()
    for n in np.unique(label):
        rows = [(differ[k], label[keys == k] == n) for k in np.unique(keys[label == n])]
        parts = [(key, Chain(one.ends[at], one.times[at])) for (key, one), at in rows]
        if any(places(one.ends) & touched for _, one in parts):
            continue
        by_other = {key: redrawn(key[0], base, other).get(key, NOTHING) for key, _ in parts}
        if any(
            is_in(one.ends, cells[1]).any() or not holds(by_other[key], one)
            for key, one in parts
        ):
            found |= {key for key, _ in parts}
    return found


def redrawn(level: str, before: EditState, after: EditState) -> dict[tuple[str, str], Chain]:
    return {
        (level, code): ground_of(after.get(level, code)) - ground_of(before.get(level, code))
        for code in changed_codes(before, after, level)
    }


def edges_redrawn(level: str, before: EditState, after: EditState) -> IntArray:
    """Edges of areas that differ, all of them where the parent does."""
    chains = [*redrawn(level, before, after).values()]
    for code in changed_codes(before, after, level):
        then, now = before.get(level, code), after.get(level, code)
        if then and now and then.parent_code != now.parent_code:
            chains += [then.chain, now.chain]
    return together(one.ends for one in chains)


def places(ends: IntArray) -> set[tuple[int, ...]]:
    return {tuple(one) for one in ends.reshape(-1, 2).tolist()}


def holds(change: Chain, part: Chain) -> bool:
    """Whether all of a part is in a change."""
    rows = (np.column_stack([one.ends, one.times]) for one in (part, change))
    return bool(is_in(*rows).all())


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


@pytest.mark.parametrize(
    ("seed", "take"),
    [(37, Take.MINE), (61, Take.THEIRS), (32, Take.MINE), (49, Take.MINE), (121, Take.MINE)],
)
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


@pytest.mark.parametrize("take", Take)
def test_an_upper_border_that_one_side_alone_redrew_stands_whichever_is_taken(
    take: Take,
) -> None:
    base = hairy_city()
    at = corner(base, FOUR)
    gone = ops.Reassign("cell", ("S0C0N10",), "S0C1")
    # There and back: the cells are as they were, the communities along them without hairs.
    mine = done(base, gone, ops.Reassign("cell", ("S0C0N10",), "S0C0"))
    assert changed_codes(base, mine, "community")
    assert not changed_codes(base, mine, "cell")
    far = done(mine, moved(at, 4e-6))
    theirs = done(base, moved(at, -3e-6))
    assert merged(base, far, theirs).divergences
    state = merged(base, far, theirs, take).state
    expected = far if take is Take.MINE else done(mine, moved(at, -3e-6))
    assert seen(state, base, expected) == seen(expected, base, state)


# What is left out of a run of both, moves that end where the other's begin, and borders that
# both together give up, with their hairs.
@pytest.mark.parametrize(
    ("city_of", "seeds"), [("hairy", (0, 15, 66, 69, 89, 118, 159, 160)), ("xiacheng", (37,))]
)
def test_upper_areas_are_as_taken_where_the_cells_are(
    city_of: str, seeds: tuple[int, ...]
) -> None:
    base = (
        hairy_city() if city_of == "hairy" else EditState.of(real_levels("hangzhou_xiacheng"))
    )
    assert put_together(base, seeds)["taken"] == 2 * len(seeds)


def test_an_upper_border_that_one_redrew_without_the_cells_the_other_moved_is_told() -> None:
    base = city()
    ring = base.area("community", "S0C0").outline[0][0]
    at = 3
    old, new = ring[at - 1 : at + 2], ring[[at - 1, at + 1]]
    mine = base.having(
        one.with_outline(with_stretch(one.outline, old, new))
        for one in (base.area("community", code) for code in base.codes("community"))
    )
    # Away from the new border, on the same side of it: both changes would leave ground between.
    out = degrees(old[1]) - degrees(new).mean(axis=0)
    lon, lat = degrees(old[1]).tolist()
    theirs = done(base, moved((lon, lat), *(out * 0.5).tolist()))
    told = merged(base, mine, theirs).divergences
    assert (told[0].matter, told[0].level) == (Diverged.BORDER, "community")
    for take, side in ((Take.MINE, mine), (Take.THEIRS, theirs)):
        state = merged(base, mine, theirs, take).state
        for code in base.codes("community"):
            assert same_area(state.area("community", code), side.area("community", code))


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
