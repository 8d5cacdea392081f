"""Areas on their way to the workers of an archive: a locator in a file, opened where it is."""

import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import shapely

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.locating.locate import Locator, build_locator
from gridmgmt.geometry.locating.locator_file import open_locator, save_locator


@dataclass(frozen=True)
class SavedAreas:
    """A locator in a file; ``fingerprint`` stands for the codes and outlines in it."""

    fingerprint: str
    path: Path

    def open(self) -> Locator:
        """Open the locator, once in a process; the processes of a machine share its memory."""
        return _opened(_Opening(self.fingerprint, _copies.get(self, self.path)))

    def keep(self, content: bytes, folder: Path) -> None:
        """Keep a copy of the file where this process finds it, the file being elsewhere."""
        copy = folder / f"{uuid.uuid4().hex}.locator"
        copy.write_bytes(content)
        _copies[self] = copy

    def forget(self) -> None:
        """Remove the copy."""
        copy = _copies.pop(self, None)
        if copy is not None:
            _opened.cache_clear()
            copy.unlink(missing_ok=True)


# Copies of files that this machine does not see.
_copies: dict[SavedAreas, Path] = {}


def save_areas(areas: LevelAreas, folder: Path) -> SavedAreas:
    """Index areas and put the locator into a file in ``folder``."""
    index = build_locator(areas.codes, list(areas.geoms))
    return save_index(index, fingerprint_of(areas), folder)


def save_index(index: Locator, fingerprint: str, folder: Path) -> SavedAreas:
    """Put a locator into a file in ``folder``, where one of the same areas is not there yet."""
    path = folder / f"{fingerprint[:16]}.locator"
    if not path.exists():
        save_locator(index, path, fingerprint=fingerprint)
    return SavedAreas(fingerprint, path)


def fingerprint_of(areas: LevelAreas) -> str:
    """Make a text that is another when a code or an outline is."""
    digest = sha256()
    for code, outline in zip(
        areas.codes, shapely.to_wkb(areas.geoms, byte_order=1), strict=True
    ):
        for part in (str(code).encode(), outline or b""):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@dataclass(frozen=True)
class _Opening:
    """The same areas are the same wherever their file is."""

    fingerprint: str
    path: Path = field(compare=False)


# Long-lived workers see many areas; opening a file again takes a moment.
@lru_cache(maxsize=4)
def _opened(what: _Opening) -> Locator:
    return open_locator(what.path, fingerprint=what.fingerprint)
