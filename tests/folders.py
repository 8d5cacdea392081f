"""Folders for the tests of what runs as another user, in memory where there is room."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gridmgmt.errors import ClusterError
from gridmgmt.store.cluster.private import Cluster

# Copying a database is writing a thousand small files: in memory that is ten times as fast.
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 3_000_000_000
_PREFIX = "gm-"
_LOCK = "in-use"
_SETTLED_S = 60


@contextmanager
def passable_folder() -> Iterator[Path]:
    """Make a folder that every user can pass through, gone afterwards.

    Pytest's own are closed to everybody else; a cluster started there by root would go under
    ``/var/lib``, where nobody would clean up.
    """
    parent = _MEMORY if _has_room() else None
    if parent:
        _remove_abandoned(parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def _has_room() -> bool:
    """Tell whether memory and the file system in it have room for a run of the tests."""
    try:
        meminfo = dict(
            line.split(":") for line in Path("/proc/meminfo").read_text().splitlines()
        )
        room = min(
            shutil.disk_usage(_MEMORY).free, int(meminfo["MemAvailable"].split()[0]) * 1024
        )
    except (OSError, KeyError, ValueError):
        return False
    return room > _ROOM_BYTES and os.access(_MEMORY, os.W_OK)


def _remove_abandoned(parent: Path) -> None:
    """Remove what runs left that were killed: memory is too dear to wait for a restart."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / _LOCK).open() as lock:
            # One that was made this moment may not have been locked yet.
            if time.time() - (folder / _LOCK).stat().st_mtime < _SETTLED_S:
                continue
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(ClusterError):
                Cluster(folder / "home", durable=False).down()
            shutil.rmtree(folder, ignore_errors=True)
