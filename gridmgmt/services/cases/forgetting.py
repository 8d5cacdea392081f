"""The personal data of cases end some time after the cases do.

Blanked are description and address, the texts of events, rejected rows, the words of jobs, and
files of cases that are kept for people. Positions, traces and counts stay.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.services.files import downloads, uploads
from gridmgmt.store.accounts import audit
from gridmgmt.store.cases import case_import_runs, forgetting

# So many cases are one transaction: work on them waits for it.
CASES_AT_ONCE = 5_000

# Opens a transaction that is committed at its end.
Begin = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True)
class Forgetting:
    """What is to be forgotten: cases closed before ``closed_before``.

    Kept files and the words of finished jobs go where they are older than ``kept_before``.
    """

    closed_before: datetime
    actor: str
    home: Path
    kept_before: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Forgotten:
    """How much was forgotten, or would be."""

    cases: int = 0
    events: int = 0
    rejected_rows: int = 0
    jobs: int = 0
    files: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was there to forget."""
        return self == Forgotten()


def closed_before(days: int, now: datetime) -> datetime:
    """Return before when a case must have been closed to be forgotten after so many days."""
    return now - timedelta(days=days)


def preview(conn: Connection, asked: Forgetting) -> Forgotten:
    """Count what would be forgotten; of rejected rows only those of cases forgotten before."""
    counted = forgetting.count_forgettable(conn, asked.closed_before)
    return Forgotten(
        cases=counted.cases,
        events=counted.events,
        jobs=len(forgetting.jobs_with_words(conn, asked.kept_before)),
        files=len(_kept_files(conn, asked)),
    )


def forget(begin: Begin, asked: Forgetting) -> Forgotten:
    """Forget it, some cases at a time; a stop in between leaves the others for the next time.

    Each transaction writes into the audit log how many cases it was, and until when.
    """
    done = Forgotten()
    while True:
        with begin() as conn:
            some = forgetting.forget_some(conn, asked.closed_before, CASES_AT_ONCE)
            if some.cases:
                told = {
                    "cases": some.cases,
                    "events": some.events,
                    "closed_before": asked.closed_before.isoformat(),
                }
                audit.record(conn, asked.actor, "forget_cases", "cases", told)
        done = replace(done, cases=done.cases + some.cases, events=done.events + some.events)
        if some.cases < CASES_AT_ONCE:
            break
    with begin() as conn:
        case_import_runs.forget_abandoned(conn)
        rejected = forgetting.forget_rejected(conn)
        worded = forgetting.jobs_with_words(conn, asked.kept_before)
        forgetting.forget_job_words(conn, worded)
        files = _kept_files(conn, asked)
    for path in files:
        uploads.remove(path)
    return replace(done, rejected_rows=rejected, jobs=len(worded), files=len(files))


def _kept_files(conn: Connection, asked: Forgetting) -> list[Path]:
    """Find the folders of kept files of cases that no job is going to read."""
    waited_for = forgetting.uploads_of_jobs(conn, finished=False)
    known = forgetting.uploads_of_jobs(conn, finished=True)
    before = asked.kept_before
    return [
        *uploads.of_cases(asked.home, before, known=known, but=waited_for),
        *downloads.of_cases(asked.home, before),
    ]
