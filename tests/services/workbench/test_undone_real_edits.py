"""Edits of real districts, rows among them, undone to the beginning and done again."""

from datetime import UTC, datetime

import numpy as np
import pytest
from shapely.geometry import mapping
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import Level
from gridmgmt.errors import GridMgmtError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.store.areas import draft_records
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.areas.levels import store_levels
from tests.factories import make_edition
from tests.geometry.editing.real import LAYERS, real_levels
from tests.geometry.merging.two_sides import any_operation
from tests.services.workbench.test_open_drafts import held

EDITS = 12


def operation_on(
    state: EditState, around: list[str], n: int, draw: np.random.Generator
) -> editing.AnyOperation | None:
    level = state.levels[-1]
    live = [one for one in around if state.get(level, one)]
    code = live[draw.integers(len(live))]
    match draw.integers(6):
        case 0:
            shape = mapping(state.area(level, code).shape)
            return rows.SetZone(f"Z{n}", "早市", "vendor", geometry=shape)
        case 1:
            return rows.SetGroupMember("G1", code, level=level, kind="beat", name="一组")
        case 2:
            return ops.Retire(level, code)
    return any_operation(state, around, draw)


@pytest.mark.proof
@pytest.mark.parametrize("city", LAYERS)
def test_any_edits_of_a_real_district_are_undone_and_redone(
    conn: Connection, city: str
) -> None:
    levels = real_levels(city)
    names = [one.level for one in levels]
    store_levels(conn, [Level(name, n, name, name) for n, name in enumerate(names)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    make_edition(conn, {one.level: one for one in levels}, effective_from=start)
    drafts.create(conn, "d", actor="li")

    def now() -> tuple[object, ...]:
        draft = get_draft(conn, "d")
        records = draft_records.read_records(conn, draft.id)
        return held(opened(conn, draft).state), records, changes_digest(conn, draft.id)

    draw = np.random.default_rng(3)
    state = opened(conn, get_draft(conn, "d")).state
    codes = sorted(state.codes(names[-1]))
    middle = state.area(names[-1], codes[draw.integers(len(codes))])
    around = [one.code for one in state.near(names[-1], middle.box)]
    states = [now()]
    for n in range(10 * EDITS):
        state = opened(conn, get_draft(conn, "d")).state
        one = operation_on(state, around, n, draw)
        try:
            if one is not None and len(states) <= EDITS:
                with conn.begin_nested():
                    editing.edit(conn, "d", [one], border_m=0.05, actor="li")
                states.append(now())
        except GridMgmtError:
            continue
    assert len(states) > EDITS
    for before in reversed(states[:-1]):
        editing.undo(conn, "d", actor="wang")
        assert now() == before
    for after in states[1:]:
        editing.redo(conn, "d", actor="wang")
        assert now() == after
