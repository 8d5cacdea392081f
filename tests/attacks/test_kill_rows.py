"""Edits and publications with rows beside the areas, killed anywhere: all of it or nothing."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.cli import run
from gridmgmt.services.drafts import drafts
from gridmgmt.services.responsibility.duties import list_duties
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.zones import list_zones
from gridmgmt.store.schema import metadata
from tests.attacks.test_kill_database_amid_edits import Server
from tests.attacks.test_kill_publication import COMMIT
from tests.killing import Point, run_until_killed
from tests.services.answering import make_city
from tests.services.draft_records.test_duties_in_drafts import A1, bring
from tests.services.draft_records.test_rows_in_drafts import bring_zone

RECORDS = "gridmgmt.services.draft_records.publication"
STORE = "gridmgmt.store"
EDIT = [
    Point(f"{STORE}.areas.draft_edits:add_entry", 1, "after"),
    Point(f"{STORE}.areas.draft_records:put_records", 1, "before"),
    Point(f"{STORE}.areas.draft_records:put_records", 1, "after"),
    Point(f"{STORE}.accounts.audit:record", 1, "after"),
    Point(COMMIT, 1, "before"),
]
PUBLICATION = [
    Point(f"{RECORDS}:DraftPublication.store", 1, "before"),
    Point("gridmgmt.services.drafts.publishing:open_areas", 1, "after"),
    Point(f"{RECORDS}:DraftPublication.store", 1, "after"),
    Point("gridmgmt.store.areas.drafts:mark_published", 1, "before"),
    Point(COMMIT, 1, "before"),
]
LINES: list[dict[str, object]] = [
    {"op": "rename", "level": "cell", "code": "A1", "name": "东"},
    {
        "op": "set_duty",
        "responder_code": "S2",
        "role": "dispose",
        "target": "area",
        "target_code": "A2",
        "level": "cell",
        "categories": "E1",
    },
    {
        "op": "set_group_member",
        "group_code": "G2",
        "area_code": "A2",
        "kind": "beat",
        "name": "二组",
    },
    {"op": "end_zone", "code": "Z1"},
]
PUBLISH = ("draft", "publish", "d", "--effective-from", "2099-03-01", "--commit")


def held(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table, moments of changes and all."""
    with engine.connect() as conn:
        return {
            table.name: sorted(
                conn.execute(sa.text(f"SELECT t::text FROM {table.name} t")).scalars()
            )
            for table in metadata.sorted_tables
        }


@pytest.fixture
def drafted(engine: Engine, tmp_path: Path) -> Engine:
    with engine.begin() as conn:
        draft_of(conn, tmp_path)
    return engine


def draft_of(conn: Connection, folder: Path) -> None:
    make_city(conn)
    bring_zone(conn, folder)
    bring(conn, folder, A1)
    drafts.create(conn, "d", actor="li")


def edit_of(folder: Path) -> tuple[str, ...]:
    file = folder / "ops.jsonl"
    file.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    return "draft", "edit", "d", str(file), "--commit"


def test_edits_and_publications_of_rows_are_whole_or_not_there(
    drafted: Engine, settings: Settings, tmp_path: Path
) -> None:
    for points, command in ((EDIT, edit_of(tmp_path)), (PUBLICATION, PUBLISH)):
        before = held(drafted)
        for point in points:
            run_until_killed(settings, tmp_path, point, *command)
            assert held(drafted) == before, point
        run_until_killed(settings, tmp_path, Point(COMMIT, 1, "after"), *command)
        kept = held(drafted)
        assert kept != before
    # What was acknowledged is whole: publishing again changes nothing.
    assert run([*PUBLISH], settings) == 5
    assert held(drafted) == kept
    with drafted.connect() as conn:
        [zone], _ = list_zones(conn)
        assert str(zone.valid_to) == "2099-02-28"
        assert [one.target_code for one in list_duties(conn)] == ["A1", "A2"]


def test_rows_are_whole_or_not_there_where_the_server_dies(home: Path, tmp_path: Path) -> None:
    server = Server(home)
    server.fill(lambda conn: draft_of(conn, tmp_path))
    assert server.settings.database_url is not None
    commands = (edit_of(tmp_path), EDIT[2]), (PUBLISH, PUBLICATION[2])
    for command, point in commands:
        before = all_rows(server.settings.database_url)
        for at in (point, Point(COMMIT, 1, "before")):
            assert server.dies_at(at, tmp_path, *command) != 0, at
            assert all_rows(server.settings.database_url) == before, at
        # What the server has acknowledged is there when it comes back.
        server.dies_at(Point(COMMIT, 1, "after"), tmp_path, *command)
        kept = all_rows(server.settings.database_url)
        assert kept["audit_log"] != before["audit_log"]
    assert kept["duties"] != before["duties"]
    assert server.run(*PUBLISH) == 5
    assert all_rows(server.settings.database_url) == kept


def all_rows(url: str) -> dict[str, list[str]]:
    engine = make_engine(url)
    try:
        return held(engine)
    finally:
        engine.dispose()
