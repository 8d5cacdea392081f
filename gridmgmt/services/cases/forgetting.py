"""Delete the personal data of cases, some time after the cases were closed.

Deleted are descriptions and addresses, the texts of events, rejected rows, personal data of
jobs, and stored files of cases. Positions, traces and counts stay.
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

# The number of cases in one transaction: other work on them waits for it.
CASES_AT_ONCE = 5_000

# Opens a transaction that is committed at its end.
Begin = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True)
class Forgetting:
    """The cases whose personal data are deleted: those closed before ``closed_before``.

    Stored files and the personal data of finished jobs are deleted if they are older than
    ``kept_before``.
    """

    closed_before: datetime
    actor: str
    home: Path
    kept_before: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Forgotten:
    """How much was deleted, or would be."""

    cases: int = 0
    events: int = 0
    rejected_rows: int = 0
    jobs: int = 0
    files: int = 0

    @property
    def is_nothing(self) -> bool:
        """Return whether there was nothing to delete."""
        return self == Forgotten()


def closed_before(days: int, now: datetime) -> datetime:
    """Return the instant before which a case must have been closed, after so many days."""
    return now - timedelta(days=days)


def preview(conn: Connection, asked: Forgetting) -> Forgotten:
    """Count what would be deleted; of rejected rows only those of cases blanked before."""
    counted = forgetting.count_forgettable(conn, asked.closed_before)
    return Forgotten(
        cases=counted.cases,
        events=counted.events,
        jobs=len(forgetting.jobs_with_words(conn, asked.kept_before)),
        files=len(_kept_files(conn, asked)),
    )


def forget(begin: Begin, asked: Forgetting) -> Forgotten:
    """Delete personal data, some cases at a time; after a stop the next run continues.

    Each transaction writes to the audit log how many cases it blanked, and the closing time up
    to which.
    """
    done = Forgotten()
    # Many short transactions: one for years of cases would hold their locks for long, and a
    # stop would lose all.
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
    # After the commit: a file cannot be restored by a rollback.
    for path in files:
        uploads.remove(path)
    return replace(done, rejected_rows=rejected, jobs=len(worded), files=len(files))


def _kept_files(conn: Connection, asked: Forgetting) -> list[Path]:
    """Return the folders of stored files of cases that no job will still read."""
    waited_for = forgetting.uploads_of_jobs(conn, finished=False)
    known = forgetting.uploads_of_jobs(conn, finished=True)
    before = asked.kept_before
    return [
        *uploads.of_cases(asked.home, before, known=known, but=waited_for),
        *downloads.of_cases(asked.home, before),
    ]
