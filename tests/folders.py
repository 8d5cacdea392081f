"""Folders for the tests of what runs as another user."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def passable_folder() -> Iterator[Path]:
    """Make a folder that every user can pass through, gone afterwards.

    Pytest's own are closed to everybody else; a cluster started there by root would go under
    ``/var/lib``, where nobody would clean up.
    """
    with tempfile.TemporaryDirectory(prefix="gm-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
