"""Import cases: a file becomes located, routed cases, each with its trace and first event.

A file is read twice: once as a whole, which may show that it cannot be used, and once in chunks
of rows. While the database stores a chunk, the next one is judged and prepared and the one
after it read, so that neither the program nor the database waits for long.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from gridmgmt.exchange.tables.spools import Spool
from gridmgmt.gc_pause import gc_paused
from gridmgmt.geometry.crs.crs import WGS84
from gridmgmt.progress import Progress, no_progress
from gridmgmt.sentence import Sentence
from gridmgmt.services.case_imports.chunks import ChunkJudge, JudgedChunk
from gridmgmt.services.case_imports.options import CaseImport
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.services.case_imports.runs import ImportRun, go_on_or_begin
from gridmgmt.services.case_imports.survey import CaseSurvey, ReadChunk
from gridmgmt.services.case_imports.writing import ChunkWriter, WrittenChunk, store
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.store.accounts import audit
from gridmgmt.store.cases import cases
from gridmgmt.store.cases.duplicates import cases_alike

# With more new open cases than this, the import does not look for duplicates.
_MOST_COMPARED = 10_000

# How long one thread may hold up another, while one stores and one judges.
_TURN_S = 0.0005

__all__ = ["CaseImport", "import_cases", "import_in_chunks"]


def import_cases(
    conn: Connection, asked: CaseImport, progress: Progress = no_progress
) -> CaseImportReport:
    """Import a file of cases; known cases with the same content do not change.

    One import runs at a time: another waits for the end of this transaction and then sees its
    cases as known.

    Raises
    ------
    InputError, LayerError, CRSError
        when the file as a whole cannot be used; nothing is stored then
    """
    cases.wait_for_turn(conn)
    with Spool() as spool:
        survey = CaseSurvey(conn, asked, spool, progress)
        intake = _Intake(conn, asked, survey, progress, None)
        for _ in intake.chunks():
            pass
    return intake.report


def import_in_chunks(
    conn: Connection, asked: CaseImport, progress: Progress = no_progress
) -> Iterator[CaseImportReport]:
    """Import a file of cases like ``import_cases``, in chunks that may be committed.

    It yields the report so far, always the same object, the first time before anything is
    stored. Everything in the report is then in the transaction of ``conn``. An interrupted
    import of the same file continues where it stopped. Another import waits until ``conn`` is
    closed.

    Raises
    ------
    InputError, LayerError, CRSError
        when the file as a whole cannot be used; nothing is stored then
    """
    # A session lock: a lock of the transaction would end with the first commit.
    cases.keep_turn(conn)
    with Spool() as spool:
        survey = CaseSurvey(conn, asked, spool, progress)
        run = go_on_or_begin(conn, asked, spool.sha256)
        intake = _Intake(conn, asked, survey, progress, run)
        yield intake.report
        for _ in intake.chunks():
            yield intake.report


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let the thread that stores go on soon whenever the database takes more."""
    # Python would let it wait 5 ms each time: longer than the database needs for what it has.
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@dataclass
class _StoredChunk:
    """Some rows on their way to the store; ``row`` is the last of them."""

    written: WrittenChunk
    row: int
    judged: JudgedChunk


class _Intake:
    """Imports what a survey has read, after the row where an earlier run stopped."""

    def __init__(
        self,
        conn: Connection,
        asked: CaseImport,
        survey: CaseSurvey,
        progress: Progress,
        run: ImportRun | None,
    ) -> None:
        self._conn = conn
        self._asked = asked
        self._survey = survey
        self._progress = progress
        self._run = run
        self._judge = ChunkJudge(conn, asked, survey.judge)
        self._writer = ChunkWriter(asked)
        self.report = self._begin_report()

    def _begin_report(self) -> CaseImportReport:
        asked, survey = self._asked, self._survey
        datum = asked.datum or WGS84
        report = CaseImportReport(
            file=asked.path.name,
            datum=datum.label + ("" if asked.datum else " (nobody said)"),
            encoding=survey.encoding,
            rows=survey.rows,
            columns_not_stored=survey.columns_not_stored,
            first_edition=survey.judge.locator.first_edition,
            tz=asked.rules.tz,
            warnings=survey.warnings,
            notes=[*survey.notes, *([datum.note] if datum.note else [])],
        )
        if self._run is not None and self._run.row:
            report.row = self._run.row
            report.interrupted_at = self._run.stored_at
            report.add(self._run.counts)
            report.rejected += self._run.rejected(self._conn)
        return report

    def chunks(self) -> Iterator[None]:
        """Store everything, and yield whenever the stored rows may be committed."""
        waiting: _StoredChunk | None = None
        # One chunk is stored in the thread while the next is prepared here. Only one of the two
        # uses the connection: end() is called before this thread uses it again.
        with gc_paused(), _short_turns(), ThreadPoolExecutor(1) as hand:
            storing = _Storing(self._conn, CaseLeaves(self._conn, self._asked.rules), hand)
            for chunk in self._survey.chunks():
                if chunk.file.last_row <= self.report.row:
                    continue
                if self._note(storing.end()):
                    yield
                judged = self._judge.look_up(self._remaining(chunk))
                if waiting is not None:
                    storing.begin(waiting)
                # From here to end() the connection is in use.
                self._judge.judge(judged)
                waiting = _StoredChunk(self._writer.write(judged), chunk.file.last_row, judged)
                if self._asked.update_known:
                    # Rows that may change are locked, so they are stored before other rows.
                    storing.begin(waiting)
                    waiting = None
            if self._note(storing.end()):
                yield
            if waiting is not None:
                storing.begin(waiting)
                self._note(storing.end(), is_last=True)
        self._finish()
        yield

    def _remaining(self, chunk: ReadChunk) -> ReadChunk:
        """Return the chunk without rows that an earlier run has handled."""
        after, number_of = self.report.row, chunk.file.table.row
        if not number_of or number_of[0] > after:
            return chunk
        rows = chunk.positions.rows
        return replace(
            chunk,
            kept=[i for i in chunk.kept if number_of[rows[i].index] > after],
            rejected=[one for one in chunk.rejected if one.row > after],
        )

    def _note(self, chunk: _StoredChunk | None, *, is_last: bool = False) -> bool:
        """Store the progress after a chunk; return whether there was a chunk."""
        if chunk is None:
            return False
        report = self.report
        was_nothing = not report.changed
        report.row = chunk.row
        report.add(chunk.judged.counts)
        # Their numbers are stored with every chunk, and only matter while there are not too
        # many.
        del report.new_open[_MOST_COMPARED + 1 :]
        report.rejected += chunk.judged.rejected
        if self._run is not None:
            self._run.note(self._conn, chunk.row, report, chunk.judged.rejected)
            if was_nothing and report.changed and not is_last:
                # Nobody knows yet whether the import will finish; its end writes an audit entry
                # too.
                self._audit("begin_import_cases", "rows")
        self._progress("storing", min(chunk.row, report.rows), report.rows)
        return True

    def _finish(self) -> None:
        report = self.report
        report.repeats = self._survey.first_of_each.repeats
        report.heaps = self._survey.heaps.heaps(self._survey.judge.defaults)
        report.alike = self._alike()
        report.rejected.sort(key=lambda one: one.row)
        if report.changed:
            self._audit("import_cases", "rows", "new", "unchanged", "updated")
        if self._run is not None:
            self._run.finish(self._conn)

    def _audit(self, action: str, *facts: str) -> None:
        told = {name: getattr(self.report, name) for name in facts}
        audit.record(self._conn, self._asked.actor, action, self.report.file, told)

    def _alike(self) -> int:
        """Count the new cases that may be duplicates of cases that were open before."""
        report, rule = self.report, self._asked.duplicates
        if rule.metres and len(report.new_open) > _MOST_COMPARED:
            report.notes.append(
                Sentence(
                    "more than {} new cases are open, so they were not compared "
                    "with others (gridmgmt case duplicates does this)",
                    f"{_MOST_COMPARED:,}",
                )
            )
            return 0
        found = cases_alike(self._conn, report.new_open, rule, only_earlier=True, most=1)
        return len(found)


class _Storing:
    """Stores one chunk at a time in a thread beside the rest of the program.

    From ``begin`` to ``end`` the connection is in use, and nobody else may use it.
    """

    def __init__(self, conn: Connection, leaves: CaseLeaves, hand: ThreadPoolExecutor) -> None:
        self._conn = conn
        self._leaves = leaves
        self._hand = hand
        self._chunk: _StoredChunk | None = None
        self._stored: Future[None] | None = None

    def begin(self, chunk: _StoredChunk) -> None:
        """Begin to store a chunk."""
        self._chunk = chunk
        self._stored = self._hand.submit(store, self._conn, chunk.written, self._leaves)

    def end(self) -> _StoredChunk | None:
        """Wait until the chunk is stored and return it; return None if none was begun."""
        chunk, stored = self._chunk, self._stored
        self._chunk = self._stored = None
        if stored is not None:
            stored.result()
        return chunk
