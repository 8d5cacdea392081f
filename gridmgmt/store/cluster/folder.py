"""Where a private cluster lies on disk and where its socket is."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from gridmgmt.errors import ClusterError
from gridmgmt.store.cluster.system_user import SystemUser, choose_owner

PORT = 5432
ELSEWHERE = Path("/var/lib/gridmgmt")
_POINTER = "cluster.path"

# The kernel allows 107 bytes. Commas separate hosts in libpq, quotes and blanks need quoting
# on every way: a folder with any of them gets a short socket folder too.
_SOCKET_BYTES = 100
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")


@dataclass(frozen=True)
class ClusterFolder:
    """The folder of one private cluster: data, log, socket."""

    base: Path

    @property
    def data(self) -> Path:
        """The data folder, as PostgreSQL calls it."""
        return self.base / "data"

    @property
    def unfinished(self) -> Path:
        """The data folder while it is being made."""
        return self.base / "data.unfinished"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.base / "log"

    @property
    def socket(self) -> Path:
        """The folder of the socket: beside the data, or a short one under ``/tmp``."""
        beside = self.base / "socket"
        if _fits(beside):
            return beside
        digest = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:16]
        return Path("/tmp") / f"gridmgmt-{digest}"


def _fits(folder: Path) -> bool:
    name = str(folder / f".s.PGSQL.{PORT}")
    return len(os.fsencode(name)) < _SOCKET_BYTES and _PLAIN.fullmatch(name) is not None


def find_place(home: Path) -> ClusterFolder:
    """Find the cluster of a home, or where it would be made first.

    Raises
    ------
    ClusterError
        when the note that says where the cluster is names a place the program never uses
    """
    pointer = home / _POINTER
    try:
        base = Path(pointer.read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return ClusterFolder(home / "cluster")
    if base.parent != ELSEWHERE:
        message = f"{pointer} names {base}, which is not under {ELSEWHERE}: remove that file"
        raise ClusterError(message)
    return ClusterFolder(base)


def make_place(home: Path) -> tuple[ClusterFolder, SystemUser]:
    """Make the folder of a home's cluster where its owner can really reach it.

    That is inside the home; where the owner cannot get there, under ``/var/lib/gridmgmt``.

    Raises
    ------
    ClusterError
        when no folder can be had
    """
    place = find_place(home)
    owner = choose_owner(place.data)
    if os.path.lexists(place.base):
        _check_held(place.base, owner)
        return place, owner
    if place.base.parent == home:
        if _try_folder(place.base, owner):
            return place, owner
        place = ClusterFolder(ELSEWHERE / _stable_name(home))
    if os.geteuid() != 0:
        message = f"{home} cannot hold a database; set GRIDMGMT_HOME to a folder that can"
        raise ClusterError(message)
    if not ELSEWHERE.exists():
        ELSEWHERE.mkdir()
        ELSEWHERE.chmod(0o711)
    if not os.path.lexists(place.base) and not _try_folder(place.base, owner):
        message = f"the system user {owner.name} can use neither {home} nor {place.base}"
        raise ClusterError(message)
    _check_held(place.base, choose_owner(place.data))
    return place, choose_owner(place.data)


def note_place(home: Path, place: ClusterFolder) -> None:
    """Write into the home where its cluster is, if that is not inside it."""
    if place.base.parent != home:
        (home / _POINTER).write_text(f"{place.base}\n", encoding="utf-8")


def _try_folder(base: Path, owner: SystemUser) -> bool:
    try:
        owner.make_folder(base)
    except OSError:
        return False
    if owner.holds(base):
        return True
    base.rmdir()
    return False


def _check_held(base: Path, owner: SystemUser) -> None:
    if not base.is_dir() or not owner.holds(base):
        message = (
            f"{base} is there, but not as a folder that the user {owner.name} alone can reach "
            "and fill, so nothing was done with it: move it away, or set GRIDMGMT_HOME to "
            "another folder"
        )
        raise ClusterError(message)


def _stable_name(home: Path) -> str:
    """Name a home's folder under ``/var/lib``: the same home, the same name."""
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    readable = re.sub(r"[^A-Za-z0-9]+", "-", home.parent.name).strip("-")[:24]
    return f"{readable or 'home'}-{digest}"


def make_socket_folder(place: ClusterFolder, owner: SystemUser) -> None:
    """Make the socket folder, or make sure that the one there is the owner's alone.

    Raises
    ------
    ClusterError
        when somebody else has a folder, file or link of that name
    """
    try:
        owner.make_folder(place.socket)
    except FileExistsError:
        found = place.socket.lstat()
        ours = found.st_uid == owner.uid and found.st_mode & 0o170777 == 0o040700
        if not ours:
            message = (
                f"{place.socket} is not a private folder of the user {owner.name}, so the "
                "socket was not put there: remove it"
            )
            raise ClusterError(message) from None
