"""How much room files take that are kept for people, and how much they may take."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from gridmgmt.errors import NoRoomError

_log = logging.getLogger(__name__)
_MB = 1 << 20

# In the folder of a kept file: whose it is. No kept file is called like this.
OWNER_FILE = ".sender"
FOLDERS = ("uploads", "downloads")


@dataclass(frozen=True)
class FileRoom:
    """The room there is for files that are kept in ``home``.

    ``quota_mb`` is for the files of one account together, ``free_mb`` what stays free on the
    disks of the home and of temporary files; 0: no limit.
    """

    home: Path
    quota_mb: int = 0
    free_mb: int = 0

    def check(self, actor: str, more: int = 0) -> None:
        """See that an account may have ``more`` bytes beside what is kept for it already.

        Raises
        ------
        NoRoomError
            when its files or the disk leave no room for them
        """
        for folder in (self.home, Path(tempfile.gettempdir())):
            free = _free(folder)
            if self.free_mb and free - more < self.free_mb * _MB:
                facts = {"action": "refuse_file", "folder": str(folder), "free_bytes": free}
                _log.error("the disk of %s is nearly full", folder, extra=facts)
                message = "the server has too little free disk space to take files"
                raise NoRoomError(message)
        if not self.quota_mb:
            return
        kept = used(self.home, actor)
        if kept + more > self.quota_mb * _MB:
            message = (
                f"the files kept for this account may take {self.quota_mb:,} MB and take"
                f" {kept / _MB:,.1f} MB already: uploads go after 7 days, made files after one"
            )
            raise NoRoomError(message)


def used(home: Path, actor: str) -> int:
    """Return how many bytes are kept for an account, unfinished files included."""
    owned = (
        own
        for name in FOLDERS
        for own in (home / name).glob("*")
        if _owner(own) == actor and not own.is_symlink()
    )
    return sum(size for own in owned for size in _sizes(own))


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        try:
            found = path.lstat()
        except FileNotFoundError:  # removed meanwhile
            continue
        if S_ISREG(found.st_mode):
            yield found.st_size


def _owner(folder: Path) -> str | None:
    try:
        return (folder / OWNER_FILE).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _free(folder: Path) -> int:
    """Return the free bytes of the disk a folder is on, or will be on when it is made."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
