"""Files that can be made again at any time, kept so that they need not be."""

import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Read a file, made first where it is not there yet.

    A file appears whole or not at all, also when several processes make it at once or one ends
    half-way. Where it cannot be kept (a full or read-only disk) its content is returned all the
    same and made again the next time.
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
            # A name that points at nothing after a power cut would be served for ever.
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
