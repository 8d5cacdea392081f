"""Imports that are killed at some point and typed again: nothing doubled, nothing lost."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.cli import run
from gridmgmt.services.case_imports import imports
from gridmgmt.settings import Settings
from tests.killing import Point, run_until_killed
from tests.services.answering import make_city
from tests.services.case_city import A1, A2, B1, FAR_AWAY, case_file, give_duties, row

pytestmark = pytest.mark.proof

STEP = 60

# Where, at which call, and how far the import had come for good by then (rows of the file).
IMPORTS = "gridmgmt.services.case_imports.imports"
POINTS = [
    ("sqlalchemy.engine:Connection.commit", 1, "before", 0),
    (f"{IMPORTS}:ChunkJudge.judge", 2, "after", 0),
    (f"{IMPORTS}:store", 1, "after", 0),
    ("sqlalchemy.engine:Connection.commit", 2, "before", 0),
    ("sqlalchemy.engine:Connection.commit", 2, "after", 1),
    (f"{IMPORTS}:store", 3, "after", 2),
    (f"{IMPORTS}:_Intake._note", 4, "after", 1),
    (f"{IMPORTS}:_Intake._finish", 1, "after", 4),
]

HELD = {
    "cases": "SELECT * FROM cases ORDER BY case_no",
    # An update happened when it was taken in, which is never twice the same moment.
    "events": "SELECT case_no, seq, kind, actor, detail, CASE WHEN kind NOT IN ('updated',"
    " 'rerouted') THEN happened_at END FROM case_events ORDER BY case_no, seq",
    "categories": "SELECT * FROM categories ORDER BY code",
    "audit": "SELECT actor, action, subject, detail FROM audit_log ORDER BY id",
    "rejected": "SELECT * FROM case_import_rejects",
    "unfinished": "SELECT * FROM case_import_runs",
}


class Desk:
    """Takes in files as a person would, and can have everything forgotten again."""

    def __init__(self, engine: Engine, folder: Path, capsys: pytest.CaptureFixture[str]):
        self.engine = engine
        self.folder = folder
        self.capsys = capsys
        self.url = engine.url.set(drivername="postgresql").render_as_string(False)
        self.settings = Settings(home=folder, database_url=self.url, actor="a")

    def take_in(self, path: Path, *options: str) -> tuple[dict[str, object], str]:
        command = ["case", "import", str(path), "--commit", "--json", "--step", str(STEP)]
        rejects = ["--rejects", str(self.folder / "rejects.csv")]
        assert run([*command, *rejects, *options], self.settings) == 0
        said = self.capsys.readouterr()
        return json.loads(said.out), said.err

    def kill(self, path: Path, where: str, nth: int, when: str, *options: str) -> None:
        command = ["case", "import", str(path), "--commit", "--step", str(STEP), *options]
        point = Point(where, nth, when)
        run_until_killed(self.settings, self.folder, point, *command)

    @property
    def held(self) -> dict[str, list[tuple[object, ...]]]:
        with self.engine.connect() as conn:
            return {
                name: [tuple(one) for one in conn.execute(sa.text(query))]
                for name, query in HELD.items()
            }

    @property
    def steps_done(self) -> int:
        query = "SELECT coalesce(max(row_done), 0) FROM case_import_runs"
        with self.engine.connect() as conn:
            return int(conn.execute(sa.text(query)).scalar_one()) // STEP

    def forget(self) -> None:
        with self.engine.begin() as conn:
            conn.execute(sa.text("ALTER TABLE case_events DISABLE TRIGGER append_only"))
            conn.execute(
                sa.text(
                    "TRUNCATE cases, case_events, case_leaves, sent_reports,"
                    " case_import_rejects, case_import_runs"
                )
            )
            conn.execute(sa.text("ALTER TABLE case_events ENABLE TRIGGER append_only"))
            conn.execute(sa.text("ALTER TABLE audit_log DISABLE TRIGGER append_only"))
            conn.execute(sa.text("TRUNCATE audit_log"))
            conn.execute(sa.text("ALTER TABLE audit_log ENABLE TRIGGER append_only"))
            conn.execute(sa.text("DELETE FROM categories WHERE code = '新类'"))


@pytest.fixture
def desk(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
    return Desk(engine, tmp_path, capsys)


def many(folder: Path) -> Path:
    """300 rows of all kinds: unfit ones, repeats far apart, unknown categories, outside."""
    rows = [
        row(
            f"C{k}",
            [A1, A2, B1, FAR_AWAY, None, (A1[0], 95.0)][k % 6 if k % 7 else 0],
            category="新类" if k % 50 == 3 else "E1",
            reported_at="2026-03-02 09:30" if k % 41 else "someday",
            disposed_at="2026-03-03" if k % 3 else "",
            closed_at="2026-03-01" if k % 30 == 1 else "",
            description=f"a\\b {k}",
        )
        for k in range(280)
    ]
    repeated = [rows[7], {**rows[8], "category": "E2"}, rows[9], rows[250], rows[7]]
    return case_file(folder, [*rows[:150], *repeated, *rows[150:], *repeated, *rows[1:11]])


def updated(folder: Path) -> Path:
    """The same cases with other places, words and ends, and some that are new."""
    rows = [
        row(
            f"C{k}",
            B1 if k % 4 == 0 else A1,
            disposed_at="2026-03-03" if k % 3 or k % 5 == 0 else "",
            description=f"c {k}",
        )
        for k in range(295)
    ]
    return case_file(folder, rows, "again.csv")


def test_an_import_killed_anywhere_and_typed_again_ends_as_if_it_had_not_been(
    desk: Desk, tmp_path: Path
) -> None:
    path = many(tmp_path)
    report, said = desk.take_in(path)
    assert "goes on" not in said
    assert (report["rows"], report["new"]) == (300, 234)
    rejects = (tmp_path / "rejects.csv").read_bytes()
    held = desk.held
    for where, nth, when, steps in POINTS:
        desk.forget()
        desk.kill(path, where, nth, when)
        assert desk.steps_done == steps, (where, nth, when)
        told = [(entry[1], entry[3]) for entry in desk.held["audit"]]
        assert told == [("begin_import_cases", {"rows": 300})] * bool(steps), (where, nth, when)
        again, said = desk.take_in(path)
        assert ("goes on after row" in said) == (steps > 0), (where, nth, when)
        assert again == report, (where, nth, when)
        assert (tmp_path / "rejects.csv").read_bytes() == rejects, (where, nth, when)
        assert desk.held == held, (where, nth, when)


def test_an_update_killed_and_typed_again_ends_as_if_it_had_not_been(
    desk: Desk, tmp_path: Path
) -> None:
    first, path, option = many(tmp_path), updated(tmp_path), "--on-existing=update"
    desk.take_in(first)
    report, _ = desk.take_in(path, option)
    assert report["updated"] == 234
    held = desk.held
    for where, nth, when, steps in (POINTS[2], POINTS[4], POINTS[-1]):
        desk.forget()
        desk.take_in(first)
        desk.kill(path, where, nth, when, option)
        again, _ = desk.take_in(path, option)
        assert (again, desk.held) == (report, held), (where, nth, when, steps)


def test_another_file_other_options_or_another_person_begin_anew(
    desk: Desk, tmp_path: Path
) -> None:
    path = many(tmp_path)
    report, _ = desk.take_in(path)
    desk.forget()
    desk.kill(path, f"{IMPORTS}:store", 3, "before")
    text = path.read_text("utf-8")
    path.write_text(text + "C999,E1,2026-03-02 09:30,120.1525,30.2525,,,x\n", "utf-8")
    grown, said = desk.take_in(path)
    assert "goes on" not in said
    assert grown["unchanged"] == 101
    assert grown["new"] == report["new"] - grown["unchanged"] + 1
    path.write_text(text, "utf-8")
    known, said = desk.take_in(path, "--crs", "EPSG:4490")
    assert "goes on" not in said
    assert known["new"] == 0
    _, said = desk.take_in(path)
    assert "goes on after row 121" in said


def test_a_stop_by_hand_says_how_to_go_on(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def stopped(*args: object) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        store(*args)

    store = imports.store
    monkeypatch.setattr(imports, "store", stopped)
    path = many(tmp_path)
    command = ["case", "import", str(path), "--commit", "--step", str(STEP)]
    assert run(command, desk.settings) == 130
    said = desk.capsys.readouterr().err
    assert "stored as far as row 121 of 300; type the same command again to go on" in said
    monkeypatch.undo()
    report, said = desk.take_in(path)
    assert report["new"] == 234
    assert "goes on after row 121" in said
