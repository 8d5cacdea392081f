"""Officers who edit one draft at once, and processes that die amid an edit."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import editing, open_drafts
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.settings import Settings
from gridmgmt.store.areas.drafts import get_draft
from tests.factories import make_edition
from tests.geometry.editing.cities import city, city_levels
from tests.geometry.editing.test_edits import FOUR, corner
from tests.killing import Point, run_until_killed
from tests.services.workbench.test_open_drafts import held


@pytest.fixture
def drafted(engine: Engine) -> Engine:
    with engine.begin() as conn:
        make_edition(conn, {areas.level: areas for areas in city_levels()})
        drafts.create(conn, "d", actor="a")
    return engine


def start(url: str, *args: object, actor: str = "a") -> subprocess.Popen[str]:
    command = "from gridmgmt.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", command, "draft", *map(str, args), "--commit"],
        env={**os.environ, "GRIDMGMT_DATABASE_URL": url, "GRIDMGMT_ACTOR": actor},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def moves(path: Path, east: float, times: int = 1) -> Path:
    """Write operations that move one vertex back and forth, and in the end to the east."""
    lon, lat = corner(city(), FOUR)
    places = [lon, *(lon + east if n % 2 else lon - east for n in range(times)), lon + east]
    lines = [
        json.dumps({"op": "move_vertex", "level": "cell", "at": [a, lat], "to": [b, lat]})
        for a, b in pairwise(places)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_everybody_s_edits_are_kept_one_after_the_other(
    drafted: Engine, database_url: str, tmp_path: Path
) -> None:
    files = []
    for n, code in enumerate(("S0C0N00", "S0C0N01", "S1C1N10", "S1C1N11")):
        line = {"op": "rename", "level": "cell", "code": code, "name": f"第{n}格"}
        files.append(tmp_path / f"{n}.jsonl")
        files[-1].write_text(json.dumps(line), encoding="utf-8")
    running = [
        start(database_url, "edit", "d", one, actor=f"o{n}") for n, one in enumerate(files)
    ]
    told = [one.communicate(timeout=60) for one in running]
    assert [one.returncode for one in running] == [0] * 4, told
    with drafted.connect() as conn:
        log = editing.history(conn, "d")
        state = opened(conn, get_draft(conn, "d")).state
    assert [one.number for one in log] == [1, 2, 3, 4]
    assert {one.made_by for one in log} == {"o0", "o1", "o2", "o3"}
    assert state.area("cell", "S1C1N11").name == "第3格"


STORE = "gridmgmt.store"
POINTS = [
    Point(f"{STORE}.areas.draft_edits:{name}", nth, when)
    for name, nth in (("add_entry", 1), ("add_entry", 3), ("add_areas", 1), ("add_areas", 9))
    for when in ("before", "after")
]
POINTS += [Point(f"{STORE}.accounts.audit:record", 1, when) for when in ("before", "after")]


@pytest.mark.proof
def test_a_process_that_is_killed_amid_an_edit_leaves_the_old_state(
    drafted: Engine, settings: Settings, tmp_path: Path
) -> None:
    file = moves(tmp_path / "ops.jsonl", 1e-4, times=3)
    with drafted.connect() as conn:
        old = held(opened(conn, get_draft(conn, "d")).state)
    for point in POINTS:
        run_until_killed(settings, tmp_path, point, "draft", "edit", "d", str(file), "--commit")
        open_drafts._drafts.clear()
        with drafted.connect() as conn:
            assert held(opened(conn, get_draft(conn, "d")).state) == old, point
            assert editing.history(conn, "d") == []
