"""Files made for an account to download: kept for a day, only for that account."""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gridmgmt.errors import NotFoundError
from gridmgmt.services.files.room import OWNER_FILE, FileRoom

KEPT_FOR = timedelta(days=1)

_FOLDER = "downloads"
_ID = re.compile(r"[0-9a-f]{32}")
_REPORT = "report.json"
_FILE = "file"
# The beginning of the names of files with cases.
CASES = "cases_"


@dataclass(frozen=True)
class Download:
    """A file made for ``actor``; ``report`` says what it contains and what is missing."""

    id: str
    path: Path
    actor: str
    report: Mapping[str, Any]


@contextmanager
def making(room: FileRoom, actor: str, now: datetime) -> Iterator[tuple[str, Path]]:
    """Yield a new place for a file of an account; it is deleted if making the file fails.

    Old files are deleted too.

    Yields
    ------
    the id and the folder for the file, which must be its only file

    Raises
    ------
    NoRoomError
        when the account has too many files, or the disk is nearly full
    """
    remove_old(room.home, now)
    room.check(actor)
    download_id = secrets.token_hex(16)
    own = room.home / _FOLDER / download_id
    try:
        own.mkdir(mode=0o700, parents=True)
        (own / OWNER_FILE).write_text(actor, "utf-8")
        (own / _FILE).mkdir()
        yield download_id, own / _FILE
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise


def finish(home: Path, download_id: str, actor: str, report: Mapping[str, Any]) -> None:
    """Store for whom a file was made and what it contains; only then can it be found."""
    text = json.dumps({"actor": actor, "report": report}, ensure_ascii=False)
    (home / _FOLDER / download_id / _REPORT).write_text(text, encoding="utf-8")


def find(home: Path, download_id: str, actor: str) -> Download:
    """Return a file made for this account.

    Raises
    ------
    NotFoundError
        when there is no such file (any more), or it belongs to somebody else
    """
    own = home / _FOLDER / download_id
    # The id comes from a URL: any other text could lead out of the folder.
    if _ID.fullmatch(download_id) and (own / _REPORT).is_file():
        noted = json.loads((own / _REPORT).read_text("utf-8"))
        files = list((own / _FILE).iterdir())
        if noted["actor"] == actor and files:
            return Download(download_id, files[0], actor, noted["report"])
    raise NotFoundError(kind="file", key=download_id)


def of_cases(home: Path, before: datetime) -> list[Path]:
    """Return the folders of files with cases that were made before an instant."""
    return [
        made.parents[1]
        for made in (home / _FOLDER).glob(f"*/{_FILE}/{CASES}*")
        if made.parents[1].stat().st_mtime < before.timestamp()
    ]


def remove_old(home: Path, now: datetime) -> None:
    """Delete files that were kept long enough, and files left by killed programs."""
    before = (now - KEPT_FOR).timestamp()
    for own in (home / _FOLDER).glob("*"):
        # Only files that this module made are ever deleted.
        if not _ID.fullmatch(own.name) or own.is_symlink() or not own.is_dir():
            continue
        if own.stat().st_mtime < before:
            shutil.rmtree(own)
