"""Make the data folder of a private cluster, complete or not at all, with our marker file."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gridmgmt.errors import ClusterError
from gridmgmt.store.cluster.folder import ClusterFolder
from gridmgmt.store.cluster.programs import find_programs
from gridmgmt.store.cluster.system_user import SystemUser

ROLE = "gridmgmt"
_MARKER = "gridmgmt-cluster"
_MIB = 1024 * 1024


def make_data(place: ClusterFolder, owner: SystemUser, *, home: Path, durable: bool) -> None:
    """Make the data folder of a cluster.

    It is made under another name and then renamed, so that it is complete or absent.

    Raises
    ------
    ClusterError
        with the message of initdb
    """
    shutil.rmtree(place.unfinished, ignore_errors=True)
    command = [
        find_programs().path("initdb"),
        f"--pgdata={place.unfinished}",
        f"--username={ROLE}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    done = owner.run(command)
    if done.returncode:
        shutil.rmtree(place.unfinished, ignore_errors=True)
        message = f"initdb failed in {place.base}: {done.stderr.strip()}"
        raise ClusterError(message)
    for name, text in _files(place.unfinished, home):
        owner.write(place.unfinished / name, text)
    place.unfinished.rename(place.data)


def _files(folder: Path, home: Path) -> Iterator[tuple[str, str]]:
    configuration = (folder / "postgresql.conf").read_text(encoding="utf-8")
    yield "postgresql.conf", f"{configuration}\ninclude 'gridmgmt.conf'\n"
    yield (
        "gridmgmt.conf",
        _configuration(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")),
    )
    # Only the owner and root can enter the folder of the socket, so no password is needed.
    yield "pg_hba.conf", "local all all trust\nlocal replication all trust\n"
    yield _MARKER, _marker(home)


def _marker(home: Path) -> str:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    marker = {"made_by": "gridmgmt", "home": str(home), "marked_at": made_at}
    return json.dumps(marker, ensure_ascii=False, indent=1) + "\n"


def _configuration(memory_bytes: int) -> str:
    """Return PostgreSQL settings for a small shared machine, by its memory."""
    shared = max(128 * _MIB, min(memory_bytes // 8, 512 * _MIB))
    cache = max(256 * _MIB, memory_bytes // 2)
    return f"""\
# Written by gridmgmt when the cluster was made; edit freely, then gridmgmt db down and up.
shared_buffers = {shared // _MIB}MB
effective_cache_size = {cache // _MIB}MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_connections = 100
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
max_parallel_workers_per_gather = 1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_line_prefix = '%m [%p] %d '
"""


def is_there(path: Path) -> bool:
    """Return whether something with this name exists, of any kind.

    Raises
    ------
    ClusterError
        when the caller has no permission to look
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError as error:
        message = f"{path} belongs to another user: use sudo, or that user"
        raise ClusterError(message) from error
    return True


def check_marker(data: Path, home: Path) -> None:
    """Raise ClusterError unless our marker says that the data folder belongs to this home.

    This is checked before anything is done to the folder. If a home is moved, its cluster moves
    with it. A copy of a home does not get the cluster of the original.

    Raises
    ------
    ClusterError
        saying what to do about it
    """
    remedy = "move it away, or set GRIDMGMT_HOME to another folder"
    try:
        made_for = _made_for(data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{data} was not made by gridmgmt, so nothing was done with it: {remedy}"
        raise ClusterError(message) from error
    inside = data.is_relative_to(home)
    if not inside and made_for != home and made_for.exists():
        message = f"{data} is the cluster of {made_for}, not of {home}: {remedy}"
        raise ClusterError(message)


def adopt_data(data: Path, owner: SystemUser, home: Path) -> None:
    """Store in the marker that the home was moved.

    Its old place can then be used for a new home.
    """
    if _made_for(data) != home:
        owner.write(data / _MARKER, _marker(home))


def _made_for(data: Path) -> Path:
    return Path(json.loads((data / _MARKER).read_text(encoding="utf-8"))["home"])


def major_version(data: Path) -> int:
    """Return the major version of PostgreSQL that made a data folder."""
    return int((data / "PG_VERSION").read_text(encoding="utf-8"))


def last_lines(log: Path, count: int = 12) -> str:
    """Return the last lines of the server log with a line of introduction."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return " no log was written"
    return "\n".join([f" the last lines of {log}:", *(f"  {line}" for line in lines[-count:])])
