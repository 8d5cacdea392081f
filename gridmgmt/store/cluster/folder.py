"""The folders of a private cluster: data, log and socket."""

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

# The kernel allows 107 bytes for the path of a socket. In libpq a comma separates hosts, and
# quotes and blanks need quoting. A folder with any of these gets a short socket folder too.
_SOCKET_BYTES = 100
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")


@dataclass(frozen=True)
class ClusterFolder:
    """The folders of one private cluster: data, log, socket."""

    base: Path

    @property
    def data(self) -> Path:
        """Return the data folder, in the sense of PostgreSQL."""
        return self.base / "data"

    @property
    def unfinished(self) -> Path:
        """Return the name of the data folder while it is being made."""
        return self.base / "data.unfinished"

    @property
    def log(self) -> Path:
        """Return the log file of the server."""
        return self.base / "log"

    @property
    def socket(self) -> Path:
        """Return the folder of the socket: beside the data, or a short one under ``/tmp``."""
        beside = self.base / "socket"
        if _fits(beside):
            return beside
        digest = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:16]
        return Path("/tmp") / f"gridmgmt-{digest}"


def _fits(folder: Path) -> bool:
    name = str(folder / f".s.PGSQL.{PORT}")
    return len(os.fsencode(name)) < _SOCKET_BYTES and _PLAIN.fullmatch(name) is not None


def find_place(home: Path) -> ClusterFolder:
    """Return the place of the cluster of a home, also before the cluster is made.

    Raises
    ------
    ClusterError
        when the note in the home names a place that this program never uses
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
    """Make the folder of a home's cluster where its owner can reach it.

    This is inside the home, or under ``/var/lib/gridmgmt`` if the owner cannot enter the home.

    Raises
    ------
    ClusterError
        when no folder can be made
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
    """Store in the home where its cluster is, unless it is inside the home."""
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
    """Return the folder name of a home under ``/var/lib``; a home always gets the same name."""
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    readable = re.sub(r"[^A-Za-z0-9]+", "-", home.parent.name).strip("-")[:24]
    return f"{readable or 'home'}-{digest}"


def make_socket_folder(place: ClusterFolder, owner: SystemUser) -> None:
    """Make the folder of the socket, or check that only the owner can use it.

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
