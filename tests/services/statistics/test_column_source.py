"""When columns cannot tell, SQL answers, and the columns come back by themselves."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.array_files import open_arrays, save_arrays
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.indicators import case_columns, case_counting
from gridmgmt.indicators.case_columns import CaseColumns, Place
from gridmgmt.indicators.case_counting import GroupCounts
from gridmgmt.services.statistics import column_file, column_source, questions, sources
from gridmgmt.services.statistics.column_file import open_state
from gridmgmt.services.statistics.column_source import ColumnSource
from gridmgmt.services.statistics.figures import count_cases, count_positions, revision
from gridmgmt.services.statistics.sources import count_in_columns
from gridmgmt.store.cases import case_pages
from gridmgmt.store.cases.case_changes import forget_changes
from gridmgmt.store.cases.case_filter import CaseFilter
from tests.databases import Databases
from tests.services.answering import make_city
from tests.services.case_city import give_duties
from tests.services.judging.test_case_leaves import Bureau
from tests.services.statistics.asking import compare, stir

ALL = CaseFilter()


@pytest.fixture
def city(engine: Engine, tmp_path: Path) -> Engine:
    make(engine, tmp_path)
    return engine


@pytest.fixture
def source(
    city: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ColumnSource]:
    """Columns that are written when a test says so, and not in the background."""
    monkeypatch.setattr(ColumnSource, "_work_behind", lambda _self: None)
    made = count_in_columns(city, tmp_path / "home")
    assert made.refresh()
    yield made
    sources._sources.clear()


def make(engine: Engine, folder: Path) -> None:
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        bureau = Bureau(conn, folder, random.Random(7))
        for thing in ("take_in", "publish", "take_in"):
            getattr(bureau, thing)()
        stir(conn, bureau.chance)


def run(engine: Engine, statement: str) -> None:
    with engine.begin() as conn:
        conn.execute(sa.text(statement))


def answers(engine: Engine, source: ColumnSource) -> str:
    """Ask once, find the answer right, and return who gave it."""
    source.answered.clear()
    with engine.connect() as conn:
        counted = count_cases(conn, ALL)
        assert counted == conn.execute(sa.text("SELECT count(*) FROM cases")).scalar_one()
    [who] = source.answered
    return who


def test_before_they_are_built_sql_answers(city: Engine, tmp_path: Path) -> None:
    source = count_in_columns(city, tmp_path / "home")
    source._working = True
    assert answers(city, source) == "not built"
    source.refresh()
    assert answers(city, source) == "columns"


def test_they_are_built_in_the_background_once_somebody_asks(
    city: Engine, tmp_path: Path
) -> None:
    source = count_in_columns(city, tmp_path / "home")
    answers(city, source)
    for _ in range(600):
        if answers(city, source) == "columns":
            return
    pytest.fail("they were never built")


def test_more_changes_than_a_question_reads_are_left_to_the_background(
    city: Engine, source: ColumnSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_source, "_MOST_CHANGED", 5)
    run(city, "UPDATE cases SET channel = 'changed'")
    assert answers(city, source) == "too many changes"
    source.refresh()
    assert answers(city, source) == "columns"


def test_a_kept_answer_about_deadlines_holds_until_the_next_one_passes(
    city: Engine, source: ColumnSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    count = case_counting.count

    def counting(columns: CaseColumns, *asked: Any) -> GroupCounts:
        counted.append(columns)
        return count(columns, *asked)

    monkeypatch.setattr(case_counting, "count", counting)
    later_asked = Deadline.LATE
    with city.connect() as conn:
        [first, *_, last] = sorted(conn.scalars(sa.text("SELECT reported_at FROM cases")))
        ends = [*conn.scalars(sa.text("SELECT due_at FROM cases WHERE due_at IS NOT NULL"))]
        whole = case_pages.count_cases(conn, ALL)
        step = (last - first) / 20
        # Just before, at and after a deadline, and the same instants judged a moment later.
        instants = [first + n * step for n in range(25)]
        instants += [one + timedelta(microseconds=n) for one in ends[:8] for n in (-1, 0, 1)]
        for at in sorted(instants):
            assert revision(conn, at) is not None
            for kind in set(Deadline) - {later_asked}:
                wanted = CaseFilter(deadline=kind, as_of=at)
                assert count_cases(conn, wanted) == case_pages.count_cases(conn, wanted), at
        later = max(*ends, last) + timedelta(days=60)
        for seconds in range(3):
            at = later + timedelta(seconds=seconds)
            revision(conn, at)
            counted.clear()
            count_cases(conn, CaseFilter(deadline=later_asked, as_of=at))
            assert (whole in map(len, counted)) is (seconds == 0)


def test_a_database_that_was_restored_gets_columns_of_its_own(
    city: Engine, source: ColumnSource
) -> None:
    # A dump leaves out both tables (`store/upkeep/backup.py`).
    run(city, "DELETE FROM case_changes; DELETE FROM case_changes_kept")
    run(city, "UPDATE cases SET channel = 'changed' WHERE case_no = 'C1'")
    assert answers(city, source) == "another database"
    source.refresh()
    assert answers(city, source) == "columns"


def test_a_table_that_was_emptied_is_read_anew(city: Engine, source: ColumnSource) -> None:
    run(city, "TRUNCATE case_leaves")
    assert answers(city, source) == "too many changes"
    source.refresh()
    assert answers(city, source) == "columns"


def test_forgotten_notes_end_columns_that_do_not_know_them(
    city: Engine, source: ColumnSource
) -> None:
    run(city, "UPDATE cases SET channel = 'changed' WHERE case_no = 'C1'")
    with city.begin() as conn:
        later = conn.execute(sa.text("SELECT CAST(txid_current() AS bigint)")).scalar_one()
        forget_changes(conn, later, older_than=timedelta(0))
        assert conn.execute(sa.text("SELECT count(*) FROM case_changes")).scalar_one() == 0
    assert answers(city, source) == "another database"
    source.refresh()
    assert answers(city, source) == "columns"


def test_notes_are_kept_for_others_for_a_while(city: Engine, source: ColumnSource) -> None:
    def notes(conn: Connection) -> int:
        return int(conn.execute(sa.text("SELECT count(*) FROM case_changes")).scalar_one())

    with city.connect() as conn:
        assert notes(conn) > 0
    run(city, "UPDATE case_changes SET recorded_at = now() - interval '2 hours'")
    source.refresh()
    with city.connect() as conn:
        assert notes(conn) == 0
    assert answers(city, source) == "columns"


@pytest.mark.parametrize("left", [0, 10, -1])
def test_a_damaged_file_is_written_again(
    city: Engine, source: ColumnSource, left: int, caplog: pytest.LogCaptureFixture
) -> None:
    whole = source._path.read_bytes()
    source._path.unlink()
    source._path.write_bytes(whole[:left])
    assert answers(city, source) == "not built"
    assert "is built again" in caplog.text
    source.refresh()
    assert answers(city, source) == "columns"


@pytest.mark.parametrize("name", ["place", "due", "status"])
def test_a_file_with_a_changed_bit_is_written_again(
    city: Engine, source: ColumnSource, name: str
) -> None:
    """Loops that look up by numbers of a damaged column would end the process."""
    description, arrays = open_arrays(source._path, column_file._KIND)
    save_arrays(
        source._path, column_file._KIND, description, {**arrays, name: arrays[name] ^ 1}
    )
    assert answers(city, source) == "not built"
    source.refresh()
    assert answers(city, source) == "columns"


def test_another_process_uses_a_newer_file(city: Engine, tmp_path: Path) -> None:
    mine, other = (ColumnSource(city.url, tmp_path / "home") for _ in range(2))
    mine.refresh()
    with city.connect() as conn:
        assert other.state(conn) is not None
    run(city, "UPDATE cases SET channel = 'changed'")
    mine.refresh()
    with city.connect() as conn:
        state = other.state(conn)
    assert state is not None
    assert state.apart == 0
    assert "changed" in list(state.entries.channels)


def test_only_one_process_writes(city: Engine, source: ColumnSource) -> None:
    with column_source._only_one(source._lock_path) as mine:
        assert mine
        assert not source.refresh()
    assert source.refresh()


def test_an_older_transaction_gets_the_cases_it_sees(
    city: Engine, source: ColumnSource
) -> None:
    with city.connect() as conn:
        conn.execution_options(isolation_level="REPEATABLE READ")
        before = count_cases(conn, CaseFilter(channels=("changed",)))
        run(city, "UPDATE cases SET channel = 'changed' WHERE case_no IN ('C1', 'C2', 'C3')")
        # The file now stands at a later commit than this transaction sees.
        source.refresh()
        with city.connect() as later:
            assert count_cases(later, CaseFilter(channels=("changed",))) == before + 3
        assert count_cases(conn, CaseFilter(channels=("changed",))) == before
        compare(conn, random.Random(1))


def test_a_snapshot_does_not_get_what_ran_when_it_was_taken(
    city: Engine, source: ColumnSource
) -> None:
    changed = CaseFilter(channels=("changed",))
    with city.connect() as first, city.connect() as older:
        first.execute(sa.text("UPDATE cases SET channel = 'changed' WHERE case_no = 'C1'"))
        # Another one ends, so that the first is among those that run, not those to come.
        run(city, "SELECT pg_current_xact_id()")
        older.execution_options(isolation_level="REPEATABLE READ")
        assert count_cases(older, changed) == 0
        first.commit()
        with city.connect() as later:
            assert count_cases(later, changed) == 1
        assert count_cases(older, changed) == 0
    assert set(source.answered) == {"columns"}


def test_values_that_come_while_a_question_is_read_do_not_disturb_it(
    city: Engine, source: ColumnSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(city, "UPDATE categories SET category_class = 'event'")
    state = source._newest()
    assert state is not None
    read = questions.list_categories

    def while_another_thread_reads_new_cases(conn: Connection) -> list[Category]:
        state.entries.categories.numbers(["E3", "new"])
        state.entries.places.numbers([Place(9, "new")])
        return [*read(conn), Category("new", "新", category_class=CategoryClass.EVENT)]

    monkeypatch.setattr(questions, "list_categories", while_another_thread_reads_new_cases)
    events = CaseFilter(category_class=CategoryClass.EVENT)
    with city.connect() as conn:
        counted = count_cases(conn, events)
        squares = count_positions(conn, events, step_lon=0.001, step_lat=0.001)
        assert counted == case_pages.count_cases(conn, events) > 0
    assert 0 < squares.cases.sum() <= counted
    assert set(source.answered) == {"columns"}


def test_what_a_transaction_changes_after_it_asked_is_followed(
    city: Engine, source: ColumnSource
) -> None:
    changed = CaseFilter(channels=("changed",))
    with city.connect() as conn:
        conn.execute(sa.text("SELECT pg_current_xact_id()"))
        # Another one ends: PostgreSQL now counts the first among those that it sees itself.
        run(city, "SELECT pg_current_xact_id()")
        assert count_cases(conn, changed) == 0
        conn.execute(sa.text("UPDATE cases SET channel = 'changed' WHERE case_no = 'C1'"))
        conn.commit()
    with city.connect() as later:
        assert count_cases(later, changed) == 1
    assert set(source.answered) == {"columns"}


def test_a_snapshot_older_than_the_log_is_left_to_sql(
    city: Engine, source: ColumnSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    with city.connect() as conn:
        conn.execution_options(isolation_level="REPEATABLE READ")
        before = count_cases(conn, CaseFilter(channels=("changed",)))
        run(city, "UPDATE cases SET channel = 'changed' WHERE case_no = 'C1'")
        monkeypatch.setattr(column_source, "_MOST_BROUGHT_IN", -1)
        source.refresh()
        source.answered.clear()
        assert count_cases(conn, CaseFilter(channels=("changed",))) == before
        assert set(source.answered) == {"too old a snapshot"}


def test_two_case_numbers_of_one_key_are_counted_in_sql(
    city: Engine, source: ColumnSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Keys are hashes. The two are of different transactions, so that each alone is fine.
    facts = "gridmgmt.store.cases.case_columns.FACTS"
    same = source_text(facts).replace("hashtextextended(c.case_no, 0)", "CAST(1 AS bigint)")
    monkeypatch.setattr(facts, same)
    monkeypatch.setattr(column_source, "_MOST_BROUGHT_IN", -1)
    run(city, "UPDATE cases SET channel = 'changed'")
    with pytest.raises(column_source.TooManyValuesError, match="same key"):
        source.refresh()


def source_text(name: str) -> str:
    module, _, constant = name.rpartition(".")
    return str(getattr(__import__(module, fromlist=[constant]), constant))


def test_more_channels_than_a_column_can_number_are_counted_in_sql(
    city: Engine, source: ColumnSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(case_columns.KINDS, "channel", case_columns.KINDS["status"])
    with city.begin() as conn:
        conn.execute(sa.text("UPDATE cases SET channel = case_no"))
        source.answered.clear()
        many = "SELECT count(DISTINCT case_no) FROM cases"
        assert conn.execute(sa.text(many)).scalar_one() < 256
    known = source._newest()
    assert known is not None
    known.entries.channels.numbers(f"another {n}" for n in range(256))
    run(city, "UPDATE cases SET channel = 'the last' WHERE case_no = 'C1'")
    assert answers(city, source) == "too many values"


def test_two_databases_of_one_home_have_a_file_each(
    city: Engine, source: ColumnSource, databases: Databases, template: str, tmp_path: Path
) -> None:
    with databases.engine(template) as other:
        make(other, tmp_path)
        run(other, "DELETE FROM case_leaves")
        beside = count_in_columns(other, tmp_path / "home")
        beside.refresh()
        assert beside._path != source._path
        assert answers(other, beside) == answers(city, source) == "columns"


def test_a_file_tells_of_which_cases_it_is(source: ColumnSource, city: Engine) -> None:
    state = open_state(source._path)
    with city.connect() as conn:
        newest = conn.execute(sa.text("SELECT max(reported_at) FROM cases")).scalar_one()
    last = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        microseconds=int(state.base.columns.reported[-1])
    )
    assert last == newest


def test_a_file_of_a_program_with_other_marks_is_written_again(
    city: Engine, source: ColumnSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Marks are stored as places in this list.
    assert all(mark in column_file._KIND for mark in case_columns.MARKS)
    source._version = None
    monkeypatch.setattr(column_file, "_KIND", f"{column_file._KIND} another")
    assert answers(city, source) == "not built"
    source.refresh()
    assert answers(city, source) == "columns"
