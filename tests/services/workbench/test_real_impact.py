"""The impact of edits of a real district is that of judging everything again."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.schema import cases
from tests.benchmarks.boundaries.editing import corner
from tests.factories import make_edition
from tests.geometry.editing.real import real_levels
from tests.services.case_city import case_file, row, take_in
from tests.services.workbench.impact_city import ACCURACIES, ASKED, compare

pytestmark = pytest.mark.proof

CASES = 2_000


def fill(conn: Connection, folder: Path, levels: list[LevelAreas]) -> None:
    """A squad and a chief for every street, one more for every other cell, cases everywhere."""
    chance = random.Random(1)
    make_edition(conn, {areas.level: areas for areas in levels})
    streets, cells = levels[0], levels[-1]
    put_categories(conn, [Category("E1", "占道"), Category("E2", "违建")])
    people, duties = [], []
    places = [*((streets, str(c)) for c in streets.codes)]
    places += [(cells, str(c)) for c in cells.codes[::2]]
    for n, (areas, code) in enumerate(places):
        for kind, role in (
            (ResponderKind.SQUAD, DutyRole.DISPOSE),
            (ResponderKind.STREET_CHIEF, DutyRole.OVERSEE),
        ):
            people.append(Responder(f"{kind}-{n}", kind, f"{n}"))
            on = DutyTarget.AREA, areas.level, code
            duties.append(Duty(0, f"{kind}-{n}", role, *on, None))
    put_responders(conn, people)
    add_duties(conn, duties)
    west, south, east, north = shapely.total_bounds(cells.geoms)
    rows = [
        row(
            f"C{n:04}",
            (chance.uniform(west, east), chance.uniform(south, north)),
            category=chance.choice(["E1", "E2"]),
        )
        for n in range(CASES)
    ]
    take_in(conn, case_file(folder, rows))
    for case in list_cases(conn, CaseFilter(), limit=CASES):
        mine = cases.update().where(cases.c.case_no == case.given.case_no)
        conn.execute(mine.values(accuracy_m=chance.choice(ACCURACIES)))


def wanted(levels: list[LevelAreas]) -> Iterator[ops.Operation]:
    """Yield operations on cells all over the district; some are impossible there."""
    state = EditState.of(levels)
    cells = levels[-1]
    level = cells.level
    rng = np.random.default_rng(3)
    for n, code in enumerate(map(str, rng.permutation(cells.codes))):
        area = state.area(level, code)
        west, south, east, north = area.shape.bounds
        beside = [
            one.code
            for one in state.near(level, area.box)
            if one.code != code and shapely.intersects(one.shape, area.shape)
        ]
        if n % 4 == 0:
            lon, lat = corner(state, level, code)
            yield ops.MoveVertex(level, (lon, lat), (lon + 2e-4, lat + 1e-4))
        elif n % 4 == 1:
            middle = (south + north) / 2
            line = ((west - 1e-4, middle), (east + 1e-4, middle))
            yield ops.Split(level, code, line, (f"{code}-2",))
        elif n % 4 == 2 and beside:
            yield ops.Merge(level, (code, beside[0]), beside[0])
        elif beside:
            to = state.area(level, beside[-1]).parent_code
            if to is not None:
                yield ops.Reassign(level, (code,), to)


@pytest.mark.parametrize("city", ["hangzhou_xiacheng"])
def test_an_impact_in_a_real_district(conn: Connection, tmp_path: Path, city: str) -> None:
    levels = real_levels(city)
    fill(conn, tmp_path, levels)
    drafts.create(conn, "d", actor="a")
    done: list[str] = []
    for operation in wanted(levels):
        try:
            with conn.begin_nested():
                editing.edit(conn, "d", [operation], border_m=0.05, actor="a")
        except EditError:
            continue
        done.append(operation.op)
        if len(done) in (1, 40):
            found = DraftImpact(conn, "d", ASKED).measured()
            compare(conn, "d", found)
        if len(done) == 40:
            break
    assert len(set(done)) == 4
    assert found.moving > 10
