"""Columns of cases for the questions of one process, as each transaction sees the database."""

import fcntl
import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import URL, Connection, Engine

from gridmgmt.array_files import UNFINISHED, ArrayFileError
from gridmgmt.indicators.case_columns import CaseEntries
from gridmgmt.services.statistics.column_file import open_state, save_state, version_of
from gridmgmt.services.statistics.column_state import ColumnState
from gridmgmt.store.cases.case_changes import (
    Snapshot,
    Unseen,
    begin_notes,
    forget_changes,
    read_unseen,
)
from gridmgmt.store.cases.case_columns import read_columns
from gridmgmt.store.cases.case_facts import TooManyValuesError
from gridmgmt.store.engine import make_engine

_log = logging.getLogger(__name__)

# A question itself reads at most so many changed cases, some 10 µs each. With more, SQL answers
# and the columns are brought up in the background.
_MOST_CHANGED = 1_000
# The background brings in at most so many; with more, it reads all cases anew.
_MOST_BROUGHT_IN = 100_000
# A new file is written when so many rows stand beside the columns of the old one: at least
# these, and in a large file this part of it, since it is written as a whole.
_LEAST_APART = 4_096
_PART_APART = 1 / 400
# Work in the background takes at most this part of the time.
_SHARE = 0.2
_LEAST_PAUSE_S = 1.0
_PAUSE_AFTER_FAILURE_S = 60.0
# Other machines may use the notes, too.
_NOTES_KEPT = timedelta(hours=1)
_TRIES = 3
_TOLD_EVERY = 10_000

_FILE = "cases.columns"
_LOCK = "cases.lock"
_NOTHING = Snapshot(0, 0, frozenset())


class ColumnSource:
    """Columns in a file below ``folder``, for all threads of a process.

    `state` gives them as a transaction sees the cases. A thread in the background builds the
    file and keeps it short; one process of a machine at a time does so. ``answered`` counts
    how often columns were given and, by reason, how often not.
    """

    def __init__(self, url: URL, folder: Path) -> None:
        self._url = url
        # Another database with the same home has files of its own.
        name = hashlib.blake2b(repr(url).encode(), digest_size=6).hexdigest()
        self._path = folder / name / _FILE
        self._lock_path = folder / name / _LOCK
        self._state: ColumnState | None = None
        self._version: tuple[int, int] | None = None
        self._turn = threading.Lock()
        self._working = False
        self._rest_until = 0.0
        self.answered: Counter[str] = Counter()

    def start(self) -> None:
        """Bring the columns up in the background before anybody asks."""
        self._work_behind()

    def state(self, conn: Connection) -> ColumnState | None:
        """Return the columns as the next statement of a transaction would see the cases.

        Under READ COMMITTED that is the moment of the call, under REPEATABLE READ the snapshot
        of the transaction; its own changes are included.

        Returns
        -------
        None where the columns cannot tell; then SQL has to
        """
        try:
            state, reason = self._asked(conn)
        except TooManyValuesError as error:
            _log.warning("%s: figures are counted in SQL", error)
            state, reason = None, "too many values"
        with self._turn:
            self.answered[reason] += 1
            told = dict(self.answered)
        if sum(told.values()) % _TOLD_EVERY == 0:
            _log.info("questions answered since the start: %s", told)
        return state

    def _asked(self, conn: Connection) -> tuple[ColumnState | None, str]:
        for _ in range(_TRIES):
            known = self._newest()
            if known is None:
                self._work_behind()
                return None, "not built"
            unseen = read_unseen(conn, known.snapshot, known.entries, most=_MOST_CHANGED)
            if unseen is None or not _continues(known, unseen):
                self._forget(known)
                self._work_behind()
                return None, "another database"
            if unseen.changes is None:
                self._work_behind()
                return None, "too many changes"
            ahead = known.ahead_of(unseen.snapshot)
            if ahead is None:
                return None, "too old a snapshot"
            if not ahead:
                return self._followed(known, unseen), "columns"
            case_nos = [case_no for one in ahead for case_no in one.case_nos]
            if len(case_nos) > _MOST_CHANGED:
                return None, "too old a snapshot"
            again = read_unseen(
                conn, known.snapshot, known.entries, most=_MOST_CHANGED, also=case_nos
            )
            if (
                again is not None
                and again.snapshot == unseen.snapshot
                and again.changes is not None
            ):
                return known.advanced(
                    again, [key for one in ahead for key in one.keys]
                ), "columns"
        return None, "snapshots that differ"

    def _followed(self, known: ColumnState, unseen: Unseen) -> ColumnState:
        state = known.advanced(unseen)
        assert unseen.changes is not None
        # What this transaction itself changed may be rolled back, and nobody else sees it.
        if unseen.own is None or unseen.own not in unseen.changes:
            with self._turn:
                if self._state is not None and _is_later(state, self._state):
                    self._state = state
        if state.apart > max(_LEAST_APART, _PART_APART * len(state.base.columns)):
            self._work_behind()
        return state

    def _newest(self) -> ColumnState | None:
        """Return the newest state of this process, or that of a newer file."""
        version = version_of(self._path)
        with self._turn:
            if version == self._version:
                return self._state
        return self._opened(version)

    def _opened(self, version: tuple[int, int] | None) -> ColumnState | None:
        state = None
        if version is not None:
            try:
                state = open_state(self._path)
            except FileNotFoundError:
                pass
            # A damaged file or one of another release only costs the time of building it.
            except (OSError, ArrayFileError) as error:
                _log.warning("%s is built again: %s", self._path, error)
        with self._turn:
            self._version, self._state = version, state
        return state

    def _forget(self, known: ColumnState) -> None:
        with self._turn:
            if self._state is not None and self._state.place == known.place:
                self._state = None

    def _work_behind(self) -> None:
        """Let a thread bring the file up to date, unless one is at it or it has to rest."""
        with self._turn:
            if self._working or time.monotonic() < self._rest_until:
                return
            self._working = True
        threading.Thread(target=self._work, name="case columns", daemon=True).start()

    def _work(self) -> None:
        begin, least_s = time.monotonic(), _LEAST_PAUSE_S
        try:
            self.refresh()
        except Exception:
            _log.exception("the columns of cases cannot be written; SQL answers")
            least_s = _PAUSE_AFTER_FAILURE_S
        finally:
            taken = time.monotonic() - begin
            with self._turn:
                self._rest_until = time.monotonic() + max(taken / _SHARE - taken, least_s)
                self._working = False

    def refresh(self) -> bool:
        """Write a file of all cases as they are now, unless another process does so.

        Returns
        -------
        whether it was written
        """
        with _only_one(self._lock_path) as mine:
            if not mine:
                return False
            # Without the time limits of pages: a million cases take seconds to read.
            engine = make_engine(self._url.render_as_string(hide_password=False))
            try:
                self._refresh(engine)
            finally:
                engine.dispose()
            return True

    def _refresh(self, engine: Engine) -> None:
        begin = time.monotonic()
        with engine.begin() as conn:
            begin_notes(conn)
        known = self._newest()
        with engine.connect() as conn:
            conn.execution_options(isolation_level="REPEATABLE READ")
            state = self._brought_up(conn, known)
        save_state(state, self._path)
        for path in self._path.parent.glob(f"{UNFINISHED}*"):
            # Left by a process that was killed while it wrote: no other may write now.
            path.unlink(missing_ok=True)
        self._opened(version_of(self._path))
        cases = len(state.base.columns) + len(state.added.columns) - len(state.gone)
        _log.info("%d cases as columns in %.1f s", cases, time.monotonic() - begin)
        with engine.begin() as conn:
            forget_changes(conn, state.snapshot.first_running, older_than=_NOTES_KEPT)

    def _brought_up(self, conn: Connection, known: ColumnState | None) -> ColumnState:
        if known is not None:
            unseen = read_unseen(conn, known.snapshot, known.entries, most=_MOST_BROUGHT_IN)
            if unseen is not None and _continues(known, unseen) and unseen.changes is not None:
                return known.advanced(unseen)
        entries = CaseEntries.none()
        seen = read_unseen(conn, _NOTHING, entries, most=0)
        assert seen is not None
        columns = read_columns(conn, entries)
        return ColumnState.of(columns, entries, seen.place, seen.shared_snapshot)


def _continues(state: ColumnState, unseen: Unseen) -> bool:
    """Return whether all changes since a state are noted, in the same database."""
    return unseen.place == state.place and unseen.oldest <= state.snapshot.first_running


def _is_later(state: ColumnState, than: ColumnState) -> bool:
    return state.base is than.base and state.snapshot.next >= than.snapshot.next


@contextmanager
def _only_one(path: Path) -> Iterator[bool]:
    """Give whether this is the only process within; the system frees it of one that died."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
