"""Conflicts with publications and repairs through the API."""

from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from sqlalchemy.engine import Engine

from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.operation_files import read_operations
from gridmgmt.store.areas.drafts import get_draft, read_changes
from tests.factories import make_draft, make_level, square
from tests.geometry.editing.cities import BORDER_M
from tests.geometry.editing.test_edits import FOUR, corner
from tests.web.test_api import Program
from tests.web.test_api_drafts import edit, move, officers

__all__ = ["officers"]

LABEL = "2026 修编"


def publish_another(engine: Engine, *operations: Any) -> None:
    with engine.begin() as conn:
        drafts.create(conn, "another", actor="b")
        editing.edit(conn, "another", read_operations(operations), border_m=BORDER_M, actor="b")
        publish(conn, "another", datetime(2099, 1, 1, tzinfo=UTC), actor="b")


def test_conflicts_are_values_and_are_settled(
    officers: tuple[Program, Program], engine: Engine
) -> None:
    program, _ = officers
    rebase = f"/drafts/{LABEL}/rebase"
    assert program.get(rebase).json == {"onto": None, "conflicts": [], "worse": None}
    assert edit(program, move(east=-2e-6)).status_code == 201
    publish_another(engine, move(east=3e-6))
    told = program.get(rebase).json
    assert told["onto"] == 2
    cells = [one for one in told["conflicts"] if one["level"] == "cell"]
    assert [one["matter"] for one in cells] == ["border"]
    lon, lat = move()["at"]
    for side, east in (("base", 0.0), ("mine", -2e-6), ("theirs", 3e-6)):
        line = shapely.geometry.shape(cells[0][side])
        assert shapely.distance(line, shapely.Point(lon + east, lat)) < 1e-9
    assert "edition 2 (another), published by b on " in cells[0]["by"]
    refused = program.post(rebase, None)
    assert refused.status_code == 409
    assert "was redrawn by both" in refused.get_data(as_text=True)
    done = program.post(f"{rebase}?take=mine", None)
    assert done.status_code == 200, done.get_data(as_text=True)
    assert done.json["onto"] == 2
    with engine.connect() as conn:
        draft = get_draft(conn, LABEL)
        state = drafts.state_of(conn, draft.base_edition, read_changes(conn, draft.id))
    assert draft.base_edition == 2
    place = corner(EditState.of(list(state.values())), FOUR)
    assert place == pytest.approx((lon - 2e-6, lat), abs=1e-9)


def test_repairs_are_operations_that_can_be_sent_back(
    officers: tuple[Program, Program], engine: Engine
) -> None:
    program, _ = officers
    assert program.get(f"/drafts/{LABEL}/repairs").json == {
        "problems": 0,
        "repairs": [],
        "left": [],
    }
    with engine.begin() as conn:
        # B takes a tenth of A's ground.
        rows = {"A": square(0, 0), "B": square(0.9, 0, 1.1)}
        make_draft(conn, "overlap", [make_level("district", rows)])
    told = program.get("/drafts/overlap/repairs").json
    assert told["problems"] > 0
    operations = [one["operation"] for one in told["repairs"]]
    assert [one["op"] for one in operations] == ["trim"]
    assert told["repairs"][0]["moved_m2"] > 1
    edits = "/drafts/overlap/edits"
    assert program.post(edits, {"operations": operations}).status_code == 201
    left = program.get("/drafts/overlap/repairs").json
    assert (left["problems"], left["repairs"]) == (len(told["left"]), [])
