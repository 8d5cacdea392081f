from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.errors import StoreError
from gridmgmt.store.cases.case_copy import copy_in
from gridmgmt.store.cases.cases import check_now, get_case, list_events
from gridmgmt.store.responsibility.categories import put_categories
from tests.store.cases.test_case_counts import make_cases, nobody


@pytest.fixture
def store(conn: Connection) -> Connection:
    put_categories(conn, [Category("E1", "E1")])
    return conn


def test_a_case_without_an_event_is_refused_even_in_a_dry_run(store: Connection) -> None:
    new = make_cases([(None, None, None)])
    new.events.clear()
    copy_in(store, new, nobody)
    with pytest.raises(sa.exc.IntegrityError, match="last_event"):
        check_now(store)


def test_what_the_database_refuses_is_told_in_its_words(store: Connection) -> None:
    new = make_cases([(None, None, None)] * 2)
    new.cases[1] = new.cases[0]
    with pytest.raises(StoreError, match=r"refused the rows for cases: duplicate key"):
        copy_in(store, new, nobody)


def test_progress_is_told_up_to_the_last_case(store: Connection) -> None:
    told: list[tuple[str, int, int]] = []
    copy_in(store, make_cases([(None, None, None)] * 1_500), lambda *step: told.append(step))
    assert told == [("storing", 1_000, 1_500), ("storing", 1_500, 1_500)]


def test_a_case_comes_back_as_it_was_written(store: Connection) -> None:
    due_at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    new = make_cases([(due_at, due_at + timedelta(microseconds=1), None)])
    copy_in(store, new, nobody)
    assert get_case(store, "C0") == new.cases[0][0]
    (event,) = list_events(store, "C0")
    assert event.recorded_at is not None
    assert (event.kind, event.actor, event.detail) == ("reported", "a test", {})


def test_events_can_neither_be_changed_nor_deleted(store: Connection) -> None:
    copy_in(store, make_cases([(None, None, None)]), nobody)
    for change in ("UPDATE case_events SET actor = 'x'", "DELETE FROM case_events"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.begin_nested():
            store.execute(sa.text(change))


# Tells by which setting PostgreSQL planned what it did for rows that came in.
NOTE_PLANNING = """
CREATE TEMPORARY TABLE planning (of_table text, setting text);
CREATE FUNCTION pg_temp.note_planning() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO planning VALUES (TG_TABLE_NAME, current_setting('plan_cache_mode'));
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER note_planning AFTER INSERT ON cases DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION pg_temp.note_planning();
CREATE TRIGGER note_planning AFTER INSERT ON case_events
  FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.note_planning()
"""


def planning_of(conn: Connection, rows: int) -> set[tuple[str, str]]:
    conn.exec_driver_sql(NOTE_PLANNING)
    copy_in(conn, make_cases([(None, None, None)] * rows), nobody)
    check_now(conn)
    noted = conn.exec_driver_sql("SELECT DISTINCT of_table, setting FROM planning")
    return {(row.of_table, row.setting) for row in noted}


def test_the_references_of_many_rows_are_not_planned_one_by_one(store: Connection) -> None:
    assert planning_of(store, 2_000) == {("cases", "auto"), ("case_events", "auto")}
    # All that is asked afterwards is planned for what is asked.
    shown = store.exec_driver_sql("SHOW plan_cache_mode").scalar_one()
    assert shown == "force_custom_plan"
