"""Give up access to all files of this machine except those needed to read one file.

Libraries open what a file names: grids of coordinate systems, other databases. On Linux a
process can restrict itself (Landlock, since 5.13): everything else is then forbidden. On a
system without Landlock nothing is given up, and the other measures stand alone.
"""

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import pyproj.datadir

import gridmgmt
from gridmgmt.exchange.layers.companions import is_beside, remember_names

# The numbers are the same on every architecture newer than 2020.
_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION, _BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38

_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
# The number of file rights that each version of Landlock knows.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_RIGHTS_NOW = 16
# The rights of single files: read, write, execute, truncate, ioctl.
_OF_FILES = 1 | 2 | _READ_FILE | 1 << 14 | 1 << 15
# From version 6 on: no signals to other processes, no abstract unix sockets.
_SCOPED_SINCE, _SCOPED = 6, 1 | 2

# Programs and their data. Of /etc only the files that libraries look up there.
_OF_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/proc/sys/vm",
    "/sys/devices/system/cpu",
)

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the Landlock version of the system, 0 for none."""
    return max(int(_libc.syscall(_CREATE, None, 0, _ASK_VERSION)), 0)


def of_programs() -> list[Path]:
    """Return the folders and files of this program that any reading may need."""
    ours = [Path(gridmgmt.__file__).parent, Path(pyproj.datadir.get_data_dir())]
    libraries = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib")}
    libraries |= {path for path in sys.path if path.endswith("-packages")}
    if "PROJ_DATA" in os.environ:
        libraries |= set(os.environ["PROJ_DATA"].split(os.pathsep))
    return [*map(Path, _OF_SYSTEM), Path(sys.base_prefix) / "lib", *ours, *map(Path, libraries)]


def beside(path: Path) -> list[Path]:
    """Return a file and its sidecar files by name; of a folder, the folder.

    The names in the folder are remembered, for it cannot be listed when it is given up.
    """
    if path.is_dir():
        return [path]
    names = remember_names(path.parent)
    return [path, *(path.with_name(name) for name in names if is_beside(name, path))]


def confine(to_read: Iterable[Path], to_write: Path) -> bool:
    """Restrict this thread and all it starts to these files, for the rest of its life.

    Missing paths are skipped. Return False if the system has no Landlock.
    """
    known = version()
    if not known:
        return False
    handled = (1 << _RIGHTS.get(known, _RIGHTS_NOW)) - 1
    scoped = _SCOPED if known >= _SCOPED_SINCE else 0
    described = struct.pack("QQQ", handled, 0, scoped)
    size = len(described) if scoped else 8
    rules = _libc.syscall(_CREATE, described, size, 0)
    if rules < 0:
        return False
    try:
        for path in to_read:
            _allow(rules, path, _READ_FILE | _READ_FOLDER)
        _allow(rules, to_write, handled)
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(_libc.syscall(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        there = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _OF_FILES
        # struct landlock_path_beneath_attr is packed.
        _libc.syscall(_ADD_RULE, rules, _BENEATH, struct.pack("=Qi", rights, there), 0)
    finally:
        os.close(there)
