"""Every named statement: said what it does, used, understood by PostgreSQL, and its answer."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action
from gridmgmt.domain.cases.case import CaseEvent, CaseEventKind
from gridmgmt.geometry.coverage.changes import LevelChanges, pick
from gridmgmt.services.cases.default_positions import accept
from gridmgmt.store.areas.drafts import add_draft, get_draft, replace_changes
from gridmgmt.store.geometries import ewkb
from gridmgmt.store.jobs import queue_job
from gridmgmt.store.schema import case_events, case_leaves
from gridmgmt.store.statements import statement
from tests.factories import make_edition, square, two_streets
from tests.services.answering import make_city, objects
from tests.services.case_city import (
    A1,
    B1,
    BETWEEN_A1_AND_A2,
    FAR_AWAY,
    NOW,
    TEN_METRES_WEST,
    case_file,
    give_duties,
    row,
    take_in,
)

SPRING = datetime(2026, 3, 1, tzinfo=UTC)
PROGRAM = Path(__file__).parents[2] / "gridmgmt"
GOLDEN = Path(__file__).parent / "golden"
NAMED = {
    name: path.name
    for path in sorted((PROGRAM / "store" / "sql").rglob("*.sql"))
    for name in re.findall(r"^-- name: (\w+)$", path.read_text("utf-8"), re.MULTILINE)
}
WRITES = re.compile(
    r"\b(INSERT INTO|UPDATE|DELETE FROM|SET CONSTRAINTS|pg_advisory_\w+"
    r"|procrastinate_defer\w+)\b"
)

# What each statement that only reads is asked of the district, and so which answer is golden.
READINGS: dict[str, dict[str, Any]] = {
    "known_areas": {},
    "used_attribute_values": {},
    "areas_content": {"edition": 2, "level": "cell"},
    "areas_in": {"edition": 2, "level": None},
    "area_parents": {"edition": 2},
    "area_counts": {"edition": 2},
    "area_names": {"edition": 1, "levels": ["street", "cell"], "codes": ["A", "A1"]},
    "area_tree": {
        "edition": 2,
        "top_level": "street",
        "top_code": "B",
        "level": None,
        "parent_level": None,
        "parent_code": None,
        "words": "b",
        "after_rank": None,
        "after_code": None,
        "most": 3,
    },
    "areas_meant": {"edition": 2, "text": "西湖 a1", "words": ["西湖", "a1"], "most": 3},
    "area_tree_counts": {"edition": 2, "top_level": "street", "top_code": "B"},
    "area_chain": {"edition": 2, "level": "cell", "code": "A1"},
    "area_neighbours": {"edition": 2, "level": "cell", "code": "A1", "reach_deg": 1e-5},
    "area_shapes": {"edition": 1, "level": "cell", "codes": ["A1", "Z"]},
    "ended_areas": {"edition": 2, "level": "cell", "codes": ["A1", "A2", "Z"]},
    "area_versions": {"level": "cell", "code": "A1"},
    "areas_meeting": {"edition": 2, "other": 1, "level": "street", "codes": ["A"]},
    "areas_only_in": {"edition": 2, "other": 1},
    "areas_near": {"edition": 2, "level": "cell", "boxes": ewkb(objects(square(0.4, 0.1)))},
    "extent_without": {"edition": 2, "level": "cell", "codes": ["A1", "A3"]},
    "edition_change_counts": {"first": 1, "second": 2, "levels": None, "codes": None},
    "edition_changes": {
        "first": 1,
        "second": 2,
        "level": "cell",
        "action": None,
        "codes": None,
        "words": None,
        "after": None,
        "most": 10,
    },
    "leaves_within": {"level": "street", "code": "A", "edition": 2},
    "stored_tables": {},
    "lost_jobs": {"task": "gridmgmt.run_job", "lock_class": 1, "silent_s": 60.0},
    "count_places": {},
    "list_channels": {"most": 2},
    "count_by_responder": {},
    "cases_alike": {
        "case_nos": ["C4", "C5"],
        "metres": 600.0,
        "hours": 24.0,
        "only_earlier": False,
    },
    "count_default_cases": {},
    "leaf_levels": {},
    "area_spans": {"editions": [2, 2], "levels": ["cell", "cell"], "codes": ["A1", "A2"]},
    "positions_near": {"boxes": ewkb(objects(square(0.4, 0.1))), "since": SPRING},
    "uncertain_positions": {
        "extent": ewkb(objects(square(0.4, 0.1)))[0],
        "m_per_degree": 96_000.0,
        "since": SPRING,
    },
    "shown_cases": {"case_nos": ["C1", "C2", "C4"], "edition": 2},
    "cases_without_leaf": {"edition": 1, "leaf_level": "cell"},
    "bounced_cases": {"since": None, "until": NOW + timedelta(days=1), "reach_m": 30.0},
    "sum_demolitions": {
        "first": date(2026, 3, 1),
        "last": date(2026, 3, 31),
        "level": "street",
        "code": "A",
    },
    "map_areas": {"edition": 2},
    "map_demolitions": {
        "first": date(2026, 3, 1),
        "last": date(2026, 3, 31),
        "edition": 2,
        "level": "street",
        "code": "A",
    },
    "demolitions_by_area": {
        "first": date(2026, 3, 1),
        "last": date(2026, 3, 31),
        "edition": 2,
        "level": "cell",
    },
    "search_areas": {"edition": 2, "words": "a", "levels": None, "codes": None, "most": 3},
    "search_road_segments": {
        "words": "r",
        "edition": 2,
        "level": "street",
        "code": "A",
        "most": 10,
    },
    "search_demolitions": {
        "words": "d",
        "edition": None,
        "level": None,
        "code": None,
        "most": 10,
    },
    "read_changes": {"draft_id": "split A1"},
    "changes_digest": {"draft_id": "split A1"},
    "locate": {
        "lon": BETWEEN_A1_AND_A2[0],
        "lat": BETWEEN_A1_AND_A2[1],
        "edition": 1,
        "level": "cell",
        "candidate_m": 1.0,
        "snap_m": 30.0,
    },
}


def header(name: str) -> str:
    return "\n".join(
        line for line in str(statement(name)).splitlines() if line.startswith("--")
    )


def body(name: str) -> str:
    return re.sub(r"--.*", "", str(statement(name)))


def binds(name: str) -> list[str]:
    return list(statement(name).compile().params)


@pytest.mark.parametrize("name", NAMED)
def test_a_statement_says_what_it_does_takes_and_gives(name: str) -> None:
    said = header(name)
    assert re.match(r"-- [A-Z]", said), "the first line says what it does"
    assert re.search(r"^-- out: +\S", said, re.MULTILINE)
    assert bool(re.search(r"^-- in: +\S", said, re.MULTILINE)) == bool(binds(name))
    missing = [bind for bind in binds(name) if not re.search(rf":{bind}\b", said)]
    assert missing == []


@pytest.mark.parametrize("name", NAMED)
def test_a_statement_is_used_by_the_program(name: str) -> None:
    used = f'statement("{name}")'
    assert any(used in path.read_text("utf-8") for path in PROGRAM.rglob("*.py"))


@pytest.mark.parametrize("name", NAMED)
def test_postgresql_understands_a_statement(conn: Connection, name: str) -> None:
    explained = "" if "SET CONSTRAINTS" in body(name) else "EXPLAIN "
    conn.execute(sa.text(explained + body(name)), dict.fromkeys(binds(name)))


@pytest.mark.parametrize("name", NAMED)
def test_a_cast_is_written_so_that_the_value_is_seen(name: str) -> None:
    assert not re.search(r":\w+::", body(name))


def test_every_statement_that_only_reads_has_a_golden_answer() -> None:
    assert {name for name in NAMED if not WRITES.search(body(name))} == set(READINGS)
    assert {path.stem for path in GOLDEN.glob("*.csv")} == set(READINGS)


@pytest.fixture
def district(conn: Connection, tmp_path: Path) -> Connection:
    """Two editions of two streets, those who answer there, seven cases and an open draft."""
    make_city(conn)
    give_duties(conn)
    second = two_streets()
    second["cell"].names[0] = "西湖一格"
    second["cell"] = pick(second["cell"], second["cell"].codes[:-1])
    second["cell"].attributes[0] = {"land_use": "居住", "grade": 2}
    make_edition(conn, second)
    rows = [
        row(
            "C1",
            A1,
            due_at="2026-03-05",
            disposed_at="2026-03-04",
            closed_at="2026-03-06",
            channel="热线",
        ),
        row("C2", B1, due_at="2026-03-05", disposed_at="2026-03-07", channel="巡查"),
        row("C3", A1, reported_at="2026-01-01 12:00", due_at="2026-03-09"),
        row("C4", BETWEEN_A1_AND_A2, due_at="2026-03-20", channel="热线"),
        row("C5", TEN_METRES_WEST),
        row("C6", FAR_AWAY, category="E2"),
        row("C7", None, category="X1"),
    ]
    take_in(conn, case_file(tmp_path, rows))
    add_draft(conn, "split A1", 2, "a test")
    draft = get_draft(conn, "split A1").id
    changes = LevelChanges(
        "cell",
        actions=objects(Action.ALTER, Action.DROP, Action.ADD),
        codes=objects("A1", "A2", "A5"),
        names=objects("A1", None, "新格"),
        parent_codes=objects("A", None, "A"),
        geoms=objects(square(0, 0, 0.5, 0.25), None, square(0, 0.25, 0.5, 0.25)),
    )
    replace_changes(conn, draft, changes, [None, None, "cells.shp:cells 5"], instead_of=None)
    leave_jobs(conn)
    leave_bounces(conn)
    # As an older program left them.
    conn.execute(case_leaves.delete().where(case_leaves.c.edition == 1))
    return conn


def leave_bounces(conn: Connection) -> None:
    """Leave bounces of a case on a border, of one near none, and of one that lies nowhere."""
    for no, code, lonlat, duties in (
        ("C4", "A1", list(BETWEEN_A1_AND_A2), [1, 2]),
        ("C5", "A1", list(TEN_METRES_WEST), []),
        ("C7", None, None, []),
    ):
        place = {"edition": 1, "level": code and "cell", "area": code, "responder": "S1"}
        detail = {"from": place, "suggested": "S2", "lonlat": lonlat, "duties": duties}
        event = CaseEvent(no, 9, CaseEventKind.BOUNCED, NOW, "wang", detail)
        conn.execute(case_events.insert().values(**vars_of(event)))


def vars_of(event: CaseEvent) -> dict[str, object]:
    names = ("case_no", "seq", "kind", "happened_at", "actor", "detail")
    return {name: getattr(event, name) for name in names}


def leave_jobs(conn: Connection) -> None:
    """Leave a job that waits, one whose entry is lost, and one whose worker is gone."""
    conn.execute(
        sa.text(
            "INSERT INTO jobs (id, kind, title, arguments, created_by, status, started_at,"
            " attempts) OVERRIDING SYSTEM VALUE VALUES"
            " (1, 'k', 't', '{}', 'a test', 'queued', NULL, 0),"
            " (2, 'k', 't', '{}', 'a test', 'queued', NULL, 0),"
            " (3, 'k', 't', '{}', 'a test', 'running', now(), 1)"
        )
    )
    queue_job(conn, 1)
    queue_job(conn, 3)


@pytest.mark.parametrize("name", READINGS)
def test_a_statement_answers_as_it_did(
    district: Connection, name: str, request: pytest.FixtureRequest
) -> None:
    asked = dict(READINGS[name])
    if "draft_id" in asked:
        asked["draft_id"] = get_draft(district, asked["draft_id"]).id
    if "default" in name:
        accept(district, A1, actor="a test")
    result = district.execute(statement(name), asked)
    answer = io.StringIO()
    writer = csv.writer(answer, lineterminator="\n")
    writer.writerow(result.keys())
    writer.writerows([written(value) for value in one] for one in result)
    path = GOLDEN / f"{name}.csv"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(answer.getvalue(), "utf-8")
    told, golden = answer.getvalue().splitlines(), path.read_text("utf-8").splitlines()
    if "ORDER BY" not in str(statement(name)):
        # Its rows come as the plan of the day makes them.
        told.sort()
        golden.sort()
    assert told == golden


def written(value: object) -> object:
    """Write WKB so that a reviewer can read it, and NULL so that it is no empty text."""
    if isinstance(value, float):
        return f"{value:.9g}"  # a sum of square metres may differ in its last digits
    if isinstance(value, bytes | memoryview):
        return shapely.from_wkb(bytes(value)).wkt
    return "NULL" if value is None else value
