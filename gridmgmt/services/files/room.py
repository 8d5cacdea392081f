"""The disk space for stored files, and its limits."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from gridmgmt.errors import NoRoomError
from gridmgmt.sentence import Sentence

_log = logging.getLogger(__name__)
_MB = 1 << 20

# In the folder of a stored file: its owner. No stored file has this name.
OWNER_FILE = ".sender"
FOLDERS = ("uploads", "downloads")


@dataclass(frozen=True)
class FileRoom:
    """The disk space for files stored in ``home``.

    ``quota_mb`` is the limit for all files of one account, ``free_mb`` the space that must stay
    free on the disks of the home and of temporary files; 0: no limit.
    """

    home: Path
    quota_mb: int = 0
    free_mb: int = 0

    def check(self, actor: str, more: int = 0) -> None:
        """Check that an account may store ``more`` bytes beside its stored files.

        Raises
        ------
        NoRoomError
            when its files or the disk leave no room for them
        """
        # Uploads pass through the temporary folder, which may be on another disk.
        for folder in (self.home, Path(tempfile.gettempdir())):
            free = _free(folder)
            if self.free_mb and free - more < self.free_mb * _MB:
                facts = {"action": "refuse_file", "folder": str(folder), "free_bytes": free}
                _log.error("the disk of %s is nearly full", folder, extra=facts)
                raise NoRoomError(
                    Sentence("the server has too little free disk space to take files")
                )
        if not self.quota_mb:
            return
        kept = used(self.home, actor)
        if kept + more > self.quota_mb * _MB:
            raise NoRoomError(
                Sentence(
                    "the stored files of this account may take {} MB and take {} "
                    "MB already: uploads are deleted after 7 days, exported files "
                    "after one",
                    f"{self.quota_mb:,}",
                    f"{kept / _MB:,.1f}",
                )
            )


def used(home: Path, actor: str) -> int:
    """Return how many bytes are stored for an account, unfinished files included."""
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
        except FileNotFoundError:  # deleted in the meantime
            continue
        if S_ISREG(found.st_mode):
            yield found.st_size


def _owner(folder: Path) -> str | None:
    try:
        return (folder / OWNER_FILE).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _free(folder: Path) -> int:
    """Return the free bytes of the disk of a folder, which need not exist yet."""
    # The home is only made with the first file.
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
