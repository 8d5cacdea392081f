"""The database server is killed amid an edit or a publication: the old state or the new one."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.cli import run
from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import editing, open_drafts
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.settings import Settings
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.engine import make_engine
from tests.attacks.test_kill_publication import COMMAND, COMMIT, HELD, Held, held, published
from tests.attacks.test_kill_publication import POINTS as PUBLICATION
from tests.factories import make_draft, make_edition
from tests.geometry.editing.cities import city_levels
from tests.killing import Point, environment, run_while_server_dies, strike
from tests.services.drafts.test_publishing import merged_a1_a2
from tests.services.workbench.test_edits_at_once import POINTS as EDIT
from tests.services.workbench.test_edits_at_once import moves
from tests.services.workbench.test_open_drafts import State
from tests.services.workbench.test_open_drafts import held as areas_of
from tests.streets import two_streets


class Server:
    """A durable cluster that is killed and started again, and what its database holds."""

    def __init__(self, home: Path) -> None:
        self._cluster = Cluster(home)
        url = self._cluster.url("gridmgmt")
        self.settings = Settings(home=home, database_url=url, actor="tester")

    def fill(self, make: Callable[[Connection], object]) -> None:
        assert self.settings.database_url is not None
        engine = make_engine(self.settings.database_url)
        with engine.begin() as conn:
            make(conn)
        engine.dispose()

    def dies_at(self, point: Point, folder: Path, *command: str) -> int:
        """Run a command whose server dies at a point and comes back; return its exit code."""
        done = run_while_server_dies(self.settings, folder, point, self.pid(), *command)
        assert "Traceback" not in done.stderr, done.stderr
        self.comes_back()
        return done.returncode

    def pid(self) -> int:
        found = self._cluster.status().pid
        assert found is not None
        return found

    def comes_back(self) -> None:
        assert self._cluster.status().state != "running"
        self._cluster.up()

    def edited(self) -> tuple[State, list[str]]:
        """Return the areas of draft d by its changes, and the operations of its log."""
        assert self.settings.database_url is not None
        open_drafts._drafts.clear()
        engine = make_engine(self.settings.database_url)
        with engine.connect() as conn:
            areas = areas_of(opened(conn, get_draft(conn, "d")).state)
            log = [one.operation for one in editing.history(conn, "d")]
        engine.dispose()
        return areas, log

    def held(self) -> Held:
        assert self.settings.database_url is not None
        engine = make_engine(self.settings.database_url)
        try:
            return held(engine)
        finally:
            engine.dispose()

    def run(self, *command: object) -> int:
        return run([str(one) for one in command], self.settings)


@pytest.fixture
def server(home: Path) -> Server:
    return Server(home)


def drawn_city(conn: Connection) -> None:
    make_edition(conn, {areas.level: areas for areas in city_levels()})
    drafts.create(conn, "d", actor="a")


def test_an_edit_whose_server_dies_is_whole_or_not_there(
    server: Server, tmp_path: Path
) -> None:
    server.fill(drawn_city)
    file = moves(tmp_path / "ops.jsonl", 1e-4, times=3)
    edit = ("draft", "edit", "d", str(file), "--commit")
    old = server.edited()
    for point in [*EDIT, Point(COMMIT, 1, "before")]:
        assert server.dies_at(point, tmp_path, *edit) != 0, point
        assert server.edited() == old, point
    # What the server has acknowledged is there when it comes back.
    server.dies_at(Point(COMMIT, 1, "after"), tmp_path, *edit)
    areas, log = server.edited()
    assert log == ["move_vertex"] * 4
    assert areas != old[0]
    server.run("draft", "undo", "d", "--commit")
    undone = server.edited()
    for point in (EDIT[0], Point(COMMIT, 1, "before")):
        redo = server.dies_at(point, tmp_path, "draft", "redo", "d", "--commit")
        assert redo != 0, point
        assert server.edited() == undone, point
    assert server.run("draft", "redo", "d", "--commit") == 0
    assert server.edited()[0] == areas


def test_a_server_that_dies_at_any_moment_of_an_edit_keeps_all_of_it_or_nothing(
    server: Server, tmp_path: Path
) -> None:
    server.fill(drawn_city)
    codes = sorted(str(code) for code in city_levels()[2].codes)
    chosen, whole = random.Random(4), 0
    for turn in range(8):
        lines = [
            {"op": "rename", "level": "cell", "code": code, "name": f"第{turn}轮"}
            for code in codes
        ]
        file = tmp_path / "names.jsonl"
        file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        old, log = server.edited()
        process = subprocess.Popen(
            [sys.executable, "-m", "gridmgmt", "draft", "edit", "d", str(file), "--commit"],
            env=environment(server.settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chosen.uniform(0.5, 3.0))
        strike(server.pid())
        acknowledged = process.wait(30) == 0
        server.comes_back()
        new, longer = server.edited()
        cells = {name for (level, _), (name, *_) in new.items() if level == "cell"}
        if longer == log:
            assert new == old
            assert not acknowledged
        else:
            whole += 1
            assert longer == [*log, *["rename"] * len(codes)]
            assert cells == {f"第{turn}轮"}
    print(f"{whole} of 8 edits came before their server died")  # noqa: T201


def test_a_publication_whose_server_dies_leaves_the_draft_and_no_edition(
    server: Server, tmp_path: Path
) -> None:
    def drafted(conn: Connection) -> None:
        make_edition(conn, two_streets())
        make_draft(conn, "second", [merged_a1_a2()])

    server.fill(drafted)
    before = server.held()
    for point in PUBLICATION:
        assert server.dies_at(point, tmp_path, *COMMAND) != 0, point
        assert server.held() == before, point
    server.dies_at(Point(COMMIT, 1, "after"), tmp_path, *COMMAND)
    assert server.settings.database_url is not None
    engine = make_engine(server.settings.database_url)
    published(engine, before)
    engine.dispose()
    assert server.run(*COMMAND) == 5
    assert set(server.held()) == set(HELD)
