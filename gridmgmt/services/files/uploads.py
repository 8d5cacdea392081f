"""Files that people upload: stored apart, and found only by their owner."""

import errno
import logging
import re
import secrets
import shutil
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from gridmgmt.errors import InputError, NoRoomError, NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.files.room import OWNER_FILE, FileRoom

_log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
# Files written beside an upload: rejected rows, files made from it.
RESULTS = "results"

_FOLDER = "uploads"
# The owner. No upload has this name, since names lose their leading dots.
_SENDER = OWNER_FILE
# Present in the folder of a file with cases.
_OF_CASES = ".cases"
_ID = re.compile(r"[0-9a-f]{32}")
# A file name on Linux has at most 255 bytes; a Chinese character takes three.
_MOST_BYTES = 200
_CHUNK = 1 << 20
# The disk is full, the quota of its user is used up, or the file is too long for it.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# The folder is read-only, belongs to somebody else, or is not a folder.
_CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR})


@dataclass(frozen=True)
class Upload:
    """An uploaded file; ``name`` is its original name, as far as it can be kept."""

    id: str
    path: Path
    name: str

    def result(self, name: str) -> Path:
        """Return the path of a file that belongs to this upload, in an existing folder."""
        folder = self.path.parent / RESULTS
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / name


def folder(home: Path) -> Path:
    """Return the folder that holds a folder for every upload."""
    return home / _FOLDER


def keep(
    room: FileRoom, stream: IO[bytes], filename: str, *, actor: str, of_cases: bool = False
) -> Upload:
    """Store an uploaded file for one account, completely or not at all.

    ``of_cases`` means that it may have personal data of cases.

    Raises
    ------
    InputError
        when it is empty
    NoRoomError
        when the account then has too many files, or the disk is full or read-only
    """
    upload_id = secrets.token_hex(16)
    folder = room.home / _FOLDER
    own = folder / upload_id
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own.mkdir(mode=0o700)
        (own / _SENDER).write_text(actor, "utf-8")
        if of_cases:
            (own / _OF_CASES).touch()
        path = own / safe_name(filename)
        with path.open("xb") as kept:
            shutil.copyfileobj(stream, kept, _CHUNK)
        if path.stat().st_size == 0:
            raise InputError(field="file", message=Sentence("the file is empty"))
        # Only now its length is known, and what others stored at the same time counts.
        room.check(actor)
    except BaseException as error:
        shutil.rmtree(own, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in {*_FULL, *_CLOSED}:
            raise _no_room(error) from error
        raise
    return Upload(upload_id, path, path.name)


def _no_room(error: OSError) -> NoRoomError:
    _log.error("no file can be kept: %s", error, extra={"action": "refuse_file"})
    if error.errno in _FULL:
        return NoRoomError(Sentence("the server has too little free disk space to take files"))
    return NoRoomError(Sentence("the server cannot write files now; tell its administrator"))


def find(home: Path, upload_id: str, actor: str) -> Upload:
    """Return a file that this account uploaded.

    Raises
    ------
    NotFoundError
        when there is no such upload (any more), or it belongs to somebody else
    """
    folder = home / _FOLDER / upload_id
    # The id comes from a URL: any other text could lead out of the folder.
    if _ID.fullmatch(upload_id) and _sender(folder) == actor:
        for path in folder.iterdir():
            if path.is_file() and path.name not in {_SENDER, _OF_CASES}:
                return Upload(upload_id, path, path.name)
    raise NotFoundError(kind="upload", key=upload_id)


def _sender(folder: Path) -> str | None:
    try:
        return (folder / _SENDER).read_text("utf-8")
    except FileNotFoundError:
        return None


def of_cases(
    home: Path, before: datetime, *, known: Container[str], but: Container[str]
) -> list[Path]:
    """Return the folders of uploads with cases that came before an instant, except some.

    ``known`` are those from which jobs read cases; other uploads have a mark of their own.
    """
    return [
        folder
        for folder in (home / _FOLDER).glob("*")
        if _ID.fullmatch(folder.name)
        and (folder.name in known or (folder / _OF_CASES).exists())
        and folder.name not in but
        and folder.stat().st_mtime < before.timestamp()
    ]


def remove(folder: Path) -> None:
    """Delete a stored file with everything beside it; it may be gone already."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_old(home: Path, now: datetime) -> int:
    """Delete the uploads that were kept long enough, and return their number."""
    before = (now - KEPT_FOR).timestamp()
    removed = 0
    for folder in (home / _FOLDER).glob("*"):
        # Only files that this module made are ever deleted.
        if not (_ID.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()):
            continue
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder)
            removed += 1
    return removed


def safe_name(filename: str) -> str:
    r"""Return a file name without any path, as similar to the given one as possible.

    Examples
    --------
    >>> safe_name("../../etc/案件 2026.csv"), safe_name(r"C:\data\cells.zip"), safe_name("..")
    ('案件 2026.csv', 'cells.zip', 'file')
    """
    last = re.split(r"[/\\]", filename)[-1]
    shown = "".join(one for one in last if one.isprintable()).strip().lstrip(".").strip()
    if not shown:
        return "file"
    while len(shown.encode()) > _MOST_BYTES:
        # The suffix shows the kind of file, so the beginning of the name is cut.
        shown = shown[1:]
    return shown.lstrip(". ") or "file"
