import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gridmgmt.errors import ClusterError, InputError
from gridmgmt.store.cluster import data as cluster_data
from gridmgmt.store.cluster.folder import ELSEWHERE
from gridmgmt.store.cluster.postmaster import is_alive
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.cluster.programs import Programs, clean_environment, find_programs
from gridmgmt.store.cluster.system_user import choose_owner
from tests.folders import passable_folder
from tests.killing import kill

MakeCluster = Callable[..., Cluster]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another user")


# What stands in for initdb: it takes a second, and copying what it made a twentieth of that.
COPYING_INITDB = """\
#!/bin/sh
for word; do case $word in --pgdata=*) data=${{word#--pgdata=}};; esac; done
[ -d {kept} ] && exec cp -a {kept} "$data"
{initdb} "$@" && cp -a "$data" {kept}
"""


@pytest.fixture(scope="module")
def copying() -> Iterator[Programs]:
    """PostgreSQL's programs with an initdb that works once and copies from then on."""
    with passable_folder() as folder:
        folder.chmod(0o777)
        script = COPYING_INITDB.format(
            kept=folder / "kept", initdb=find_programs().path("initdb")
        )
        (folder / "initdb").write_text(script)
        (folder / "initdb").chmod(0o755)
        yield Programs(folder, find_programs().major)


@pytest.fixture
def real_initdb() -> None:
    """For tests of what initdb itself does."""


@pytest.fixture(autouse=True)
def copied_initdb(request: pytest.FixtureRequest, copying: Programs) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if "real_initdb" not in request.fixturenames:
            patch.setattr(cluster_data, "find_programs", lambda: copying)
        yield


@pytest.fixture
def folder() -> Iterator[Path]:
    with passable_folder() as made:
        yield made


@pytest.fixture
def make_cluster() -> Iterator[MakeCluster]:
    """Make clusters that are stopped, and gone from outside their homes, afterwards."""
    made: list[Cluster] = []

    def make(home: Path, **options: float) -> Cluster:
        cluster = Cluster(home, durable=False, **options)
        made.append(cluster)
        return cluster

    yield make
    for cluster in made:
        try:
            status = cluster.down()
        except ClusterError:
            continue
        # Only what cannot be anything but a test's own: a broken program may name any folder.
        for leftover in (status.data.parent, status.socket):
            if leftover.parent == ELSEWHERE or leftover.match("/tmp/gridmgmt-*"):
                shutil.rmtree(leftover, ignore_errors=True)


@pytest.fixture
def cluster(folder: Path, make_cluster: MakeCluster) -> Cluster:
    return make_cluster(folder / "home")


@pytest.fixture
def other_program(cluster: Cluster) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of the cluster's owner that has nothing to do with it."""
    owner = choose_owner(cluster.status().data)
    users = {"user": owner.uid, "group": owner.gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "600"], **users) as program:
        yield program
        program.kill()


def query(url: str, sql: str) -> str:
    psql = find_programs().path("psql")
    done = subprocess.run(
        [psql, "-XAt", "-c", sql, url],
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.usefixtures("real_initdb")
def test_up_makes_and_starts_a_cluster_with_postgis_at_hand(cluster: Cluster) -> None:
    assert cluster.status().state == "absent"
    status = cluster.up()
    assert status.state == "running"
    assert status.version is not None
    assert status.version.isdigit()
    cluster.ensure_database("gis")
    query(cluster.url("gis"), "CREATE EXTENSION postgis")
    assert query(cluster.url("gis"), "SELECT ST_Area('POLYGON((0 0,2 0,2 1,0 0))')") == "1"


def test_up_twice_is_one_cluster(cluster: Cluster) -> None:
    assert cluster.up() == cluster.up()


def test_the_cluster_is_closed_to_the_network_and_to_other_users(cluster: Cluster) -> None:
    status = cluster.up()
    assert query(cluster.url("postgres"), "SHOW listen_addresses") == ""
    assert status.data.stat().st_mode & 0o777 == 0o700
    assert status.socket.stat().st_mode & 0o777 == 0o700
    assert query(cluster.url("postgres"), "SHOW server_encoding") == "UTF8"
    sql = "SELECT datcollate, current_user FROM pg_database WHERE datname = 'postgres'"
    assert query(cluster.url("postgres"), sql) == "C.UTF-8|gridmgmt"


def test_what_was_stored_is_there_after_down_and_up(cluster: Cluster) -> None:
    cluster.up()
    assert cluster.ensure_database("kept") is True
    assert cluster.down().state == "stopped"
    assert cluster.down().state == "stopped"
    cluster.up()
    assert cluster.ensure_database("kept") is False


def test_down_leaves_an_absent_cluster_absent(cluster: Cluster) -> None:
    assert cluster.down().state == "absent"
    assert not cluster.home.exists()


def test_a_killed_server_comes_up_again(cluster: Cluster) -> None:
    first = cluster.up()
    assert first.pid is not None
    cluster.ensure_database("kept")
    kill(first.pid)
    second = cluster.up()
    assert second.state == "running"
    assert second.pid != first.pid
    assert cluster.ensure_database("kept") is False


def test_a_killed_server_whose_query_goes_on_is_not_joined_by_a_second(
    cluster: Cluster,
) -> None:
    status = cluster.up()
    assert status.pid is not None
    busy = "DO $$ BEGIN FOR i IN 1..2000000000 LOOP END LOOP; END $$"
    psql = [find_programs().path("psql"), "-X", "-c", busy, cluster.url("postgres")]
    with subprocess.Popen(psql, stderr=subprocess.DEVNULL, env=clean_environment()) as client:
        active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'"
        try:
            while query(cluster.url("postgres"), active) != "1":
                pass
            kill(status.pid)
            assert cluster.up().state == "running"
            # The old server's process was ended before the new server began.
            assert client.wait(timeout=5) != 0
        finally:
            client.kill()


def test_a_stale_pid_that_is_another_program_now_does_not_mislead(
    cluster: Cluster, other_program: "subprocess.Popen[bytes]"
) -> None:
    status = cluster.up()
    traces = status.data / "postmaster.pid"
    lines = traces.read_text().splitlines()
    cluster.down()
    owner = choose_owner(status.data)
    owner.write(traces, "\n".join([str(other_program.pid), *lines[1:]]) + "\n")
    assert cluster.status().state == "stopped"
    assert cluster.down().state == "stopped"
    assert cluster.up().state == "running"
    assert other_program.poll() is None


def test_a_stale_socket_lock_that_names_another_program_does_not_mislead(
    cluster: Cluster, other_program: "subprocess.Popen[bytes]"
) -> None:
    status = cluster.up()
    lock = status.socket / ".s.PGSQL.5432.lock"
    lines = lock.read_text().splitlines()
    cluster.down()
    text = "\n".join([str(other_program.pid), *lines[1:]]) + "\n"
    choose_owner(status.data).write(lock, text)
    assert cluster.up().state == "running"
    assert other_program.poll() is None


def test_a_stale_pid_that_is_another_cluster_now_does_not_stop_that_one(
    cluster: Cluster, folder: Path, make_cluster: MakeCluster
) -> None:
    other = make_cluster(folder / "other")
    running = other.up()
    status = cluster.up()
    cluster.down()
    pid_file = (running.data / "postmaster.pid").read_text()
    choose_owner(status.data).write(status.data / "postmaster.pid", pid_file)
    assert cluster.down().state == "stopped"
    assert other.status() == running
    assert cluster.up().pid != running.pid


def test_commands_at_the_same_moment_make_one_cluster(folder: Path, cluster: Cluster) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from gridmgmt.store.cluster.private import Cluster\n"
        "c = Cluster(Path(sys.argv[1]), durable=False); print(c.up().pid);"
        "c.ensure_database('d')"
    )
    command = [sys.executable, "-c", code, str(cluster.home)]
    programs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [program.communicate(timeout=120) for program in programs]
    assert [errors for _, errors in answers] == ["", "", ""]
    assert {pid.strip() for pid, _ in answers} == {str(cluster.status().pid)}


def test_a_data_folder_without_the_marker_is_never_touched(
    cluster: Cluster, folder: Path
) -> None:
    data = cluster.status().data
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    owner = choose_owner(folder / "nothing")
    for path in (data.parent, data):
        os.chown(path, owner.uid, owner.gid)
        path.chmod(0o700)
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    for act in (cluster.up, cluster.down, cluster.status):
        with pytest.raises(ClusterError, match="not made by gridmgmt"):
            act()
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before


def test_a_folder_of_somebody_elses_in_the_clusters_place_is_left_alone(
    cluster: Cluster,
) -> None:
    mine = cluster.home / "cluster"
    mine.mkdir(parents=True)
    (mine / "thesis.txt").write_text("irreplaceable")
    with pytest.raises(ClusterError, match="move it away"):
        cluster.up()
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    assert mine.stat().st_mode & 0o777 != 0o700


@pytest.mark.usefixtures("real_initdb")
def test_an_initdb_that_was_interrupted_is_made_anew(cluster: Cluster) -> None:
    status = cluster.up()
    cluster.down()
    (status.data / "PG_VERSION").unlink()
    status.data.rename(status.data.with_name("data.unfinished"))
    assert cluster.status().state == "absent"
    assert cluster.up().state == "running"


def test_a_start_that_fails_shows_the_end_of_the_log(cluster: Cluster) -> None:
    status = cluster.up()
    cluster.down()
    with (status.data / "gridmgmt.conf").open("a") as file:
        file.write("work_mem = 'a lot'\n")
    with pytest.raises(ClusterError, match=r'(?s)last lines of.*work_mem.*"a lot"'):
        cluster.up()


def test_a_start_that_takes_too_long_says_so_and_is_waited_for_again(
    cluster: Cluster, make_cluster: MakeCluster
) -> None:
    cluster.up()
    cluster.down()
    with pytest.raises(ClusterError, match="still starting"):
        make_cluster(cluster.home, patience_s=0).up()
    assert cluster.up().state == "running"


def test_the_callers_environment_does_not_mislead(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "PGHOST": "nowhere.invalid",
        "PGPORT": "1",
        "PGDATA": str(tmp_path),
        "PGDATABASE": "nothing",
        "PGUSER": "nobody",
        "PGOPTIONS": "-c nonsense=1",
        "PGSERVICE": "nosuchservice",
        "LC_ALL": "nn_NO.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    assert cluster.up().state == "running"
    assert cluster.ensure_database("here") is True


def test_the_url_is_one_that_psql_takes_whatever_the_port_variable_says(
    cluster: Cluster,
) -> None:
    cluster.up()
    name = "区 50%/1?&'\""
    cluster.ensure_database(name)
    done = subprocess.run(
        [find_programs().path("psql"), "-XAtc", "SELECT current_database()", cluster.url(name)],
        capture_output=True,
        text=True,
        env={**clean_environment(), "PGPORT": "1", "PGHOST": "nowhere.invalid"},
        check=True,
    )
    assert done.stdout.strip() == name


def test_databases_are_created_once_and_dropped_under_their_users(cluster: Cluster) -> None:
    cluster.up()
    assert cluster.ensure_database("brief") is True
    psql = [find_programs().path("psql"), "-X", "-c", "SELECT pg_sleep(60)"]
    with subprocess.Popen(
        [*psql, cluster.url("brief")], stderr=subprocess.DEVNULL, env=clean_environment()
    ):
        cluster.drop_database("brief")
    cluster.drop_database("brief")
    assert cluster.ensure_database("brief") is True


@pytest.mark.parametrize("name", ["", "x" * 64, "网" * 22, "postgres", "template1"])
def test_a_name_that_cannot_be_a_database_of_ours_is_refused(
    cluster: Cluster, name: str
) -> None:
    for act in (cluster.ensure_database, cluster.drop_database):
        with pytest.raises(InputError):
            act(name)


def test_a_cluster_that_is_down_is_said_to_be_down(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match="gridmgmt db up"):
        cluster.ensure_database("x")


@pytest.mark.parametrize("name", ["网格 化,管理 'x' \"y\" $(z) \\ %41", "n" * 120])
def test_an_awkward_home_works_and_gets_a_short_socket(
    folder: Path, make_cluster: MakeCluster, name: str
) -> None:
    cluster = make_cluster(folder / name)
    status = cluster.up()
    assert len(os.fsencode(status.socket / ".s.PGSQL.5432")) < 100
    assert cluster.ensure_database("x") is True
    assert cluster.down().state == "stopped"


def test_a_moved_home_takes_its_cluster_along(folder: Path, make_cluster: MakeCluster) -> None:
    old = make_cluster(folder / "old")
    old.up()
    old.ensure_database("kept")
    old.down()
    old.home.rename(folder / "new")
    new = make_cluster(folder / "new")
    new.up()
    assert new.ensure_database("kept") is False


def test_a_copied_home_does_not_act_on_the_original(
    folder: Path, make_cluster: MakeCluster
) -> None:
    original = make_cluster(folder / "original")
    running = original.up()
    subprocess.run(["cp", "-a", original.home, folder / "copy"], check=True)
    copy = make_cluster(folder / "copy")
    assert copy.status().state == "stopped"
    assert copy.down().state == "stopped"
    assert original.status() == running


@as_root
def test_a_home_closed_to_the_unprivileged_user_keeps_its_data_under_var_lib(
    tmp_path: Path, make_cluster: MakeCluster
) -> None:
    clone = tmp_path / "closed" / "clone"
    clone.mkdir(parents=True)
    clone.parent.chmod(0o700)
    cluster = make_cluster(clone / ".gridmgmt")
    status = cluster.up()
    assert status.data.is_relative_to("/var/lib/gridmgmt")
    assert str(status.data.parent) in (cluster.home / "cluster.path").read_text()
    assert status.data.stat().st_uid != 0
    assert cluster.ensure_database("kept") is True
    # Another process finds the same cluster again.
    again = Cluster(cluster.home)
    assert again.status() == status
    assert again.down().state == "stopped"
    assert again.up().state == "running"
    assert again.ensure_database("kept") is False


@as_root
def test_a_copy_of_a_closed_home_gets_none_of_the_originals_data(
    tmp_path: Path, make_cluster: MakeCluster
) -> None:
    original = make_cluster(tmp_path / "original")
    running = original.up()
    shutil.copytree(original.home, tmp_path / "copy")
    copy = Cluster(tmp_path / "copy")
    for act in (copy.up, copy.down, copy.status):
        with pytest.raises(ClusterError, match="cluster of"):
            act()
    assert original.status() == running


@as_root
def test_a_moved_closed_home_keeps_its_data_and_its_old_place_does_not(
    tmp_path: Path, make_cluster: MakeCluster
) -> None:
    old = make_cluster(tmp_path / "old")
    old.up()
    old.ensure_database("kept")
    old.home.rename(tmp_path / "new")
    new = make_cluster(tmp_path / "new")
    new.up()
    assert new.ensure_database("kept") is False
    with pytest.raises(ClusterError, match="cluster of"):
        Cluster(tmp_path / "old").up()
    assert [path.name for path in (tmp_path / "old").iterdir()] == ["cluster.lock"]


def test_a_cluster_deleted_while_it_ran_does_not_disturb_its_successor(
    cluster: Cluster,
) -> None:
    deleted = cluster.up().pid
    assert deleted is not None
    shutil.rmtree(cluster.home)
    assert cluster.up().pid != deleted
    # Left alone it would notice within a minute, and take the new server's socket with it.
    assert not is_alive(deleted)
    assert query(cluster.url("postgres"), "SELECT 1") == "1"


def test_a_note_that_points_somewhere_else_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    cluster.home.mkdir()
    (cluster.home / "cluster.path").write_text(f"{tmp_path}\n")
    for act in (cluster.up, cluster.down, cluster.status):
        with pytest.raises(ClusterError, match="remove that file"):
            act()


@as_root
def test_a_socket_folder_of_somebody_elses_is_not_used(
    folder: Path, make_cluster: MakeCluster
) -> None:
    cluster = make_cluster(folder / ("n" * 120))
    socket = cluster.status().socket
    assert socket.parent == Path("/tmp")
    socket.mkdir(mode=0o700)
    os.chown(socket, 12345, 12345)
    try:
        with pytest.raises(ClusterError, match="not a private folder"):
            cluster.up()
    finally:
        socket.rmdir()


def act_as_nobody(home: Path, acts: str) -> str:
    """Run code with the cluster ``c`` of a home as an unprivileged user; what it printed."""
    # Root's imports come first: the program itself may lie where nobody can read it.
    code = (
        "import os, sys; from pathlib import Path\n"
        "from gridmgmt.store.cluster.private import Cluster\n"
        "from gridmgmt.errors import ClusterError\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"c = Cluster(Path(sys.argv[1]), durable=False)\n{acts}"
    )
    command = [sys.executable, "-c", code, str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@as_root
def test_another_user_is_told_whose_cluster_it_is(cluster: Cluster) -> None:
    cluster.up()
    acts = (
        "for act in (c.up, c.down, c.status):\n"
        "    try:\n"
        "        act()\n"
        "    except ClusterError as error:\n"
        "        print(error)\n"
    )
    said = act_as_nobody(cluster.home, acts)
    assert said.count("belongs to another user: use sudo") == 3
    assert cluster.status().state == "running"


@as_root
def test_an_unprivileged_user_runs_a_cluster_of_its_own(folder: Path) -> None:
    home = folder / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    said = act_as_nobody(home, "print(c.up().state, c.ensure_database('x'), c.down().state)")
    assert said.split() == ["running", "True", "stopped"]
    assert (home / "cluster" / "data").stat().st_uid == 65534
