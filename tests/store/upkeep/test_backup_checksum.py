"""Dumps that were cut or have a changed bit: refused, or shown to hold the same."""

import random
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.store.upkeep import backup
from gridmgmt.store.upkeep.backup import DatabaseTarget
from gridmgmt.store.upkeep.backup_checksum import LINE_BYTES


@pytest.fixture
def database(empty_database_url: str) -> DatabaseTarget:
    """A database whose dump has compressed blocks, a long list of tables and a comment."""
    target = backup.target(empty_database_url, private=True)
    target.sql(
        "CREATE EXTENSION postgis;"
        "CREATE TABLE wide AS SELECT md5(g::text) FROM generate_series(1, 2000) AS g;"
        "COMMENT ON TABLE wide IS '街道办事处';"
        "CREATE TABLE alembic_version AS SELECT '0012'::text AS version_num;"
    )
    for k in range(20):
        target.sql(f"CREATE TABLE t{k} AS SELECT generate_series(1, {k}) AS n;")
    return target


@pytest.fixture
def dumped(database: DatabaseTarget, tmp_path: Path) -> Path:
    backup.dump(database, tmp_path / "a.dump")
    return tmp_path / "a.dump"


def without_checksum(path: Path) -> Path:
    """The same dump as an older release wrote it."""
    path.write_bytes(path.read_bytes()[:-LINE_BYTES])
    return path


def refused_or_the_same(path: Path, content: bytes) -> bool:
    """Tell whether a file is refused; where it is not, what is restored from it is equal."""
    try:
        found = backup.verify(path)
    except LayerError:
        return True
    # Only the last line may differ; then nobody claims that it was checked.
    assert found.sha256 is None
    assert path.read_bytes()[: len(content)] == content
    return False


def test_a_whole_dump_is_read_and_says_what_it_holds(dumped: Path) -> None:
    found = backup.verify(dumped)
    assert found.sha256 is not None
    assert found.revision == "0012"
    assert "wide" in found.tables


def test_a_dump_of_an_older_release_is_taken_and_said_to_have_no_checksum(
    dumped: Path, database: DatabaseTarget
) -> None:
    found = backup.verify(without_checksum(dumped))
    assert found.sha256 is None
    assert "wide" in found.tables
    database.sql("DROP TABLE wide;")
    backup.restore(database, dumped)
    assert database.sql("SELECT count(*) FROM wide;") == "2000"


def test_the_last_line_does_not_disturb_postgresqls_own_program(
    dumped: Path, database: DatabaseTarget
) -> None:
    database.sql("DROP TABLE wide;")
    database.program("pg_restore", "--table=wide", str(dumped))
    assert database.sql("SELECT count(*) FROM wide;") == "2000"


@pytest.mark.parametrize("older", [False, True])
def test_a_dump_cut_anywhere_is_refused(dumped: Path, older: bool) -> None:
    if older:
        without_checksum(dumped)
    whole = dumped.read_bytes()
    content = whole if older else whole[:-LINE_BYTES]
    length = len(content)
    ends = [length * k // 18 for k in range(18)] + [length - 1, length - 5]
    for end in ends:
        dumped.write_bytes(whole[:end])
        assert refused_or_the_same(dumped, content), f"cut at {end} of {length}"
    if not older:
        dumped.write_bytes(whole[:-3])
        assert not refused_or_the_same(dumped, content)


def test_a_dump_with_a_changed_bit_is_refused(dumped: Path) -> None:
    whole = dumped.read_bytes()
    content = whole[:-LINE_BYTES]
    chosen = random.Random(9)
    places = [chosen.randrange(len(whole)) for _ in range(200)]
    in_the_line = range(len(content), len(whole), 9)
    let_through = []
    for place in [*places, *in_the_line]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chosen.randrange(8)
        dumped.write_bytes(changed)
        if not refused_or_the_same(dumped, content):
            let_through.append(place)
    assert min(let_through) >= len(content)


def test_something_written_behind_the_last_line_is_not_taken_for_checked(dumped: Path) -> None:
    dumped.write_bytes(dumped.read_bytes() + b"\n")
    assert backup.verify(dumped).sha256 is None


def test_a_folder_in_place_of_a_dump_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no such file"):
        backup.verify(tmp_path)
