"""The checksum that a backup file carries as its last line.

PostgreSQL's custom format has none: pg_restore finds most of what is damaged only while it
restores, and some of it never. It reads its blocks by their offsets, so a line behind the
last one does not disturb it.
"""

import hashlib
import os
import re
from pathlib import Path

_LINE = "\n-- gridmgmt db dump, sha256 of all that stands before this line: {}\n"
_PATTERN = re.compile(re.escape(_LINE).replace(r"\{\}", "([0-9a-f]{64})").encode())
LINE_BYTES = len(_LINE.format("0" * 64).encode())
_CHUNK = 1 << 20


def append_checksum(path: Path) -> str:
    """Write the last line of a complete backup file, through to the disk."""
    digest = _digest(path, path.stat().st_size)
    with path.open("ab") as file:
        file.write(_LINE.format(digest).encode())
        file.flush()
        os.fsync(file.fileno())
    return digest


def stated_checksum(path: Path) -> str | None:
    """Return what the last line states; None where there is no such line."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - LINE_BYTES, 0))
        found = _PATTERN.fullmatch(file.read())
    return found.group(1).decode() if found else None


def has_checksum(path: Path, stated: str) -> bool:
    """Tell whether what stands before the last line has the checksum stated there."""
    return _digest(path, path.stat().st_size - LINE_BYTES) == stated


def _digest(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (piece := file.read(min(size, _CHUNK))):
            digest.update(piece)
            size -= len(piece)
    return digest.hexdigest()
