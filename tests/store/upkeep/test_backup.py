import stat
from datetime import UTC
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError, StoreError
from gridmgmt.store.engine import make_engine
from gridmgmt.store.upkeep import backup
from gridmgmt.store.upkeep.backup import DatabaseTarget


@pytest.fixture
def database(empty_database_url: str) -> DatabaseTarget:
    """A database with one table of three rows, PostGIS's own table beside it."""
    target = backup.target(empty_database_url, private=True)
    target.sql("CREATE EXTENSION postgis; CREATE TABLE kept AS SELECT generate_series(1, 3);")
    return target


def held(target: DatabaseTarget) -> dict[str, int]:
    engine = make_engine(target.uri)
    with engine.connect() as conn:
        found = backup.stored_tables(conn)
    engine.dispose()
    return found


def test_a_dump_brings_back_what_was_there(database: DatabaseTarget, tmp_path: Path) -> None:
    file = tmp_path / "a.dump"
    backup.dump(database, file)
    database.sql("DELETE FROM kept; CREATE TABLE later ();")
    backup.restore(database, file)
    assert held(database) == {"kept": 3}


def test_a_dump_holds_no_sessions(database: DatabaseTarget, tmp_path: Path) -> None:
    database.sql("CREATE TABLE sessions AS SELECT generate_series(1, 3);")
    backup.dump(database, tmp_path / "a.dump")
    backup.restore(database, tmp_path / "a.dump")
    assert held(database) == {"kept": 3, "sessions": 0}


def test_a_dump_is_for_its_makers_eyes_and_leaves_nothing_beside_it(
    database: DatabaseTarget, tmp_path: Path
) -> None:
    backup.dump(database, tmp_path / "a.dump")
    assert [path.name for path in tmp_path.iterdir()] == ["a.dump"]
    assert stat.S_IMODE((tmp_path / "a.dump").stat().st_mode) == 0o600


def test_a_dump_that_fails_leaves_the_old_file(
    database: DatabaseTarget, tmp_path: Path
) -> None:
    (tmp_path / "a.dump").write_text("old")
    with pytest.raises(StoreError, match="pg_dump failed"):
        backup.dump(database.sibling("gridmgmt_test_nothing_here"), tmp_path / "a.dump")
    assert [path.name for path in tmp_path.iterdir()] == ["a.dump"]
    assert (tmp_path / "a.dump").read_text() == "old"


def test_a_dump_into_a_folder_that_is_not_there_says_so(
    database: DatabaseTarget, tmp_path: Path
) -> None:
    with pytest.raises(LayerError, match="cannot be written: No such file"):
        backup.dump(database, tmp_path / "nowhere" / "a.dump")


def test_a_dump_says_what_it_holds(database: DatabaseTarget, tmp_path: Path) -> None:
    backup.dump(database, tmp_path / "a.dump")
    contents = backup.verify(tmp_path / "a.dump")
    assert contents.tables == ("kept",)
    assert contents.database == database.name
    assert contents.made_at.tzinfo is UTC


@pytest.mark.parametrize("content", [b"", b"PGDMP", b"CREATE TABLE x ();"])
def test_a_file_that_is_no_dump_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(LayerError, match="not a whole backup"):
        backup.verify(tmp_path / "x")


def test_a_dump_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no such file"):
        backup.verify(tmp_path / "x")


def test_a_cut_dump_restores_nothing_and_leaves_the_database_as_it_was(
    database: DatabaseTarget, tmp_path: Path
) -> None:
    file = tmp_path / "a.dump"
    database.sql("CREATE TABLE wide AS SELECT md5(g::text) FROM generate_series(1, 9000) AS g;")
    backup.dump(database, file)
    file.write_bytes(file.read_bytes()[:-20_000])
    database.sql("DROP TABLE wide;")
    with pytest.raises(StoreError, match="pg_restore failed"):
        backup.restore(database, file)
    assert held(database) == {"kept": 3}
    left = "SELECT count(*) FROM pg_database WHERE starts_with(datname, :'name');"
    assert database.sql(left, name=database.name) == "1"


def test_a_restore_ends_those_who_use_the_database(
    database: DatabaseTarget, tmp_path: Path
) -> None:
    backup.dump(database, tmp_path / "a.dump")
    engine = make_engine(database.uri)
    with engine.connect() as conn:
        conn.exec_driver_sql("SELECT 1")
        backup.restore(database, tmp_path / "a.dump")
        conn.invalidate()
    engine.dispose()
    assert held(database) == {"kept": 3}


def test_what_a_killed_restore_left_does_not_stop_the_next(
    database: DatabaseTarget, tmp_path: Path
) -> None:
    backup.dump(database, tmp_path / "a.dump")
    database.sql('CREATE DATABASE :"name";', name=f"{database.name}__restoring")
    backup.restore(database, tmp_path / "a.dump")
    assert held(database) == {"kept": 3}


def test_a_database_that_is_not_there_is_made(database: DatabaseTarget, tmp_path: Path) -> None:
    backup.dump(database, tmp_path / "a.dump")
    database.sibling("postgres").sql('DROP DATABASE :"name";', name=database.name)
    assert not backup.exists(database)
    backup.restore(database, tmp_path / "a.dump")
    assert backup.exists(database)
    assert held(database) == {"kept": 3}


def test_the_password_is_no_argument_of_a_program() -> None:
    target = backup.target("postgresql+psycopg://u:geheim@h:5/x", private=False)
    assert target.uri == "postgresql://u:geheim@h:5/x"
    line, environment = target.command("psql")
    assert "--dbname=postgresql://u@h:5/x" in line
    assert environment == {"PGPASSWORD": "geheim"}


def test_a_url_that_is_none_is_refused_without_being_repeated() -> None:
    with pytest.raises(StoreError, match="cannot be read") as caught:
        backup.target("host=x password=geheim", private=False)
    assert "geheim" not in str(caught.value)


def test_the_tables_of_postgis_do_not_count_as_contents(database: DatabaseTarget) -> None:
    assert held(database) == {"kept": 3}
