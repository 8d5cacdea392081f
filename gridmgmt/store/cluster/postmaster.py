"""Find the server process of a data folder.

A process number alone proves nothing: after a crash it may belong to another program. The
number in ``postmaster.pid`` counts only if that process is a ``postgres`` with this folder as
its working folder.
"""

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gridmgmt.store.cluster.system_user import SystemUser

_PID_FILE = "postmaster.pid"
_STATUS_LINE = 7

# No process has this number: the kernel's limit is 2**22.
_NOBODY = 2**31 - 1


@dataclass(frozen=True)
class Postmaster:
    """A live server process of a data folder; ``ready`` if it accepts connections."""

    pid: int
    ready: bool


def find_postmaster(data: Path) -> Postmaster | None:
    """Return the live server of a data folder, or None if there is none."""
    lines = _pid_lines(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    if not _serves(pid, data):
        return None
    status = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else ""
    return Postmaster(pid, ready=status == "ready")


def has_stale_pid(data: Path) -> bool:
    """Return whether a server of this folder ended without removing its pid file."""
    return bool(_pid_lines(data)) and find_postmaster(data) is None


def disown_stale_pid(data: Path) -> None:
    """Overwrite the process number in a stale ``postmaster.pid`` with one nobody has.

    PostgreSQL refuses to start while a process with that number lives, even if it is another
    program. The file must not be deleted: its other lines tell PostgreSQL whether processes of
    the crashed server still use its memory.
    """
    if not has_stale_pid(data):
        return
    _, *others = _pid_lines(data)
    text = "".join(f"{line}\n" for line in [str(_NOBODY), *others])
    handle = os.open(data / _PID_FILE, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; an ended process that was not collected does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def orphans(data: Path, owner: SystemUser) -> list[int]:
    """Return the processes of ``owner`` that a killed server left in a data folder."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    servers = [pid for pid in pids if "".join(_command(pid)[:1]).startswith("postgres: ")]
    return [pid for pid in servers if is_alive(pid) and _is_left_in(pid, data, owner)]


def deleted_servers(data: Path, owner: SystemUser) -> list[int]:
    """Return the servers of ``owner`` whose data folder at this path was deleted.

    Such a server notices this within a minute. When it ends it removes the socket at its path,
    which may by then belong to another server.
    """
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        pid = int(entry.name)
        if ("-D", str(data)) in pairwise(_command(pid)) and is_alive(pid):
            folder = owner.run(["readlink", f"/proc/{pid}/cwd"]).stdout
            if folder.rstrip("\n") == f"{data} (deleted)":
                found.append(pid)
    return found


def _is_left_in(pid: int, data: Path, owner: SystemUser) -> bool:
    works_there = _works_in(pid, data)
    if works_there is None:
        # In some containers root may not do this, but the user of the processes may.
        same = ["test", f"/proc/{pid}/cwd", "-ef", str(data)]
        return owner.run(same).returncode == 0
    return works_there


def _pid_lines(data: Path) -> list[str]:
    try:
        return (data / _PID_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _serves(pid: int, data: Path) -> bool:
    command = _command(pid)
    if not is_alive(pid) or not command or os.path.basename(command[0]) != "postgres":  # noqa: PTH119 - argv, not a path
        return False
    works_there = _works_in(pid, data)
    if works_there is None:
        # In some containers not even root may look at this. Everybody can read the arguments.
        return ("-D", str(data)) in pairwise(command)
    return works_there


def _works_in(pid: int, data: Path) -> bool | None:
    """Return whether a folder is the working folder of a process.

    Return None if this may not be read.
    """
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except PermissionError:
        return None
    except OSError:
        return False


def _command(pid: int) -> list[str]:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return [os.fsdecode(part) for part in raw.rstrip(b"\0").split(b"\0")]
