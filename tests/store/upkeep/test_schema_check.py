from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.errors import SchemaError
from gridmgmt.store.upkeep import migrations, schema_check
from gridmgmt.store.upkeep.schema_check import checked_engine, newest_revision


@pytest.fixture
def checked(database_url: str) -> Iterator[Engine]:
    engine = checked_engine(database_url)
    yield engine
    engine.dispose()


def put_at(engine: Engine, revision: str) -> None:
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})


def test_the_newest_revision_is_the_one_alembic_finds() -> None:
    assert newest_revision() == migrations.head()


def test_a_database_at_the_programs_schema_is_worked_on(checked: Engine) -> None:
    with checked.connect() as conn:
        assert conn.scalar(sa.text("SELECT 1")) == 1


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("9001", "is at schema 9001, this program knows up to .*\n.*install the newer program"),
        ("0005", "is at schema 0005, this program needs .*\n.*gridmgmt db migrate"),
        ("a3f0", "is at schema a3f0, this program knows up to"),
    ],
)
def test_another_schema_is_said_to_whoever_connects(
    checked: Engine, engine: Engine, revision: str, sentence: str
) -> None:
    put_at(engine, revision)
    with pytest.raises(SchemaError, match=sentence), checked.connect():
        pass
    put_at(engine, newest_revision())
    with checked.connect() as conn:
        assert conn.scalar(sa.text("SELECT 1")) == 1


def test_a_database_without_a_schema_is_said_to_be_one(empty_database_url: str) -> None:
    engine = checked_engine(empty_database_url)
    with pytest.raises(SchemaError, match="has no schema"), engine.connect():
        pass
    engine.dispose()


def test_a_migration_under_an_open_connection_is_noticed(
    checked: Engine, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with checked.connect() as conn:
        conn.execute(sa.text("SELECT 1"))
    put_at(engine, "9001")
    with checked.connect() as conn:  # asked a moment ago
        conn.execute(sa.text("SELECT 1"))
    monkeypatch.setattr(schema_check, "_ASK_AGAIN_S", 0.0)
    with pytest.raises(SchemaError), checked.connect():
        pass


def test_asking_leaves_no_transaction_behind(checked: Engine, engine: Engine) -> None:
    with checked.connect():
        open_ones = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%'"
        )
        with engine.connect() as conn:
            assert conn.scalar(open_ones) == 0
