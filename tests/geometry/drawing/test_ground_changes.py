"""The ground that changed hands: moved borders, merges, splits, and what came from nowhere."""

import pytest
import shapely

from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.drawing.ground_changes import GroundChange, ground_changes, pieces
from gridmgmt.geometry.measure import area_m2
from tests.streets import make_level, square

BEFORE = make_level("cell", {"A1": square(0, 0), "A2": square(1, 0), "A3": square(2, 0)})


def moved(after: LevelAreas, before: LevelAreas = BEFORE) -> dict[str, GroundChange]:
    found = ground_changes(MeasuredAreas(before), MeasuredAreas(after))
    return {one.code: one for one in found}


def m2(*grounds: object) -> float:
    return float(area_m2(grounds).sum())


def test_a_moved_border_is_gained_by_one_and_lost_by_the_other() -> None:
    geoms = {"A1": square(0, 0, 1.25), "A2": square(1.25, 0, 0.75), "A3": square(2, 0)}
    found = moved(make_level("cell", geoms))
    assert [*found] == ["A1", "A2"]
    strip = m2(square(1, 0, 0.25))
    assert (found["A1"].gained_m2, found["A1"].lost_m2) == pytest.approx((strip, 0))
    assert (found["A2"].gained_m2, found["A2"].lost_m2) == pytest.approx((0, strip))
    # Both tell of one piece: it is drawn once.
    [(code, ground)] = pieces(found.values())
    assert code == "A1"
    assert ground.equals(square(1, 0, 0.25))


def test_a_merge_moves_the_ground_of_the_area_that_is_gone() -> None:
    found = moved(make_level("cell", {"A1": square(0, 0, 2), "A3": square(2, 0)}))
    assert found["A2"].lost_m2 == pytest.approx(found["A1"].gained_m2) == m2(square(1, 0))
    assert [code for code, _ in pieces(found.values())] == ["A1"]


def test_an_area_that_gains_as_much_as_it_loses_is_told() -> None:
    shifted = make_level("cell", {"A1": square(0.5, 0)})
    one = moved(shifted, make_level("cell", {"A1": square(0, 0)}))["A1"]
    assert one.gained_m2 == pytest.approx(one.lost_m2) == m2(square(0, 0, 0.5))
    drawn = [*pieces([one])]
    assert [code for code, _ in drawn] == ["A1", "A1"]
    assert m2(*(ground for _, ground in drawn)) == pytest.approx(2 * one.lost_m2)


def test_ground_from_nowhere_and_to_nowhere_is_drawn_too() -> None:
    found = moved(
        make_level("cell", {"A1": square(0, 0), "A3": square(2, 0), "A4": square(3, 0)})
    )
    assert {
        code: ground.equals(square(int(code[1]) - 1, 0))
        for code, ground in pieces(found.values())
    } == {
        "A2": True,
        "A4": True,
    }


def test_equal_states_and_a_new_name_move_nothing() -> None:
    renamed = make_level("cell", {"A1": square(0, 0)}, names={"A1": "新"})
    assert moved(renamed, make_level("cell", {"A1": square(0, 0)})) == {}
    assert [*pieces([])] == []


def test_an_outline_that_crosses_itself_is_measured_by_its_ground() -> None:
    bow = shapely.Polygon([(120, 30), (120.01, 30.01), (120.01, 30), (120, 30.01)])
    found = moved(make_level("cell", {"A1": bow}), make_level("cell", {}))
    assert found["A1"].gained_m2 > 400_000
