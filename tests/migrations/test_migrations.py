import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.engine import make_engine
from gridmgmt.store.schema import metadata
from gridmgmt.store.upkeep import migrations

FOLDER = Path(__file__).parents[2] / "migrations"

# What a database consists of, told by PostgreSQL itself, so that nothing is overlooked; the
# queue's own objects are made by its library and stand in no schema of ours.
CATALOGUE = {
    "columns": """
        SELECT format('%s.%s %s %s %s %s', c.relname, a.attname,
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid)) || ' ' || coalesce(col.collname, '')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
          AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_collation col ON col.oid = a.attcollation
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
          AND c.relname NOT IN ('spatial_ref_sys', 'alembic_version')
          AND c.relname NOT LIKE 'procrastinate\\_%'""",
    "constraints": """
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
          AND conrelid::regclass::text NOT IN ('spatial_ref_sys', 'alembic_version')
          AND conrelid::regclass::text NOT LIKE 'procrastinate\\_%'""",
    "indexes": """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
          AND tablename NOT IN ('spatial_ref_sys', 'alembic_version')
          AND tablename NOT LIKE 'procrastinate\\_%'""",
    "comments": """
        SELECT format('%s.%s %s', c.relname, a.attname, d.description)
        FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND c.relkind = 'r'
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'spatial_ref_sys'""",
}


def catalogue(url: str) -> dict[str, set[str]]:
    engine = make_engine(url)
    with engine.connect() as conn:
        found = {
            kind: set(conn.execute(sa.text(query)).scalars())
            for kind, query in CATALOGUE.items()
        }
    engine.dispose()
    return found


def test_migrations_and_schema_make_the_same_database(
    database_url: str, empty_database_url: str
) -> None:
    drawn = make_engine(empty_database_url)
    with drawn.begin() as conn:
        conn.exec_driver_sql("CREATE EXTENSION postgis; CREATE EXTENSION btree_gist")
        metadata.create_all(conn)
    drawn.dispose()
    expected, actual = catalogue(empty_database_url), catalogue(database_url)
    for kind in CATALOGUE:
        assert expected[kind] - actual[kind] == set(), f"{kind} missing in the migrations"
        assert actual[kind] - expected[kind] == set(), f"{kind} missing in schema.py"
    assert len(actual["columns"]) > 100


def test_each_migration_goes_down_and_up_again(empty_database_url: str) -> None:
    url = empty_database_url
    steps = len(list((FOLDER / "versions").glob("*.py")))
    first_time = []
    for step in range(1, steps + 1):
        migrations.upgrade(url, "+1")
        assert migrations.current(url) == f"{step:04d}"
        first_time.append(catalogue(url))
    for step in range(steps, 0, -1):
        migrations.downgrade(url, "-1")
        below = f"{step - 1:04d}" if step > 1 else None
        assert migrations.current(url) == below
        if below:
            assert catalogue(url) == first_time[step - 2], f"left by going down to {below}"
    for step in range(1, steps + 1):
        migrations.upgrade(url, "+1")
        assert catalogue(url) == first_time[step - 1], f"{step:04d} a second time"
    assert migrations.current(url) == migrations.head()


def test_the_queue_comes_with_its_migration_and_goes_with_it(empty_database_url: str) -> None:
    made = sa.text(
        "SELECT relname FROM pg_class WHERE relname LIKE 'procrastinate%'"
        " UNION ALL SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%'"
        " UNION ALL SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate%'"
    )
    engine = make_engine(empty_database_url)
    found = []
    for migrate, revision in ((migrations.upgrade, "0006"), (migrations.downgrade, "0005")):
        migrate(empty_database_url, revision)
        with engine.connect() as conn:
            found.append(set(conn.execute(made).scalars()))
    engine.dispose()
    assert {"procrastinate_jobs", "procrastinate_defer_jobs_v1"} <= found[0]
    assert found[1] == set()


@pytest.mark.parametrize(
    ("due_at", "kept", "told"),
    [
        ("9999-12-31 23:59:59+00", None, "9999-12-31T23:59:59+00:00"),
        # The end of 9999 on a clock west of London.
        ("10000-01-01 04:59:59+00", None, "9999-12-31T23:59:59+00:00"),
        ("2400-01-01 00:00:00+08", None, "2399-12-31T16:00:00+00:00"),
        ("2199-12-31 23:59:59-12", "2200-01-01 11:59:59+00", None),
    ],
)
def test_deadlines_that_never_come_are_cleared_by_an_event(
    empty_database_url: str, due_at: str, kept: str | None, told: str | None
) -> None:
    migrations.upgrade(empty_database_url, "0019")
    engine = make_engine(empty_database_url)
    with engine.begin() as conn:
        conn.execute(
            sa.text("INSERT INTO categories (code, name, mapped) VALUES ('a', 'a', true)")
        )
        conn.execute(
            sa.text(
                "INSERT INTO cases (case_no, category, reported_at, due_at, on_boundary,"
                " snapped, unlocated_reason, unrouted_reason, status, trace, last_seq) VALUES"
                " ('c', 'a', now(), CAST(:due_at AS timestamptz), false, false, 'no_position',"
                " 'unlocated', 'triage', '{}', 1)"
            ),
            {"due_at": due_at},
        )
        conn.execute(
            sa.text(
                "INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)"
                " VALUES ('c', 1, 'reported', now(), 'a', '{}')"
            )
        )
    migrations.upgrade(empty_database_url)
    with engine.connect() as conn:
        stored = conn.scalar(sa.text("SELECT CAST(due_at AS text) FROM cases"))
        seq = conn.scalar(sa.text("SELECT last_seq FROM cases"))
        details = conn.scalars(sa.text("SELECT detail FROM case_events ORDER BY seq")).all()
    engine.dispose()
    assert stored == kept
    assert details == [{}, *([{"changed": {"due_at": [told, None]}}] if told else [])]
    assert seq == len(details)


def test_migrations_are_numbered_without_gap_and_the_head_file_names_the_newest() -> None:
    names = sorted(path.stem for path in (FOLDER / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]
    assert (FOLDER / ".current-head").read_text().strip() == names[-1]
    assert names[-1].startswith(str(migrations.head()))


def test_migrations_are_frozen() -> None:
    for path in (FOLDER / "versions").glob("*.py"):
        assert not re.search(r"^(from|import) gridmgmt", path.read_text("utf-8"), re.MULTILINE)


@pytest.fixture
def two_editions(conn: Connection) -> Connection:
    conn.execute(
        sa.text(
            "INSERT INTO editions (number, label, effective_from, in_force, tolerance_m2,"
            " published_by) VALUES"
            " (1, 'a', '2020-01-01Z', '[2020-01-01Z,2021-01-01Z)', 1, 't'),"
            " (2, 'b', '2021-01-01Z', '[2021-01-01Z,)', 1, 't')"
        )
    )
    return conn


SQUARE = "ST_GeomFromText('MULTIPOLYGON(((0 0,0 1,1 1,0 0)))', 4326)"
AREA = (
    "INSERT INTO areas (level, code, name, geom, area_m2, since, until)"
    f" VALUES ('street', 'S1', 'x', {SQUARE}, 1, "
)
CASE = (
    "INSERT INTO cases (case_no, category, reported_at, on_boundary, snapped,"
    " unlocated_reason, unrouted_reason, status, trace, last_seq)"
    " VALUES ('c', 'k', now(), false, false, 'no_position', 'unlocated', 'triage', '{}', 1)"
)


def test_two_live_versions_of_a_code_are_forbidden(two_editions: Connection) -> None:
    two_editions.execute(sa.text(AREA + "1, 2)"))
    two_editions.execute(sa.text(AREA + "2, NULL)"))
    with pytest.raises(sa.exc.IntegrityError, match="one_live_version"):
        two_editions.execute(sa.text(AREA + "2, NULL)"))


def test_two_editions_in_force_are_forbidden(two_editions: Connection) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="ex__editions__in_force"):
        two_editions.execute(
            sa.text(
                "INSERT INTO editions (number, label, effective_from, in_force, tolerance_m2,"
                " published_by) VALUES (3, 'c', '2022-01-01Z', '[2022-01-01Z,)', 1, 't')"
            )
        )


def test_a_case_without_an_event_is_forbidden(conn: Connection) -> None:
    conn.execute(sa.text("INSERT INTO categories (code, name, mapped) VALUES ('k', 'k', true)"))
    conn.execute(sa.text(CASE))
    with pytest.raises(sa.exc.IntegrityError, match="fk__cases__last_event"):
        conn.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.parametrize(
    "change", ["UPDATE case_events SET actor = 'me'", "DELETE FROM audit_log"]
)
def test_history_cannot_be_changed(conn: Connection, change: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        conn.execute(sa.text(change))


def test_every_level_has_a_view_of_the_edition_in_force(two_editions: Connection) -> None:
    two_editions.execute(sa.text("INSERT INTO levels VALUES ('ward', 9, '选区', 'Ward')"))
    two_editions.execute(sa.text(AREA.replace("street", "ward") + "1, 2)"))
    two_editions.execute(sa.text(AREA.replace("street", "ward") + "2, NULL)"))
    rows = two_editions.execute(sa.text("SELECT gid, code, edition FROM area_ward")).all()
    assert [(row.code, row.edition) for row in rows] == [("S1", 2)]
    assert isinstance(rows[0].gid, int)
    two_editions.execute(sa.text("DELETE FROM areas"))
    two_editions.execute(sa.text("DELETE FROM levels WHERE level = 'ward'"))
    assert two_editions.scalar(sa.text("SELECT to_regclass('area_ward')")) is None
