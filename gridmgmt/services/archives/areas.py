"""Send areas to the workers of an archive: a locator in a file, opened where it is needed."""

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
    """A locator in a file; ``fingerprint`` identifies the codes and outlines in it."""

    fingerprint: str
    path: Path

    def open(self) -> Locator:
        """Open the locator once in each process; processes of a machine share its memory."""
        return _opened(_Opening(self.fingerprint, _copies.get(self, self.path)))

    def keep(self, content: bytes, folder: Path) -> None:
        """Store a copy of the file where this process finds it.

        The original file is on another machine.
        """
        copy = folder / f"{uuid.uuid4().hex}.locator"
        copy.write_bytes(content)
        _copies[self] = copy

    def forget(self) -> None:
        """Delete the copy."""
        copy = _copies.pop(self, None)
        if copy is not None:
            _opened.cache_clear()
            copy.unlink(missing_ok=True)


# Copies of files that this machine cannot see.
_copies: dict[SavedAreas, Path] = {}


def save_areas(areas: LevelAreas, folder: Path) -> SavedAreas:
    """Index areas and write the locator to a file in ``folder``."""
    index = build_locator(areas.codes, list(areas.geoms))
    return save_index(index, fingerprint_of(areas), folder)


def save_index(index: Locator, fingerprint: str, folder: Path) -> SavedAreas:
    """Write a locator to a file in ``folder``, unless one of the same areas exists."""
    path = folder / f"{fingerprint[:16]}.locator"
    if not path.exists():
        save_locator(index, path, fingerprint=fingerprint)
    return SavedAreas(fingerprint, path)


def fingerprint_of(areas: LevelAreas) -> str:
    """Return a text that changes if a code or an outline changes."""
    digest = sha256()
    for code, outline in zip(
        areas.codes, shapely.to_wkb(areas.geoms, byte_order=1), strict=True
    ):
        for part in (str(code).encode(), outline or b""):
            # With its length, so that two parts cannot be confused with one.
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@dataclass(frozen=True)
class _Opening:
    """Areas with one fingerprint are equal, wherever their file is."""

    fingerprint: str
    path: Path = field(compare=False)


# Long-lived workers see many areas; opening a file again is fast.
@lru_cache(maxsize=4)
def _opened(what: _Opening) -> Locator:
    return open_locator(what.path, fingerprint=what.fingerprint)
