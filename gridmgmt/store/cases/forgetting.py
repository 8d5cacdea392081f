"""Delete personal data of cases closed long ago, also from the disk.

One function decides what is blanked in cases and events: ``forget_cases_v1`` of migration
0018. Nothing else may change an event.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.job import UNFINISHED
from gridmgmt.store.schema import case_events, case_import_rejects, cases, jobs

_TABLES = (cases, case_events, case_import_rejects, jobs)
_WITHOUT_TEXTS = sa.func.without_texts_v1(case_events.c.detail)
_REASON = "what it held was forgotten with its case"

# Job results with personal data: the rejected rows of an import, which may repeat the file, and
# the search text of an export.
_JOB_WORDS = sa.text("""
UPDATE jobs SET
  arguments = CASE WHEN kind = 'case_export'
    THEN jsonb_set(arguments, '{question,search}', 'null') ELSE arguments END,
  result = CASE WHEN kind = 'case_import' AND result IS NOT NULL
    THEN result || '{"rejected": [], "rejected_reasons": [], "rejects_file": null}'
    ELSE result END,
  error = CASE WHEN error IS NOT NULL THEN :error END
WHERE id = ANY (:ids)
""")


@dataclass(frozen=True)
class CaseCounts:
    """A number of cases, and the number of their events that hold texts."""

    cases: int
    events: int


def count_forgettable(conn: Connection, closed_before: datetime) -> CaseCounts:
    """Count the cases and events that ``forget_some`` would blank in the end."""
    which = (
        cases.c.closed_at < closed_before,
        cases.c.status == "closed",
        cases.c.forgotten_at.is_(None),
    )
    counted = sa.select(sa.func.count()).select_from(cases).where(*which)
    texts = (
        sa.select(sa.func.count())
        .select_from(case_events.join(cases, case_events.c.case_no == cases.c.case_no))
        .where(*which, case_events.c.detail != _WITHOUT_TEXTS)
    )
    return CaseCounts(conn.execute(counted).scalar_one(), conn.execute(texts).scalar_one())


def forget_some(conn: Connection, closed_before: datetime, most: int) -> CaseCounts:
    """Blank the personal data of at most ``most`` cases, those closed longest ago first."""
    called = sa.func.forget_cases_v1(closed_before, most).table_valued(
        "forgotten_cases", "forgotten_events"
    )
    return CaseCounts(*conn.execute(sa.select(called)).one())


def forget_rejected(conn: Connection) -> int:
    """Blank rejected rows of unfinished imports about blanked cases; return their number."""
    kept = case_import_rejects
    rows = conn.execute(
        sa.select(kept.c.run, kept.c.row_number, kept.c.row_values).where(
            kept.c.reason != _REASON
        )
    ).all()
    texts = {
        value for row in rows for _, value in row.row_values if value and "\0" not in value
    }
    wanted = sa.any_(sa.cast(sorted(texts), ARRAY(sa.Text)))
    query = sa.select(cases.c.case_no).where(
        cases.c.case_no == wanted, cases.c.forgotten_at.is_not(None)
    )
    forgotten = set(conn.execute(query).scalars())
    hit = [
        {"of_run": row.run, "of_row": row.row_number}
        for row in rows
        if any(value in forgotten for _, value in row.row_values)
    ]
    if hit:
        change = (
            kept.update()
            .where(
                kept.c.run == sa.bindparam("of_run"),
                kept.c.row_number == sa.bindparam("of_row"),
            )
            .values(row_values=[], reason=_REASON)
        )
        conn.execute(change, hit)
    return len(hit)


def jobs_with_words(conn: Connection, before: datetime) -> list[int]:
    """Return the ids of finished jobs with personal data that ended before an instant."""
    words = sa.or_(
        jobs.c.error != _REASON,
        sa.func.jsonb_array_length(jobs.c.result["rejected"]) > 0,
        jobs.c.arguments["question"]["search"].astext.is_not(None),
    )
    query = (
        sa.select(jobs.c.id)
        .where(jobs.c.kind.in_(["case_import", "case_export"]), words)
        .where(jobs.c.status.not_in(UNFINISHED), jobs.c.finished_at < before)
        .order_by(jobs.c.id)
    )
    return list(conn.execute(query).scalars())


def forget_job_words(conn: Connection, ids: list[int]) -> None:
    """Blank the personal data of these jobs; their counts stay."""
    conn.execute(_JOB_WORDS, {"ids": ids, "error": _REASON})


def uploads_of_jobs(conn: Connection, *, finished: bool) -> set[str]:
    """Return the uploads that finished (or unfinished) jobs read cases from."""
    unfinished = jobs.c.status.in_(UNFINISHED)
    query = sa.select(jobs.c.arguments["upload"].astext).where(
        jobs.c.kind == "case_import", ~unfinished if finished else unfinished
    )
    return {upload for upload in conn.execute(query).scalars() if upload}


def clear_old_rows(engine: Engine, *, rewrite: bool) -> None:
    """Remove the old versions of changed rows, and the planner's statistics of their texts.

    PostgreSQL does not return them any more, but their bytes may stay in the free space of its
    files until that space is used again. With ``rewrite`` the tables are written anew; nobody
    can use them during that time.
    """
    how = "FULL, ANALYZE" if rewrite else "ANALYZE"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("SET statement_timeout = 0")
        for table in _TABLES:
            conn.exec_driver_sql(f"VACUUM ({how}) {table.name}")
        # The statistics held the most common values of each column. ANALYZE has replaced them.
        conn.exec_driver_sql(f"VACUUM {'(FULL) ' if rewrite else ''}pg_statistic")
        conn.exec_driver_sql("RESET statement_timeout")
