"""Locators of published editions, built once and shared by all processes of a bureau.

A file is named after its edition, its level and a digest of the areas, in a folder for its
database. So a number that was withdrawn and published again, another database in the same home,
or a restored backup never use a file of other areas.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.array_files import UNFINISHED
from gridmgmt.geometry.locating.locate import Locator, build_locator
from gridmgmt.geometry.locating.locator_file import (
    LocatorFileError,
    open_locator,
    save_locator,
)
from gridmgmt.services.judging.trial_editions import TrialEdition
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.areas.areas import areas_content, areas_in, leaf_level
from gridmgmt.store.areas.editions import list_editions

_log = logging.getLogger(__name__)

_FOLDER = "locators"
_SUFFIX = ".locator"

# The number of editions in use at the same time: the one in force, the one before, older ones
# of a table.
_KEPT = 4

# An unfinished file of this age was left by a process that died.
_ABANDONED_S = 3600.0

# Locators by what they were built from, for all transactions of this process.
_kept: OrderedDict[str, Locator] = OrderedDict()
_turn = threading.Lock()


_DATABASE = sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")


def _leaves(conn: Connection, edition: int) -> tuple[str, str] | None:
    """Return the leaf level of an edition and its checksum, or None without areas."""
    level = leaf_level(conn, edition)
    if level is None:
        return None
    content = areas_content(conn, edition, level)
    assert content is not None
    return level, content


# The checksum reads all outlines: some 0.1 s for ten thousand cells.
_LEAVES = Fresh(_leaves, 64)


class EditionLocators:
    """Returns the locator of each edition's leaf level, as this transaction sees its areas.

    ``home`` is the folder of the program's data; None stores nothing on disk. ``trials`` are as
    those of `Judge`.
    """

    def __init__(
        self,
        conn: Connection,
        home: Path | None,
        trials: Mapping[int, TrialEdition | None] | None = None,
    ) -> None:
        self._conn = conn
        self._home = home
        self._loaded: dict[int, tuple[str, Locator] | None] = {
            number: None if trial is None else (trial.level, trial.locator)
            for number, trial in (trials or {}).items()
        }

    def get(self, edition: int) -> tuple[str, Locator] | None:
        """Return the leaf level of an edition and its locator, or None without areas."""
        if edition not in self._loaded:
            self._loaded[edition] = self._find(edition)
        return self._loaded[edition]

    def _find(self, edition: int) -> tuple[str, Locator] | None:
        leaves = _LEAVES.get(self._conn, edition)
        if leaves is None:
            return None
        level, content = leaves
        with _turn:
            locator = _kept.get(content)
        if locator is None:
            locator = self._from_file(edition, level, content)
        with _turn:
            _kept[content] = locator
            _kept.move_to_end(content)
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
        return level, locator

    def _from_file(self, edition: int, level: str, content: str) -> Locator:
        if self._home is None:
            return self._built(edition, level)
        # The object id differs after a restore under the same name, so a restored database
        # never meets files of the old one.
        database = self._conn.execute(_DATABASE).scalar_one()
        folder = self._home / _FOLDER / str(database)
        path = folder / f"{edition}-{level}-{content}{_SUFFIX}"
        try:
            return open_locator(path, fingerprint=content)
        except FileNotFoundError:
            pass
        # A damaged file or one of another release only costs the time of building it again.
        except (OSError, LocatorFileError) as error:
            _log.warning("%s is built again: %s", path, error)
        locator = self._built(edition, level)
        try:
            save_locator(locator, path, fingerprint=content)
            self._tidy(folder, path)
            # From here on this process, too, uses the memory that the others share.
            return open_locator(path, fingerprint=content)
        except OSError as error:
            # A full or read-only disk must not stop the import: this process works with its own
            # copy.
            _log.warning("%s cannot be kept: %s", path, error)
            return locator

    def _built(self, edition: int, level: str) -> Locator:
        areas = areas_in(self._conn, edition, level)[level]
        return build_locator(areas.codes, areas.geoms)

    def _tidy(self, folder: Path, newest: Path) -> None:
        """Delete files of withdrawn editions, of other areas of this one, and unfinished files.

        A process that has one of them open can still read it.
        """
        number = newest.name.split("-")[0]
        standing = {str(edition.number) for edition in list_editions(self._conn)}
        for path in folder.glob(f"*{_SUFFIX}"):
            of = path.name.split("-")[0]
            if path != newest and (of == number or of not in standing):
                path.unlink(missing_ok=True)
        for path in folder.glob(f"{UNFINISHED}*"):
            if path.stat().st_mtime < newest.stat().st_mtime - _ABANDONED_S:
                path.unlink(missing_ok=True)
