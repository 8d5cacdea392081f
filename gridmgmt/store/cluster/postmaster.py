"""Which process serves a data folder, told from the traces it leaves there.

A process number proves nothing by itself: after a crash it may be another program's. The one
in ``postmaster.pid`` counts only when that process is a ``postgres`` at work in that folder.
"""

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gridmgmt.store.cluster.system_user import SystemUser

_PID_FILE = "postmaster.pid"
_STATUS_LINE = 7

# No process ever has this number (the kernel's limit is 2**22).
_NOBODY = 2**31 - 1


@dataclass(frozen=True)
class Postmaster:
    """A live server process on a data folder; ``ready`` when it takes connections."""

    pid: int
    ready: bool


def find_postmaster(data: Path) -> Postmaster | None:
    """Return the live server of a data folder, None when there is none."""
    lines = _pid_lines(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    if not _serves(pid, data):
        return None
    status = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else ""
    return Postmaster(pid, ready=status == "ready")


def has_stale_pid(data: Path) -> bool:
    """Tell whether a server of this folder ended without clearing its traces."""
    return bool(_pid_lines(data)) and find_postmaster(data) is None


def disown_stale_pid(data: Path) -> None:
    """Make a stale ``postmaster.pid`` name no process at all.

    PostgreSQL refuses to start while the number in it is alive, even as another program. The
    file must not be removed instead: from its other lines PostgreSQL finds out whether
    processes of the crashed server still use its memory.
    """
    if not has_stale_pid(data):
        return
    _, *others = _pid_lines(data)
    text = "".join(f"{line}\n" for line in [str(_NOBODY), *others])
    handle = os.open(data / _PID_FILE, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not yet collected does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def orphans(data: Path, owner: SystemUser) -> list[int]:
    """List the processes a killed server of ``owner`` left behind in a data folder."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    servers = [pid for pid in pids if "".join(_command(pid)[:1]).startswith("postgres: ")]
    return [pid for pid in servers if is_alive(pid) and _is_left_in(pid, data, owner)]


def deleted_servers(data: Path, owner: SystemUser) -> list[int]:
    """List the servers of ``owner`` whose data folder of this path was deleted under them.

    Such a server notices within a minute, and removes as it ends the socket of whoever is at
    its path by then.
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
        # What containers forbid root, the processes' own user may.
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
        # Containers may forbid even root to look; the arguments are open to everybody.
        return ("-D", str(data)) in pairwise(command)
    return works_there


def _works_in(pid: int, data: Path) -> bool | None:
    """Tell whether a process has a folder as its working folder; None: not allowed to look."""
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
