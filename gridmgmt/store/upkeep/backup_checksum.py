"""The checksum in the last line of a backup file.

The custom format of PostgreSQL has no checksum: pg_restore finds most damage only while it
restores, and some of it never. It finds its blocks by offsets, so it ignores an extra line at
the end.
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
    """Append the checksum line to a complete backup file and flush it to disk."""
    digest = _digest(path, path.stat().st_size)
    with path.open("ab") as file:
        file.write(_LINE.format(digest).encode())
        file.flush()
        os.fsync(file.fileno())
    return digest


def stated_checksum(path: Path) -> str | None:
    """Return the checksum in the last line, or None if there is no such line."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - LINE_BYTES, 0))
        found = _PATTERN.fullmatch(file.read())
    return found.group(1).decode() if found else None


def has_checksum(path: Path, stated: str) -> bool:
    """Return whether the file before its last line has this checksum."""
    return _digest(path, path.stat().st_size - LINE_BYTES) == stated


def _digest(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (piece := file.read(min(size, _CHUNK))):
            digest.update(piece)
            size -= len(piece)
    return digest.hexdigest()
