"""The private PostGIS cluster: made, started and stopped by the program itself.

It listens on a unix socket in a folder that only its owner can enter, so it needs neither a
service nor a password. The program never touches a data folder without our marker file.
"""

import fcntl
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from gridmgmt.errors import ClusterError, InputError
from gridmgmt.store.cluster.data import (
    ROLE,
    adopt_data,
    check_marker,
    is_there,
    last_lines,
    major_version,
    make_data,
)
from gridmgmt.store.cluster.folder import (
    PORT,
    ClusterFolder,
    find_place,
    make_place,
    make_socket_folder,
    note_place,
)
from gridmgmt.store.cluster.postmaster import (
    deleted_servers,
    disown_stale_pid,
    find_postmaster,
    has_stale_pid,
    is_alive,
    orphans,
)
from gridmgmt.store.cluster.programs import find_programs, run_sql
from gridmgmt.store.cluster.system_user import SystemUser

_log = logging.getLogger(__name__)

_NAME_BYTES = 63
_LOG_BYTES = 10_000_000
_TICK_S = 0.05

# The shell starts the server and ends, so the server is not a child of this process. It cannot
# become a zombie of a long-lived caller, and does not end together with it.
_LAUNCH = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'


@dataclass(frozen=True)
class ClusterStatus:
    """The state of the private cluster; ``version`` is the major version of PostgreSQL."""

    state: Literal["absent", "stopped", "running"]
    data: Path
    socket: Path
    pid: int | None
    version: str | None


class Cluster:
    """The private cluster of one home folder.

    ``durable=False`` gives up crash safety for speed (tests). ``patience_s`` is the longest
    wait, in seconds, for a start, a stop, or the work of another command.
    """

    def __init__(self, home: Path, *, durable: bool = True, patience_s: float = 60.0) -> None:
        self.home = Path(home).resolve()
        self.durable = durable
        self.patience_s = patience_s

    def up(self) -> ClusterStatus:
        """Make and start the cluster if necessary, and wait until it answers.

        Raises
        ------
        ClusterError
            saying the reason and, after a failed start, the last lines of the log
        """
        with self._alone():
            place, owner = make_place(self.home)
            if not is_there(place.data):
                make_data(place, owner, home=self.home, durable=self.durable)
            check_marker(place.data, self.home)
            adopt_data(place.data, owner, self.home)
            note_place(self.home, place)
            launched = None
            if find_postmaster(place.data) is None:
                launched = self._start(place, owner)
            self._await_ready(place, launched)
        return self.status()

    def down(self) -> ClusterStatus:
        """Stop the cluster and roll back open transactions; a stopped cluster stays as it is.

        Raises
        ------
        ClusterError
            when it does not stop in time
        """
        if self.status().state != "running":
            return self.status()
        with self._alone():
            place = find_place(self.home)
            server = find_postmaster(place.data)
            if server is not None:
                os.kill(server.pid, signal.SIGINT)
                if not self._wait(lambda: not is_alive(server.pid)):
                    message = f"the cluster does not stop;{last_lines(place.log)}"
                    raise ClusterError(message)
                _log.info("cluster stopped", extra={"action": "stop_cluster"})
        return self.status()

    def status(self) -> ClusterStatus:
        """Return the state of the cluster without changing anything.

        Raises
        ------
        ClusterError
            when something that is not ours is at its place
        """
        place = find_place(self.home)
        if not is_there(place.data):
            return ClusterStatus("absent", place.data, place.socket, None, None)
        check_marker(place.data, self.home)
        server = find_postmaster(place.data)
        return ClusterStatus(
            "running" if server else "stopped",
            place.data,
            place.socket,
            server.pid if server else None,
            str(major_version(place.data)),
        )

    def has_crashed(self) -> bool:
        """Return whether the server ended although nobody stopped it."""
        place = find_place(self.home)
        return is_there(place.data) and has_stale_pid(place.data)

    def url(self, database: str) -> str:
        """Return the URI of a database in the cluster, as psql and libpq accept it.

        It names the port: otherwise PGPORT of the caller would decide.
        """
        socket = quote(str(find_place(self.home).socket), safe="/")
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={socket}&port={PORT}"

    def ensure_database(self, name: str) -> bool:
        """Create a database if it does not exist; return whether it was created."""
        _check_name(name)
        with self._alone():
            known = "SELECT 1 FROM pg_database WHERE datname = :'name';"
            if self._sql(known, name):
                return False
            self._sql("CREATE DATABASE :\"name\" TEMPLATE template0 ENCODING 'UTF8';", name)
        return True

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and end the sessions that use it."""
        _check_name(name)
        self._sql('DROP DATABASE IF EXISTS :"name" WITH (FORCE);', name)

    def _sql(self, sql: str, name: str) -> str:
        status = self.status()
        if status.state != "running":
            message = "the private cluster is down; start it with: gridmgmt db up"
            raise ClusterError(message)
        programs = find_programs(major_version(status.data))
        # The notice of the server that there was nothing to drop helps nobody.
        quiet = "SET client_min_messages = warning;\n"
        return run_sql(programs, self.url("postgres"), quiet + sql, {"name": name})

    def _start(self, place: ClusterFolder, owner: SystemUser) -> int:
        """Start the server and return its process number.

        Files left by a crash are cleared first.
        """
        programs = find_programs(major_version(place.data))
        if has_stale_pid(place.data):
            self._end_orphans(place, owner)
            disown_stale_pid(place.data)
        self._end_deleted(place, owner)
        make_socket_folder(place, owner)
        # No server is alive and only this cluster uses the folder, so files in it are left
        # over.
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (place.socket / name).unlink(missing_ok=True)
        if is_there(place.log) and place.log.stat().st_size > _LOG_BYTES:
            place.log.replace(place.log.with_suffix(".1"))
        command = [programs.path("postgres"), "-D", str(place.data), *self._options(place)]
        done = owner.run(["/bin/sh", "-c", _LAUNCH, "sh", str(place.log), *command])
        if done.returncode or not done.stdout.strip().isdigit():
            message = f"the cluster cannot be started: {done.stderr.strip()}"
            raise ClusterError(message)
        return int(done.stdout)

    def _options(self, place: ClusterFolder) -> list[str]:
        # Given here and not in the configuration file, so that a moved home keeps working.
        options = {
            "listen_addresses": "",
            # Our own log has refused statements, without the values that PostgreSQL would
            # repeat.
            "log_min_messages": "log",
            "port": str(PORT),
            "unix_socket_directories": str(place.socket),
            "unix_socket_permissions": "0700",
        }
        if not self.durable:
            options |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                # Such a cluster is never recovered after a crash, so it keeps as little as
                # possible for that.
                "wal_level": "minimal",
                "max_wal_senders": "0",
                "max_wal_size": "256MB",
            }
        return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def _end_deleted(self, place: ClusterFolder, owner: SystemUser) -> None:
        """End servers that were here before and whose data folder was deleted."""
        for pid in deleted_servers(place.data, owner):
            os.kill(pid, signal.SIGQUIT)
        if not self._wait(lambda: not deleted_servers(place.data, owner), most_s=10):
            pids = ", ".join(map(str, deleted_servers(place.data, owner)))
            message = f"servers whose data were deleted do not end: {pids}; end them first"
            raise ClusterError(message)

    def _end_orphans(self, place: ClusterFolder, owner: SystemUser) -> None:
        """Wait until the processes of a killed server end, and then end those that are left."""
        if self._wait(lambda: not orphans(place.data, owner), most_s=1):
            return
        for pid in orphans(place.data, owner):
            os.kill(pid, signal.SIGQUIT)
        if not self._wait(lambda: not orphans(place.data, owner), most_s=10):
            pids = ", ".join(map(str, orphans(place.data, owner)))
            message = f"processes of a killed server still run in {place.data}: end {pids}"
            raise ClusterError(message)

    def _await_ready(self, place: ClusterFolder, launched: int | None) -> None:
        def settled() -> bool:
            server = find_postmaster(place.data)
            if server is not None:
                return server.ready
            return launched is None or not is_alive(launched)

        in_time = self._wait(settled)
        server = find_postmaster(place.data)
        if server is not None and server.ready:
            _log.info("cluster is up", extra={"action": "start_cluster", "pid": server.pid})
            return
        if in_time:
            message = f"the cluster ended while starting;{last_lines(place.log)}"
        else:
            message = (
                f"the cluster is not ready after {self.patience_s:g} s and still starting; "
                f"gridmgmt db up waits for it again;{last_lines(place.log)}"
            )
        raise ClusterError(message)

    def _wait(self, reached: Callable[[], bool], most_s: float | None = None) -> bool:
        end = time.monotonic() + (self.patience_s if most_s is None else most_s)
        while not reached():
            if time.monotonic() > end:
                return False
            time.sleep(_TICK_S)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock the home against other commands during the block."""
        lock = self.home / "cluster.lock"
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            message = (
                f"{self.home} cannot be used ({error}); set GRIDMGMT_HOME to another folder"
            )
            raise ClusterError(message) from error
        try:
            if not self._wait(lambda: _try_lock(handle), most_s=self.patience_s + 60):
                message = f"another command is busy with the cluster (it holds {lock})"
                raise ClusterError(message)
            yield
        finally:
            os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _check_name(name: str) -> None:
    # PostgreSQL would shorten a longer name without a word.
    if not name or len(name.encode()) > _NAME_BYTES or "\0" in name:
        problem = f"{name!r} cannot name a database (1 to {_NAME_BYTES} bytes)"
    elif name in {"postgres", "template0", "template1"}:
        problem = f"{name!r} is the server's own database"
    else:
        return
    field = "database"
    raise InputError(field, problem)
