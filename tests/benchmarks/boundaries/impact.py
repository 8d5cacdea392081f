"""What it costs to tell the impact of a draft while it is edited: 1,000,000 stored cases."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.coverage.changes import difference, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import drafts
from gridmgmt.services.judging.open_case_routes import OpenCaseRoutes, movable_cases
from gridmgmt.services.statistics.sources import count_in_columns
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.services.workbench.impact_result import Impact
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft, replace_changes
from gridmgmt.store.engine import make_engine
from tests.benchmarks.big_city import UNTIL, lent_big_city
from tests.benchmarks.measuring import Line, in_turn, table

CELLS, CASES = 10_000, 1_000_000
EDITION = 2
# Two cells each.
PAIRS = 50


def measure(cells: int = CELLS, cases: int = CASES) -> str:
    """Measure the impact of drafts that touch 2 and 100 cells, near and far apart."""
    with lent_big_city(cells=cells, cases=cases) as (url, folder):
        engine = make_engine(url)
        try:
            rules = JudgingRules(ZoneInfo("Asia/Shanghai"), home=folder / "home")
            asked = ImpactAsked(rules, UNTIL)
            # As the server of the pages counts.
            count_in_columns(engine, folder / "home").refresh()
            with engine.begin() as conn:
                made = _drafts(conn)
            with engine.begin() as conn:
                _half(conn)
            lines, judged = [], []
            for label, what in made.items():
                line, found = _measured(engine, label, what, asked)
                lines.append(line)
                judged.append(
                    f"{what}: {found.leaf_areas:,} cells touched, {found.judged:,} cases judged"
                    f" twice, {found.moving:,} open ones change their disposer"
                )
            large = _large(engine, asked)
        finally:
            engine.dispose()
    told = ";\n".join(judged)
    return f"""{cells:,} cells and {cases:,} cases of a year. {told}.

{table(lines)}

{large}"""


def _measured(engine: Engine, label: str, what: str, asked: ImpactAsked) -> tuple[Line, Impact]:
    def ours() -> Impact:
        with engine.connect() as conn:
            return DraftImpact(conn, label, asked).measured()

    line = in_turn(
        f"the impact of a draft: {what}",
        "locating and routing all open cases once, as a preview of duties does",
        ours,
        _routing(engine, asked),
        pairs=3,
    )
    return line, ours()


def _large(engine: Engine, asked: ImpactAsked) -> str:
    """Measure the work of a job."""
    with engine.connect() as conn:
        begun = time.perf_counter()
        found = DraftImpact(conn, "half", asked).measured()
        taken_s = time.perf_counter() - begun
    return (
        f"What a job does, half of the city: {found.leaf_areas:,} cells touched,"
        f" {found.judged:,} cases judged twice in {taken_s:.0f} s,"
        f" {found.judged / taken_s:,.0f} a second."
    )


def _routing(engine: Engine, asked: ImpactAsked) -> Callable[[], object]:
    def work() -> object:
        with engine.connect() as conn:
            routes = OpenCaseRoutes(conn, movable_cases(conn), EDITION, asked.rules)
            return routes.routed(asked.today)

    return work


def _drafts(conn: Connection) -> dict[str, str]:
    """Open drafts on the newest edition; return what each does, by label."""
    levels = areas_in(conn, EDITION)
    cells = levels["cell"]
    merges = [ops.Merge("cell", pair, pair[0]) for pair in _neighbours(cells, PAIRS)]
    for label, some in (("one", merges[:1]), ("many", merges)):
        drafts.create(conn, label, actor="benchmark")
        editing.edit(conn, label, some, border_m=0.05, actor="benchmark")
    _reassign(conn, "parents", cells, 100, str(levels["community"].codes[-1]))
    return {
        "one": "a cell merged into its neighbour",
        "many": f"{len(merges)} cells merged into a neighbour, far apart",
        "parents": "100 cells put under a community of another street",
    }


def _neighbours(cells: LevelAreas, count: int) -> list[tuple[str, str]]:
    """Return pairs of cells of one community with a common border, all over the city."""
    every = len(cells.codes) // (count + 1)
    found = []
    for first in range(every, every * (count + 1), every):
        # Codes count on from west to east: in each row of a community but its last cell.
        row = next(
            n
            for n in range(first, len(cells.codes) - 1)
            if cells.parent_codes[n] == cells.parent_codes[n + 1]
            and shapely.relate_pattern(cells.geoms[n], cells.geoms[n + 1], "F***1****")
        )
        found.append((str(cells.codes[row]), str(cells.codes[row + 1])))
    return found


def _half(conn: Connection) -> None:
    levels = areas_in(conn, EDITION)
    cells, communities = levels["cell"], levels["community"]
    _reassign(conn, "half", cells, len(cells.codes) // 2, str(communities.codes[-1]))


def _reassign(conn: Connection, label: str, cells: LevelAreas, first: int, parent: str) -> None:
    """State another parent for the first cells in a draft; their ground stays."""
    drafts.create(conn, label, actor="benchmark")
    before = pick(cells, cells.codes[:first])
    parents = np.full(len(before.codes), parent, dtype=object)
    after = LevelAreas("cell", before.codes, before.names, parents, before.geoms)
    changes = difference(before, after)
    draft = get_draft(conn, label)
    replace_changes(conn, draft.id, changes, [None] * len(changes), instead_of=None)
