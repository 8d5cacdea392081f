from pathlib import Path

import pytest

from gridmgmt.errors import ClusterError, StoreError
from gridmgmt.store.cluster.programs import clean_environment, client_program, find_programs


def install(usr: Path, major: str, *, postgis: bool = True) -> None:
    folder = usr / "lib/postgresql" / major / "bin"
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres", "psql"):
        (folder / name).touch()
    if postgis:
        control = usr / "share/postgresql" / major / "extension/postgis.control"
        control.parent.mkdir(parents=True)
        control.touch()


def test_the_newest_version_that_has_postgis_is_taken(tmp_path: Path) -> None:
    for major in ("9", "15", "16"):
        install(tmp_path, major)
    install(tmp_path, "17", postgis=False)
    assert find_programs(usr=tmp_path).major == 16
    assert find_programs(15, usr=tmp_path).path("initdb").endswith("/15/bin/initdb")
    assert client_program("psql", usr=tmp_path).endswith("/17/bin/psql")


def test_nothing_installed_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="apt-get install postgresql-15-postgis-3"):
        find_programs(usr=tmp_path)


def test_postgres_without_postgis_does_not_do(tmp_path: Path) -> None:
    install(tmp_path, "15", postgis=False)
    with pytest.raises(ClusterError, match="apt-get install postgresql-15-postgis-3"):
        find_programs(usr=tmp_path)


def test_a_cluster_of_a_version_that_is_gone_says_which(tmp_path: Path) -> None:
    install(tmp_path, "17")
    with pytest.raises(ClusterError, match="apt-get install postgresql-15-postgis-3"):
        find_programs(15, usr=tmp_path)


def test_a_missing_client_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="apt-get install postgresql-client"):
        client_program("pg_dump", usr=tmp_path)


def test_a_clean_environment_keeps_what_is_not_postgresqls() -> None:
    given = {
        "PATH": "/bin",
        "PGHOST": "x",
        "PGSERVICEFILE": "y",
        "LANG": "zh_CN",
        "LC_TIME": "z",
    }
    assert clean_environment(given) == {"PATH": "/bin", "LC_ALL": "C.UTF-8"}
