"""Imports in steps: how many rows are held at once changes nothing about what comes of them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.cli.cases.case import case
from gridmgmt.domain.cases import case_changes
from gridmgmt.domain.cases.case import status_of
from gridmgmt.exchange.tables.spools import Spool
from gridmgmt.exchange.tables.tables import read_table, read_table_chunks
from gridmgmt.progress import no_progress
from gridmgmt.services.case_imports.chunks import ChunkJudge
from gridmgmt.services.case_imports.imports import import_in_chunks
from gridmgmt.services.case_imports.options import ROWS_AT_ONCE, CaseImport
from gridmgmt.services.case_imports.repeats import Digests, position_digests
from gridmgmt.services.case_imports.survey import CaseSurvey
from gridmgmt.services.case_imports.writing import ChunkWriter
from gridmgmt.services.judging.judge import Judge
from gridmgmt.store.cases.case_copy import event_row
from gridmgmt.store.cases.cases import get_trace, list_events
from gridmgmt.store.schema import case_import_rejects, case_import_runs
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    B1,
    BETWEEN_A1_AND_A2,
    DEFAULTS,
    FAR_AWAY,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)

HELD = (
    "SELECT * FROM cases ORDER BY case_no",
    "SELECT case_no, seq, kind, happened_at, actor, detail FROM case_events ORDER BY 1, 2",
    "SELECT * FROM categories ORDER BY code",
    "SELECT actor, action, subject, detail FROM audit_log ORDER BY id",
)
ROWS = st.builds(
    row,
    st.sampled_from([f"C{n}" for n in range(8)]),
    st.sampled_from([A1, A2, B1, BETWEEN_A1_AND_A2, FAR_AWAY, None, (A1[0], 91.0)]),
    category=st.sampled_from(["E1", "E2", "新类"]),
    reported_at=st.sampled_from(["2026-03-02 09:30", "2025-12-31", "someday"]),
    disposed_at=st.sampled_from(["", "2026-03-03"]),
    description=st.sampled_from(["", "a", "b\\n"]),
)


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    give_duties(conn)
    return conn


def held(conn: Connection) -> list[list[tuple[Any, ...]]]:
    return [[tuple(one) for one in conn.execute(sa.text(query))] for query in HELD]


@pytest.mark.proof
@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    first=st.lists(ROWS, min_size=1, max_size=10),
    again=st.lists(ROWS, min_size=1, max_size=10),
    at_once=st.integers(1, 6),
    update=st.booleans(),
)
def test_how_many_rows_are_held_at_once_changes_nothing(
    city: Connection,
    tmp_path: Path,
    first: list[dict[str, str]],
    again: list[dict[str, str]],
    at_once: int,
    update: bool,
) -> None:
    came = []
    for rows_at_once in (100, at_once):
        with city.begin_nested() as work:
            reports = [
                take_in(
                    city,
                    case_file(tmp_path, rows, name),
                    rows_at_once=rows_at_once,
                    update_known=update,
                )
                for rows, name in ((first, "first.csv"), (again, "again.csv"))
            ]
            told = [(report.to_json(), report.sentences()) for report in reports]
            rejected = [report.rejected for report in reports]
            came.append((told, rejected, held(city)))
            work.rollback()
    assert came[0] == came[1]


def test_a_run_in_steps_ends_with_the_report_of_one_that_is_not(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row(f"C{k}", A1, reported_at="x" if k == 3 else "2026-03-02") for k in range(9)]
    path = case_file(tmp_path, [*rows, rows[0]])
    with city.begin_nested() as work:
        whole = take_in(city, path)
        work.rollback()
    asked = CaseImport(path, **{**DEFAULTS, "rows_at_once": 2})
    came = [(report.row, report.new) for report in import_in_chunks(city, asked)]
    assert came == [(0, 0), (3, 2), (5, 3), (7, 5), (9, 7), (11, 8)]
    (report,) = {id(one): one for one in import_in_chunks(city, asked)}.values()
    assert (report.new, report.unchanged) == (0, whole.new)


def test_runs_nobody_went_on_with_for_a_month_are_forgotten_with_what_they_rejected(
    city: Connection, tmp_path: Path
) -> None:
    runs = sa.select(case_import_runs.c.file, case_import_rejects.c.reason).outerjoin_from(
        case_import_runs, case_import_rejects
    )

    def begin(name: str) -> None:
        rows = [row("C1", reported_at="x"), *(row(f"{name}{k}") for k in range(5))]
        path = case_file(tmp_path, rows, f"{name}.csv")
        asked = CaseImport(path, **{**DEFAULTS, "rows_at_once": 2})
        steps = import_in_chunks(city, asked)
        next(steps), next(steps)
        steps.close()

    begin("old")
    begin("new")
    assert sorted(name for name, _ in city.execute(runs)) == ["new.csv", "old.csv"]
    old = case_import_runs.c.file == "old.csv"
    long_ago = sa.func.now() - timedelta(days=31)
    city.execute(case_import_runs.update().where(old).values(stored_at=long_ago))
    begin("newest")
    left = [tuple(one) for one in city.execute(runs)]
    assert sorted(name for name, _ in left) == ["new.csv", "newest.csv"]
    assert all(reason for _, reason in left)


def test_a_repeated_number_finds_its_first_row_in_an_earlier_step(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row("C1"), row("C2"), row("C3"), row("C1", A2), row("C2"), row("C1")]
    report = take_in(city, case_file(tmp_path, rows), rows_at_once=2)
    assert (report.new, report.repeats.numbers, report.repeats.differing) == (3, 2, 1)
    assert (report.repeats.identical_rows, report.repeats.differing_rows) == (2, 1)
    assert [one.reason for one in report.rejected] == [
        "case_no C1 appears in row 2 already and differs in lon"
    ]
    assert stored(city, "C1").location.area_code == "A1"


def test_a_heap_is_counted_over_all_steps(city: Connection, tmp_path: Path) -> None:
    rows = [row(f"C{n}", A1 if n % 2 else (A2[0] + n * 1e-7, A2[1])) for n in range(200)]
    report = take_in(city, case_file(tmp_path, rows), rows_at_once=30)
    assert [(heap.x, heap.y, heap.rows) for heap in report.heaps] == [(*A1, 100)]


def test_swapped_axes_are_seen_over_all_steps_before_anything_is_stored(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row(f"C{n}", A1 if n < 4 else (A1[1], A1[0])) for n in range(10)]
    with pytest.raises(Exception, match="swapped"):
        take_in(city, case_file(tmp_path, rows), rows_at_once=2)
    assert held(city)[0] == []


def test_events_and_traces_written_in_bulk_are_those_of_single_cases(
    city: Connection, tmp_path: Path
) -> None:
    path = case_file(
        tmp_path, [row("C1", disposed_at="2026-03-03", closed_at="2026-03-04")], '"a\\.csv'
    )
    take_in(city, path)
    known, trace = stored(city, "C1"), get_trace(city, "C1")
    first = case_changes.first_events(
        known, actor="tester", source={"file": path.name, "row": 2}
    )
    assert [(e.seq, e.kind, e.happened_at, e.detail) for e in list_events(city, "C1")] == [
        (e.seq, e.kind, e.happened_at, e.detail) for e in first
    ]
    assert trace["place"]["areas"][0] == ["cell", "A1"]
    assert trace["settings"]["snap_m"] == 30.0
    assert known.status is status_of(known.responder_code, None, known.given.closed_at)
    assert json.loads(event_row(first[0])[-1]) == first[0].detail


def test_what_was_spooled_comes_back_and_only_the_same_has_the_same_digest(
    tmp_path: Path,
) -> None:
    paths = [tmp_path / name for name in ("one.csv", "two.csv", "three.csv")]
    for path, text in zip(paths, ("x", "x", "y"), strict=True):
        path.write_text(f'a,b\n1,案件\n2,\n3,4,5\n6,"{text}\n', "utf-8")
    digests = []
    for path in paths:
        with Spool() as spool:
            for chunk in read_table_chunks(path, 1):
                spool.add(chunk)
            digests.append(spool.sha256)
            back = list(spool.chunks())
            assert list(spool.chunks()) == back
        whole = read_table(path)
        assert [value for chunk in back for value in chunk.values["b"]] == whole.values["b"]
        assert [n for chunk in back for n in chunk.row] == whole.row
        assert [one for chunk in back for one in chunk.rejected] == whole.rejected
    assert digests[0] == digests[1] != digests[2]


@given(st.lists(st.integers(-3, 3)), st.integers(0, 3), st.integers(1, 4))
def test_digests_are_counted_over_all_parts(values: list[int], times: int, part: int) -> None:
    digests = Digests()
    for start in range(0, len(values), part):
        digests.add(np.array(values[start : start + part], dtype=np.int64))
    found = digests.more_than(times).tolist()
    assert found == sorted({v for v in values if values.count(v) > times})


def test_the_command_holds_as_many_rows_as_everybody_else() -> None:
    (step,) = (one for one in case.commands["import"].params if one.name == "step")
    assert step.default == ROWS_AT_ONCE


def test_equal_coordinates_have_equal_digests() -> None:
    x, y = np.array([0.0, -0.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.0, -1.0])
    digests = position_digests(x, y).tolist()
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_chunk_that_was_looked_up_is_judged_without_the_database(
    city: Connection, tmp_path: Path
) -> None:
    # The database stores the chunk before it at that time.
    same = [row(f"K{n}") for n in range(5)]
    moved = [row(f"C{n}", FAR_AWAY) for n in range(3)]
    take_in(city, case_file(tmp_path, [*same, *moved], "known.csv"))
    places = [A1, B1, None, A2, BETWEEN_A1_AND_A2, FAR_AWAY] * 2
    rows = [row(f"C{n}", at, category=f"E{n}") for n, at in enumerate(places)]
    path = case_file(tmp_path, [*same, *rows])
    asked = CaseImport(path, **{**DEFAULTS, "rows_at_once": 5, "update_known": True})
    asked_for: list[str] = []
    judged: list[int] = []

    def note(*given: Any) -> None:
        asked_for.append(given[2])

    with Spool() as spool:
        survey = CaseSurvey(city, asked, spool, no_progress)
        # Another judge than that of the survey, which has read all areas already.
        judge = ChunkJudge(city, asked, Judge(city, asked.rules))
        for chunk in survey.chunks():
            found = judge.look_up(chunk)
            sa.event.listen(city, "before_cursor_execute", note)
            judge.judge(found)
            written = ChunkWriter(asked).write(found)
            sa.event.remove(city, "before_cursor_execute", note)
            assert len(found.judgements) == len(written.new) + len(written.changed)
            judged.append(len(found.judgements))
    assert asked_for == []
    assert judged == [0, 5, 5, 2]
