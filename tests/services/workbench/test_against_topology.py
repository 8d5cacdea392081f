"""Moves, reshapes, splits and merges against PostGIS topology, which knows nothing of drafts.

Whatever an operation of a draft does to the areas of a level, the same edit done with ISO
SQL/MM functions (ST_ChangeEdgeGeom, ST_ModEdgeSplit, ST_AddEdgeModFace, ST_RemEdgeModFace) must
do to the faces of a topology of the same areas, vertex by vertex; what one refuses, both do.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.coverage.gaps import enclosed
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.outline import degrees, rings_of, whole
from gridmgmt.geometry.measure import on_grid
from tests.geometry import coverages
from tests.geometry.editing.cities import BORDER_M
from tests.geometry.editing.real import real_levels
from tests.services.workbench.topology import NotComparableError, Place, Topology, comparable

# Steps of the storage grid in BORDER_M, along a meridian; along a parallel they are more.
BESIDE = BORDER_M / 0.0009


@pytest.fixture
def topologies(engine: Engine) -> Engine:
    """A database in which topologies can be made."""
    with engine.begin() as conn:
        known = conn.execute(
            sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis_topology'")
        ).scalar()
        if not known:
            pytest.skip("this PostGIS server has no extension postgis_topology")
        conn.execute(sa.text("CREATE EXTENSION postgis_topology"))
    return engine


class Both:
    """One city twice: as a draft and as a topology, edited in step."""

    def __init__(self, engine: Engine, shapes: np.ndarray) -> None:
        self._conn = engine.connect()
        self._turn = self._conn.begin()
        codes = objects(f"N{n:04}" for n in range(len(shapes)))
        none = objects([None] * len(shapes))
        self.state = EditState.of(
            [LevelAreas("cell", codes, codes, none, as_multipolygons(shapes))]
        )
        corners = whole(shapely.get_coordinates(shapes))
        self._origin = corners.min(axis=0)
        self._new = 0
        self.topology = Topology(self._conn, self._parts().values(), BESIDE)
        self.done: Counter[str] = Counter()
        assert self._gaps() == len(self.topology.faces()) - len(self._parts())

    def close(self) -> None:
        self._turn.rollback()
        self._conn.close()

    def step(self, place: ops.LonLat) -> Place:
        """Return a place as whole steps from the origin."""
        x, y = (whole([place])[0] - self._origin).tolist()
        return x, y

    def place(self, area: DraftArea) -> Place:
        """Return a place within an area."""
        point = shapely.get_parts(area.shape)[0].representative_point()
        return self.step((point.x, point.y))

    def area(self, number: int) -> DraftArea:
        codes = sorted(self.state.codes("cell"))
        return self.state.area("cell", codes[number % len(codes)])

    def edit(self, operation: ops.Operation, twice: Callable[[Topology], None]) -> None:
        """Do an edit on both sides; both do it, with the same faces, or neither does."""
        name = operation.op
        saved = self._conn.begin_nested()
        refused = None
        try:
            twice(self.topology)
        except NotComparableError as error:
            saved.rollback()
            self.done[f"{name}, {error}"] += 1
            return
        except DBAPIError as error:
            saved.rollback()
            refused = str(error.orig)
        if refused is not None:
            with pytest.raises(EditError):
                self._apply(operation)
            self.done[f"{name}, refused"] += 1
            return
        self.state = self._apply(operation)
        faces, parts = self.topology.faces(), self._parts()
        assert parts.keys() <= faces, operation
        assert len(faces) - len(parts) == self._gaps(), operation
        saved.commit()
        self.done[name] += 1

    def _apply(self, operation: ops.Operation) -> EditState:
        return apply(self.state, operation, ops.EditRules(BORDER_M, self._codes)).state

    def _codes(self, level: str, parent: str | None, count: int) -> list[str]:
        self._new += count
        return [f"X{self._new - n:04}" for n in range(count)]

    def _parts(self) -> dict[bytes, shapely.Polygon]:
        """Return the parts of all areas, in whole steps from the origin."""
        found = {}
        for code in self.state.codes("cell"):
            for rings in self.state.area("cell", code).outline:
                shell, *holes = ([*(one - self._origin).tolist()] for one in rings)
                part = shapely.Polygon(shell, holes)
                found[comparable(part)] = part
        return found

    def _gaps(self) -> int:
        """Return how many faces are no area's."""
        ground = shapely.union_all(list(self._parts().values()))
        return len(shapely.get_parts(enclosed(ground)))


def edit_at_random(both: Both, draw: np.random.Generator, times: int) -> None:
    for _ in range(times):
        area = both.area(int(draw.integers(2**31)))
        EDITS[draw.choice(list(EDITS))](both, area, draw)


def move(both: Both, area: DraftArea, draw: np.random.Generator) -> None:
    vertices = np.concatenate(rings_of(area.outline))
    at = vertices[draw.integers(len(vertices))]
    size = (area.box[2:] - area.box[:2]).max()
    # Mostly near, sometimes across a neighbour.
    far = size * draw.choice([0.02, 0.1, 0.6])
    to = at + np.rint(draw.uniform(-far, far, 2)).astype(np.int64)
    one, other = (tuple(degrees(each).tolist()) for each in (at, to))
    both.edit(
        ops.MoveVertex("cell", one, other),
        lambda topology: topology.move_vertex(both.step(one), both.step(other)),
    )


def reshape(both: Both, area: DraftArea, draw: np.random.Generator) -> None:
    ring = rings_of(area.outline)[0]
    ring = np.roll(ring, -int(draw.integers(len(ring))), axis=0)
    count = int(draw.integers(2, min(5, len(ring) - 1) + 1))
    old = ring[:count]
    bend = (old[-1] - old[0])[::-1] * (1, -1) * draw.uniform(-0.2, 0.2)
    middle = np.rint((old[0] + old[-1]) / 2 + bend).astype(np.int64)
    line = degrees(np.array([old[0], middle, old[-1]]))
    places = tuple(tuple(one) for one in line.tolist())
    before = [both.step(tuple(one)) for one in degrees(old).tolist()]
    both.edit(
        ops.Reshape("cell", places),
        lambda topology: topology.reshape(before, [both.step(one) for one in places]),
    )


def split(both: Both, area: DraftArea, draw: np.random.Generator) -> None:
    middle = np.array(shapely.get_parts(area.shape)[0].representative_point().coords[0])
    west, south, east, north = area.shape.bounds
    angle = draw.uniform(0, np.pi)
    way = np.array([np.cos(angle), np.sin(angle)]) * 1.1 * np.hypot(east - west, north - south)
    bend = way[::-1] * (1, -1) * draw.uniform(-0.1, 0.1)
    line = tuple(
        tuple(degrees(whole([one])[0]).tolist())
        for one in (middle - way, middle + bend, middle + way)
    )
    if len(area.outline) > 1:
        return
    both.edit(
        ops.Split("cell", area.code, line),
        lambda topology: topology.split(both.place(area), [both.step(one) for one in line]),
    )


def merge(both: Both, area: DraftArea, draw: np.random.Generator) -> None:
    beside = [
        one
        for one in both.state.near("cell", area.box)
        if one.code != area.code
        and len(one.outline) == len(area.outline) == 1
        and shapely.length(shapely.intersection(one.shape.boundary, area.shape.boundary))
    ]
    if not beside:
        return
    other = beside[draw.integers(len(beside))]
    both.edit(
        ops.Merge("cell", (area.code, other.code), area.code),
        lambda topology: topology.merge(both.place(area), both.place(other)),
    )


EDITS = {"move": move, "reshape": reshape, "split": split, "merge": merge}


def edited(topologies: Engine, shapes: np.ndarray, seed: int, times: int) -> Counter[str]:
    both = Both(topologies, shapes)
    try:
        edit_at_random(both, np.random.default_rng(seed), times)
    finally:
        both.close()
    return both.done


def test_a_drawn_city_is_edited_as_postgis_does(topologies: Engine) -> None:
    done = edited(topologies, coverages.wriggly(np.random.default_rng(4)), 5, 25)
    assert all(done[one] for one in ("move_vertex", "reshape", "split", "merge")), done


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["wriggly", "gaps", "holes", "exclaves", "boxes", "voronoi"])
def test_drawn_cities_are_edited_as_postgis_does(topologies: Engine, kind: str) -> None:
    done: Counter[str] = Counter()
    for seed in range(6):
        shapes = on_grid(coverages.KINDS[kind](np.random.default_rng(seed)))
        done += edited(topologies, shapes, seed, 60)
    for one in ("move_vertex", "reshape", "split", "merge"):
        assert done[one] > 20, done
    assert done["move_vertex, refused"] > 10, done


@pytest.mark.proof
def test_a_part_of_hangzhou_is_edited_as_postgis_does(topologies: Engine) -> None:
    [cells] = [one for one in real_levels("hangzhou_xiacheng") if one.level == "cell"]
    shapes = cells.geoms[[str(code).startswith("CQ-") for code in cells.codes]]
    assert len(shapes) > 20
    done = edited(topologies, shapes, 1, 200)
    for one in ("move_vertex", "reshape", "split", "merge"):
        assert done[one] > 10, done
