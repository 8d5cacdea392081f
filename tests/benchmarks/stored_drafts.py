"""What a draft in the database costs: to open, to check whole, to preview its publication."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.rehearsed_publishing import RehearsedPublication, rehearse
from gridmgmt.services.workbench import editing, open_drafts
from gridmgmt.services.workbench.open_drafts import OpenDraft, opened
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.engine import make_engine
from tests.benchmarks.big_city import UNTIL, lent_big_city
from tests.benchmarks.measuring import Line, in_turn

EDITION = 2


def lines(cells: int, cases: int) -> list[Line]:
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
        ]


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
