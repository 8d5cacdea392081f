"""What an edit costs, its checks included, as the city grows."""

from collections.abc import Callable
from datetime import UTC
from math import isqrt
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy.engine import Connection, Engine

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.operations import EditRules
from gridmgmt.geometry.editing.outline import degrees, rings_of
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.rebasing import rebase
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.workbench import editing, open_drafts
from gridmgmt.services.workbench.open_drafts import OpenDraft, opened
from gridmgmt.services.workbench.rehearsed_publishing import RehearsedPublication, rehearse
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.engine import make_engine
from tests.benchmarks.big_city import UNTIL, lent_big_city
from tests.benchmarks.irregular_cells import draw_coverage
from tests.benchmarks.measuring import Line, in_turn, table

SIZES = (1_000, 10_000, 100_000)
# Of the draft in the database.
CELLS, CASES, EDITION = 10_000, 200_000, 2
# Cells on the side of a community, and of a street.
COMMUNITY, STREET = 4, 20
RULES = EditRules(0.05, lambda level, parent, count: [f"{parent}+{n}" for n in range(count)])
MOVED = (2e-6, 1e-6)
# Vertices that each of two drafts moves.
DRAWN = 25


def city(cells: int) -> EditState:
    """Return irregular cells of about 190 vertices, in communities of 16, in streets of 400."""
    codes, geoms = draw_coverage(cells, 1)
    columns = cells // next(r for r in range(isqrt(cells), 0, -1) if cells % r == 0)
    row, column = np.divmod(np.arange(cells), columns)

    def blocks(side: int) -> list[str]:
        return [f"{a:03}{b:03}" for a, b in zip(row // side, column // side, strict=True)]

    communities, streets = blocks(COMMUNITY), blocks(STREET)
    above = dict(zip(communities, streets, strict=True))
    return EditState.of(
        [
            _level("street", _dissolved(streets, geoms), {}),
            _level("community", _dissolved(communities, geoms), above),
            LevelAreas("cell", codes, codes, objects(communities), as_multipolygons(geoms)),
        ]
    )


def _dissolved(keys: list[str], geoms: np.ndarray) -> dict[str, shapely.Geometry]:
    rows: dict[str, list[int]] = {}
    for n, key in enumerate(keys):
        rows.setdefault(key, []).append(n)
    return {key: shapely.coverage_union_all(geoms[some]) for key, some in rows.items()}


def _level(name: str, areas: dict[str, shapely.Geometry], above: dict[str, str]) -> LevelAreas:
    codes = objects(areas)
    parents = objects(above.get(code) for code in areas)
    return LevelAreas(name, codes, codes, parents, as_multipolygons(objects(areas.values())))


def corner(state: EditState, level: str, code: str | None = None) -> ops.LonLat:
    """Return a vertex near an area, or amid the city, where most areas of a level meet."""
    codes = sorted(state.codes(level))
    middle = state.area(level, code or codes[len(codes) // 2])
    counted: dict[tuple[int, int], int] = {}
    for area in state.near(level, middle.box):
        for ring in rings_of(area.outline):
            for x, y in ring.tolist():
                counted[x, y] = counted.get((x, y), 0) + 1
    lon, lat = degrees(np.array(max(counted, key=lambda one: counted[one]))).tolist()
    return lon, lat


def _edits(state: EditState) -> dict[str, ops.Operation]:
    codes = sorted(state.codes("cell"))
    code = codes[len(codes) // 2]
    west, south, east, north = state.area("cell", code).shape.bounds
    middle = (south + north) / 2
    line = ((west - 1e-5, middle), (east + 1e-5, middle))
    found: dict[str, ops.Operation] = {}
    for level in ("cell", "street"):
        at = corner(state, level)
        to = (at[0] + MOVED[0], at[1] + MOVED[1])
        found[f"move a vertex of four {level} areas"] = ops.MoveVertex("cell", at, to)
    found["split a cell"] = ops.Split("cell", code, line)
    return found


def _lines() -> list[Line]:
    lines = []
    for size in SIZES:
        state = city(size)
        cells = state.level_areas("cell").geoms
        for what, operation in _edits(state).items():
            lines.append(
                in_turn(
                    f"{what}, with its checks, of {size:,}",
                    "the bare check of all cells (shapely.coverage_invalid_edges)",
                    _applying(state, operation),
                    _checking(cells),
                    pairs=3,
                )
            )
    return lines


def _applying(state: EditState, operation: ops.Operation) -> Callable[[], object]:
    return lambda: apply(state, operation, RULES)


def _checking(cells: GeometryArray) -> Callable[[], object]:
    return lambda: shapely.coverage_invalid_edges(cells)


def _stored_lines(cells: int, cases: int) -> list[Line]:
    """Measure a draft that splits a cell in two on a city with stored cases."""
    with lent_big_city(cells=cells, cases=cases) as (url, _):
        engine = make_engine(url)
        try:
            return _measured(engine, f"{cells:,}")
        finally:
            engine.dispose()


def _measured(engine: Engine, cells: str) -> list[Line]:
    with engine.begin() as conn:
        drafts.create(conn, "d", actor="a benchmark")
        _open(conn)
        before = dict(open_drafts._drafts)
        _split_a_cell(conn)
    with engine.connect() as conn:
        rebased = _rebased(conn)
    with engine.connect() as conn:
        areas = list(areas_in(conn, EDITION).values())
        bare = "the bare check of all cells (shapely.coverage_invalid_edges)"
        read = "reading the areas of its edition"
        return [
            in_turn(f"open a draft of {cells}, cold", read, _cold(conn), _reading(conn)),
            in_turn("open it, one entry behind", read, _behind(conn, before), _reading(conn)),
            in_turn("open it, warm", read, lambda: _open(conn), _reading(conn)),
            in_turn(
                "check all of its areas",
                bare,
                lambda: check_coverage(areas),
                lambda: shapely.coverage_invalid_edges(areas[-1].geoms),
                pairs=3,
            ),
            in_turn(
                "preview its publication, of a cell made two",
                bare,
                lambda: _preview(conn),
                lambda: shapely.coverage_invalid_edges(areas[-1].geoms),
                pairs=3,
            ),
            rebased,
        ]


def _rebased(conn: Connection) -> Line:
    """Measure putting a draft on an edition that changed as much, elsewhere in the city."""
    state = _open(conn).state
    codes = sorted(state.codes("cell"))[:: len([*state.codes("cell")]) // (2 * DRAWN)]
    for label, some in (("mine", codes[:-1:2]), ("theirs", codes[1::2])):
        moves = []
        for code in some[:DRAWN]:
            ring = rings_of(state.area("cell", code).outline)[0]
            lon, lat = degrees(ring[len(ring) // 2]).tolist()
            to = (lon + MOVED[0], lat + MOVED[1])
            moves.append(ops.MoveVertex("cell", (lon, lat), to))
        drafts.create(conn, label, actor="a benchmark")
        editing.edit(conn, label, moves, border_m=0.05, actor="a benchmark")
    publish(conn, "theirs", UNTIL.replace(year=UNTIL.year + 1), actor="a benchmark")

    def work() -> object:
        with rehearsal(conn):
            return rebase(conn, "mine", actor="a benchmark", tz=UTC)

    return in_turn(
        f"put a draft on a newer edition, {DRAWN} vertices moved by each, all over the city",
        "reading the areas of its edition",
        work,
        _reading(conn),
        pairs=3,
    )


def _open(conn: Connection) -> OpenDraft:
    return opened(conn, get_draft(conn, "d"))


def _reading(conn: Connection) -> Callable[[], object]:
    return lambda: areas_in(conn, EDITION)


def _cold(conn: Connection) -> Callable[[], object]:
    def work() -> object:
        open_drafts._drafts.clear()
        open_drafts._EDITIONS._things.clear()
        return _open(conn)

    return work


def _behind(conn: Connection, before: dict[object, open_drafts._Kept]) -> Callable[[], object]:
    """Return work as of a process that had the draft open before somebody else's edit."""

    def work() -> object:
        open_drafts._drafts.clear()
        open_drafts._drafts.update(before)
        return _open(conn)

    return work


def _split_a_cell(conn: Connection) -> None:
    state = _open(conn).state
    codes = sorted(state.codes("cell"))
    code = codes[len(codes) // 2]
    west, south, east, north = state.area("cell", code).shape.bounds
    line = ((west - 1e-5, (south + north) / 2), (east + 1e-5, (south + north) / 2))
    split = ops.Split("cell", code, line)
    editing.edit(conn, "d", [split], border_m=0.05, actor="a benchmark")


def _preview(conn: Connection) -> RehearsedPublication:
    rules = JudgingRules(ZoneInfo("Asia/Shanghai"))
    done = rehearse(
        conn,
        "d",
        UNTIL.replace(year=UNTIL.year + 1),
        tolerance_m2=1.0,
        rules=rules,
        actor="a benchmark",
    )
    assert done.number is not None
    return done


def measure(cells: int = CELLS, cases: int = CASES) -> str:
    """Measure edits of cities of several sizes, and a draft in the database of one."""
    return f"""Cells of about 190 vertices, {COMMUNITY}×{COMMUNITY} in a community and
{STREET}×{STREET} in a street; an edit changes all levels and is checked on all of them.

{table(_lines())}

A draft that splits a cell of a city with {cases:,} cases of a year, which a process has never
opened, had open before the split, or has open.

{table(_stored_lines(cells, cases))}"""
