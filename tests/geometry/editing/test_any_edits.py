"""Any sequence of edits leaves a city that tiles and nests, and can be taken back."""

from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.operations import EditRules, Operation
from gridmgmt.geometry.editing.outline import degrees, rings_of
from tests.geometry.editing.cities import BORDER_M, RULES, city
from tests.geometry.editing.test_edits import assert_fits, assert_sound, same_but, total_m2

LEVELS = st.sampled_from(["street", "community", "cell", "cell", "cell"])
ANY = st.integers(0, 2**31)
# Steps of the storage grid; a cell's side has 100,000.
NEAR = st.integers(-20_000, 20_000)


class Editing(RuleBasedStateMachine):
    """A city somebody edits; what is refused leaves it as it was."""

    done: ClassVar[Counter[str]] = Counter()

    @initialize(seed=st.integers(0, 50))
    def drawn(self, seed: int) -> None:
        self.state = city(seed)
        self.new = 0

    def codes_of(self, level: str, parent: str | None, count: int) -> list[str]:
        self.new += count
        return [f"{parent}+{self.new - n}" for n in range(count)]

    def apply(self, operation: Operation) -> None:
        before = self.state
        try:
            rules = EditRules(BORDER_M, self.codes_of, RULES.attributes)
            edited = apply(before, operation, rules)
        except EditError:
            return
        self.done[operation.op] += 1
        self.state = edited.state
        same_but(before, edited.state, {(one.level, one.code) for one in edited.areas})
        back = {(one.level, one.code): one.before for one in edited.areas}
        undone = self.state.having(
            [one for one in back.values() if one is not None],
            without=[one.after for one in edited.areas if one.before is None],
        )
        same_but(before, undone, set())
        for level in before.levels:
            assert set(undone.codes(level)) == set(before.codes(level))

    def area(self, level: str, number: int) -> str:
        codes = sorted(self.state.codes(level))
        return codes[number % len(codes)]

    def vertex(self, level: str, number: int) -> ops.LonLat:
        code = self.area(level, number)
        vertices = np.concatenate(rings_of(self.state.area(level, code).outline))
        lon, lat = degrees(vertices[number // 7 % len(vertices)]).tolist()
        return lon, lat

    @rule(level=LEVELS, number=ANY, east=NEAR, north=NEAR)
    def move(self, level: str, number: int, east: int, north: int) -> None:
        at = self.vertex(level, number)
        self.apply(ops.MoveVertex(level, at, (at[0] + east / 1e8, at[1] + north / 1e8)))

    @rule(level=LEVELS, number=ANY, share=st.floats(0.1, 0.9))
    def insert(self, level: str, number: int, share: float) -> None:
        code = self.area(level, number)
        [ring, *_] = rings_of(self.state.area(level, code).outline)
        row = number // 7 % len(ring)
        at = degrees(ring[row] + (ring[(row + 1) % len(ring)] - ring[row]) * share)
        self.apply(ops.InsertVertex(level, tuple(at.tolist())))

    @rule(level=LEVELS, number=ANY)
    def delete(self, level: str, number: int) -> None:
        self.apply(ops.DeleteVertex(level, self.vertex(level, number)))

    @rule(level=LEVELS, one=ANY, other=ANY, bend=NEAR)
    def reshape(self, level: str, one: int, other: int, bend: int) -> None:
        begin = self.vertex(level, one)
        code = self.area(level, one)
        vertices = np.concatenate(rings_of(self.state.area(level, code).outline))
        end = tuple(degrees(vertices[other % len(vertices)]).tolist())
        middle = ((begin[0] + end[0]) / 2 + bend / 1e8, (begin[1] + end[1]) / 2 - bend / 1e8)
        self.apply(ops.Reshape(level, (begin, middle, end)))

    @rule(level=LEVELS, number=ANY, other=ANY, east=NEAR, north=NEAR, within=st.floats(1, 150))
    def align(
        self, level: str, number: int, other: int, east: int, north: int, within: float
    ) -> None:
        code = self.area(level, number)
        to = self.neighbour(number, other, level)
        box = shapely.intersection(
            *(self.state.area(level, one).shape.envelope for one in (code, to))
        ).bounds
        line = ((box[0], box[1]), (box[2] + east / 1e8, box[3] + north / 1e8))
        self.apply(ops.Align(level, within, (code, to), lines=(line,)))

    @rule(number=ANY, angle=st.floats(0, 6.28))
    def split(self, number: int, angle: float) -> None:
        code = self.area("cell", number)
        middle = self.state.area("cell", code).shape.representative_point()
        line = tuple(
            (middle.x + way * 0.004 * np.cos(angle), middle.y + way * 0.004 * np.sin(angle))
            for way in (-1, 1)
        )
        self.apply(ops.Split("cell", code, line))

    @rule(number=ANY, other=ANY)
    def merge(self, number: int, other: int) -> None:
        codes = self.area("cell", number), self.neighbour(number, other)
        self.apply(ops.Merge("cell", codes, codes[0]))

    @rule(number=ANY, other=ANY)
    def reassign(self, number: int, other: int) -> None:
        code = self.area("cell", number)
        to = self.state.area("cell", self.neighbour(number, other)).parent_code
        assert to is not None
        self.apply(ops.Reassign("cell", (code,), to))

    @rule(number=ANY, other=ANY, angle=st.floats(0, 6.28))
    def give(self, number: int, other: int, angle: float) -> None:
        code, to = self.area("cell", number), self.neighbour(number, other)
        middle = self.state.area("cell", code).shape.representative_point()
        line = tuple(
            (middle.x + way * 0.004 * np.cos(angle), middle.y + way * 0.004 * np.sin(angle))
            for way in (-1, 1)
        )
        self.apply(ops.Give("cell", code, to, line))

    @rule(number=ANY, other=ANY, grade=st.one_of(st.none(), st.integers(1, 3)))
    def set_attributes(self, number: int, other: int, grade: int | None) -> None:
        codes = (self.area("cell", number), self.neighbour(number, other))
        self.apply(ops.SetAttributes("cell", codes, {"grade": grade}))

    def neighbour(self, number: int, other: int, level: str = "cell") -> str:
        area = self.state.area(level, self.area(level, number))
        beside = [
            one.code
            for one in self.state.near(level, area.box)
            if one.code != area.code and one.shape.intersects(area.shape)
        ]
        return beside[other % len(beside)] if beside else area.code

    def teardown(self) -> None:
        if hasattr(self, "state"):
            assert_sound(self.state)

    @invariant()
    def stays_sound(self) -> None:
        if hasattr(self, "state"):
            assert_fits(self.state)
            cells = total_m2(self.state, "cell")
            for level in self.state.levels:
                assert total_m2(self.state, level) == pytest.approx(cells, abs=0.01)


TestEditing = Editing.TestCase
# A hundred histories have some four thousand steps; more would take minutes of proof.
TestEditing.settings = settings(
    max_examples=min(settings.default.max_examples, 100),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much],
)


def teardown_module() -> None:
    # Every operation was possible at least once, or the machine shows nothing of it.
    assert set(Editing.done) == {
        "move_vertex",
        "insert_vertex",
        "delete_vertex",
        "reshape",
        "align",
        "split",
        "merge",
        "reassign",
        "give",
        "set_attributes",
    }


def test_one_city_is_sound() -> None:
    assert_sound(city(3))
    assert isinstance(city(3), EditState)
    assert shapely.get_num_geometries(city(3).area("street", "S0").shape) == 1
