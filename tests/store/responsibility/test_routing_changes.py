"""Every change of what routes cases is noted, whatever it is made by."""

import re
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from psycopg.errors import RestrictViolation
from sqlalchemy.engine import Connection, Engine

from gridmgmt.services.judging.router import Router
from gridmgmt.store.responsibility.routing_changes import read_revision, still_holds
from gridmgmt.store.schema import metadata
from tests.services.answering import make_city
from tests.services.judging.test_router import TZ

ROUTES = {
    "areas",
    "categories",
    "components",
    "duties",
    "editions",
    "group_members",
    "groups",
    "levels",
    "responders",
    "road_segments",
    "zones",
}
# What a router never reads. A new table has to be put here or be given the trigger.
OTHERS = {
    "accounts",
    "api_tokens",
    "area_attributes",
    "area_changes",
    "attempts",
    "audit_log",
    "case_changes",
    "case_changes_kept",
    "case_events",
    "case_import_rejects",
    "case_import_runs",
    "case_leaves",
    "case_numbers",
    "cases",
    "default_positions",
    "demolitions",
    "density_breaks",
    "displays",
    "draft_comments",
    "draft_edit_areas",
    "draft_edit_records",
    "draft_edits",
    "draft_presence",
    "draft_records",
    "draft_reviews",
    "drafts",
    "jobs",
    "lineage",
    "recovery_codes",
    "role_permissions",
    "roles",
    "routing_changes",
    "second_factors",
    "sent_reports",
    "sessions",
}


def changes(conn: Connection) -> int:
    return int(conn.execute(sa.text("SELECT count(*) FROM routing_changes")).scalar_one())


def test_of_every_table_it_is_said_whether_it_routes_cases(conn: Connection) -> None:
    assert set(metadata.tables) - OTHERS - ROUTES == set()
    query = "SELECT event_object_table FROM information_schema.triggers"
    query += " WHERE trigger_name = 'note_routing_change'"
    assert set(conn.execute(sa.text(query)).scalars()) == ROUTES & set(metadata.tables)


def test_a_router_reads_no_table_without_the_trigger(conn: Connection) -> None:
    number = make_city(conn)
    asked: list[str] = []

    def listen(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(conn, "before_cursor_execute", listen)
    Router.load(conn, number, tz=TZ)
    sa.event.remove(conn, "before_cursor_execute", listen)
    words = {word for text in asked for word in re.findall(r"\w+", text)}
    assert words & set(metadata.tables) <= ROUTES
    assert len(asked) >= 6


# As somebody might write it by hand; nothing but the statement itself counts.
BY_HAND = [
    "INSERT INTO {table} ({column}) SELECT {column} FROM {table} LIMIT 0",
    "UPDATE {table} SET {column} = {column} WHERE false",
    "DELETE FROM {table} WHERE false",
    "COPY {table} FROM STDIN",
    "TRUNCATE {table} CASCADE",
]


@pytest.mark.parametrize("change", BY_HAND)
@pytest.mark.parametrize("table", sorted(ROUTES & set(metadata.tables)))
def test_whatever_is_done_to_a_table_is_noted(
    conn: Connection, table: str, change: str
) -> None:
    names = (column.name for column in metadata.tables[table].columns)
    column = next(name for name in names if name != "id")
    before, revision = changes(conn), read_revision(conn)
    with conn.connection.cursor() as cursor:
        command = change.format(table=table, column=column)
        try:
            if command.startswith("COPY"):
                with cursor.copy(command):
                    pass
            else:
                cursor.execute(command)
        except RestrictViolation:
            # Cases with their events would go too, and those are there to stay.
            assert command.startswith("TRUNCATE")
            return
    assert changes(conn) == before + 1
    assert not still_holds(conn, revision)


def test_a_transaction_is_noted_once_and_one_that_is_taken_back_not_at_all(
    engine: Engine,
) -> None:
    rename = sa.text("UPDATE responders SET name = name WHERE false")
    with engine.begin() as conn:
        revision = read_revision(conn)
        conn.execute(rename)
        conn.execute(rename)
        assert changes(conn) == 1
    with engine.connect() as conn:
        conn.execute(rename)
        assert changes(conn) == 2
        conn.rollback()
        assert changes(conn) == 1
    with engine.begin() as conn:
        savepoint = conn.begin_nested()
        conn.execute(rename)
        savepoint.rollback()
        assert changes(conn) == 1
        assert not read_revision(conn).own
        conn.execute(rename)
        assert changes(conn) == 2
        assert read_revision(conn).own
        assert not still_holds(conn, revision)


def test_one_that_began_first_and_is_committed_last_is_seen(engine: Engine) -> None:
    change = sa.text("UPDATE responders SET name = name WHERE false")
    with engine.connect() as early, engine.connect() as late, engine.connect() as reader:
        early.execute(change)
        late.execute(change)
        late.commit()
        seen = read_revision(reader)
        reader.commit()
        assert still_holds(reader, seen)
        reader.commit()
        early.commit()
        assert not still_holds(reader, seen)


NEWEST = sa.text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)")


def test_an_older_view_of_the_database_is_not_given_what_came_later(engine: Engine) -> None:
    change = sa.text("UPDATE responders SET name = name WHERE false")
    old = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with old, engine.connect() as other:
        before = read_revision(old)
        other.execute(change)
        other.commit()
        # As it is read where nothing else is running; in this cluster other tests may be.
        newest = other.execute(NEWEST).scalar_one()
        later = read_revision(other)._replace(oldest=newest, later=0)
        assert not still_holds(old, later)
        assert still_holds(old, before)


def test_another_database_of_the_same_name_is_another_one(engine: Engine) -> None:
    with engine.begin() as conn:
        seen = read_revision(conn)
        conn.execute(sa.text("CREATE TABLE others (LIKE routing_changes INCLUDING ALL)"))
        conn.execute(sa.text("DROP TABLE routing_changes"))
        conn.execute(sa.text("ALTER TABLE others RENAME TO routing_changes"))
        assert not still_holds(conn, seen)


def test_two_who_write_at_once_do_not_wait_for_each_other(engine: Engine) -> None:
    def write(table: str) -> Callable[[Connection], None]:
        def do(conn: Connection) -> None:
            conn.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
            conn.execute(sa.text(f"UPDATE {table} SET name = name WHERE false"))

        return do

    with engine.connect() as first, engine.connect() as second:
        # Each after the other, in opposite order: a lock of either would end in a deadlock.
        write("zones")(first)
        write("groups")(second)
        ended = threading.Thread(target=write("groups"), args=(first,))
        ended.start()
        write("zones")(second)
        ended.join(timeout=10)
        assert not ended.is_alive()
        second.commit()
        first.commit()
        assert changes(first) == 2
