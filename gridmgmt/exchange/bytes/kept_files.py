"""Cache files that can be made again at any time."""

import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of a file; make the file first if it does not exist.

    The file appears complete or not at all, also when several processes make it at once or one
    of them stops half-way. If it cannot be stored (a full or read-only disk), the content is
    returned all the same and made again the next time.
    """
    try:
        return path.read_bytes()
    except OSError:
        content = make()
    try:
        _write(path, content)
    except OSError:
        log.warning("could not keep %s", path, exc_info=True)
    return content


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            # Without fsync, an empty file left by a power cut would be served for ever.
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
