"""Sums of edges say what overlay says: that areas fill another, and whenever they do not."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage import coverage
from gridmgmt.geometry.coverage.border_sums import border_sums, exactly_filled
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.coverage.problem import ProblemKind
from gridmgmt.geometry.measure import on_grid
from tests.geometry import coverages
from tests.geometry.editing.cities import city_levels, level
from tests.geometry.editing.real import real_levels

SEED = st.integers(0, 9999)
KINDS = st.sampled_from(sorted(coverages.KINDS))


def turned(shape: shapely.Polygon, draw: np.random.Generator) -> shapely.Polygon:
    """Return a polygon whose rings begin elsewhere and turn the other way, or not."""
    rings = []
    for ring in (shape.exterior, *shape.interiors):
        corners = np.roll(np.array(ring.coords[:-1]), int(draw.integers(9)), axis=0)
        rings.append(corners[:: draw.choice([-1, 1])])
    return shapely.Polygon(rings[0], rings[1:])


@given(KINDS, SEED)
def test_neighbours_add_up_to_their_union(kind: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    cells = on_grid(coverages.KINDS[kind](draw))
    if not shapely.coverage_is_valid(cells):
        return
    whole = shapely.coverage_union_all(cells)
    mixed = objects(
        shapely.MultiPolygon([turned(part, draw) for part in shapely.get_parts(one)])
        for one in cells
    )
    sums = border_sums(mixed)
    assert np.sum(sums, dtype=np.uint64) == border_sums(objects([whole]))[0]
    # Not without one of them, nor with one twice.
    assert np.sum(sums[1:], dtype=np.uint64) != border_sums(objects([whole]))[0]
    assert len(np.unique(sums)) == len(sums)


def test_nothing_has_no_edges() -> None:
    some = border_sums(objects([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)]))
    assert [bool(one) for one in some] == [False, False, True]
    assert len(border_sums(objects([]))) == 0


def with_fault(seed: int) -> list[LevelAreas]:
    """Return a city, of which one cell is moved, gone, twice there, or under another parent."""
    draw = np.random.default_rng(seed)
    levels = city_levels(seed % 7)
    cells = levels[2]
    row = int(draw.integers(len(cells.codes)))
    what = draw.choice(["none", "moved", "step", "gone", "twice", "parent", "street"])
    geoms, parents = cells.geoms.copy(), cells.parent_codes.copy()
    keep = np.arange(len(geoms))
    if what in {"moved", "step"}:
        corners = shapely.get_coordinates(geoms[row])[:-1]
        far = 1e-5 if what == "moved" else 1e-8
        corners[draw.integers(len(corners))] += draw.choice([-far, far], 2)
        geoms[row] = shapely.MultiPolygon([shapely.Polygon(corners)])
    elif what == "gone":
        keep = np.delete(keep, row)
    elif what == "twice":
        geoms[row] = geoms[(row + 1) % len(geoms)]
    elif what == "parent":
        parents[row] = parents[(row + 3) % len(parents)]
    found = (cells.codes, cells.names, parents, geoms)
    levels[2] = LevelAreas("cell", *(one[keep] for one in found))
    if what == "street":
        wider = levels[0].geoms[0].buffer(1e-5)
        levels[0].geoms[0] = shapely.MultiPolygon(list(shapely.get_parts(wider)))
    return levels


def told(levels: list[LevelAreas]) -> list[tuple[object, ...]]:
    return [
        (one.kind, one.severity, one.level, one.codes, one.amount, one.detail)
        for one in check_coverage(levels)
    ]


def told_by_overlay(levels: list[LevelAreas], patch: pytest.MonkeyPatch) -> list[object]:
    """Return what the check says if it knows nothing of any area beforehand."""
    with patch.context() as without:
        without.setattr(
            coverage, "exactly_filled", lambda _, parents: np.zeros(len(parents), dtype=bool)
        )
        return list(told(levels))


@given(SEED)
def test_the_check_says_the_same_as_overlay(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        levels = with_fault(seed)
        assert told(levels) == told_by_overlay(levels, patch)


@pytest.mark.parametrize("city", ["hangzhou_xiacheng", "la311"])
def test_the_check_of_real_levels_says_the_same_as_overlay(
    city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = real_levels(city)
    assert told(levels) == told_by_overlay(levels, monkeypatch)


def test_which_parents_are_filled() -> None:
    street, community, cell = map(MeasuredAreas, city_levels())
    assert exactly_filled(cell, community).all()
    assert exactly_filled(community, street).all()
    assert not exactly_filled(cell, street).any()
    levels = city_levels()
    levels[2].geoms[0] = None
    levels[2].geoms[1] = None
    filled = exactly_filled(MeasuredAreas(levels[2]), community)
    assert filled.tolist() == [False, *[True] * (len(community) - 1)]


def test_children_of_parents_that_overlap_are_looked_at() -> None:
    """Each parent is filled to the vertex, and yet a cell lies on one of the other parent."""
    west, east = shapely.box([120, 120.001], 30, [120.002, 120.003], 30.001)
    boxes = {"A": west, "B": east}
    cells = {f"{code}1": shape for code, shape in boxes.items()}
    levels = [
        level("community", boxes, lambda code: None),
        level("cell", cells, lambda code: code[0]),
    ]
    kinds = [(one.level, one.kind, one.codes) for one in check_coverage(levels)]
    assert kinds == [
        ("community", ProblemKind.OVERLAP, ("A", "B")),
        ("cell", ProblemKind.OVERLAP, ("A1", "B1")),
    ]
