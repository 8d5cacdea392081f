"""Which form of a report became which case, so that sending it twice makes one case."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import sent_reports

# A browser may restore a form days later; after that nobody sends it again by mistake.
KEPT = timedelta(days=7)


def case_of_form(conn: Connection, username: str, token: str) -> str | None:
    """Return the number of the case that a form became, or None if it was not sent yet.

    Whoever asks the same at the same time waits until this transaction ends.
    """
    key = sa.func.hashtextextended(f"sent_reports {username} {token}", 0)
    conn.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
    here = (sent_reports.c.username == username) & (sent_reports.c.token == token)
    found = conn.execute(sa.select(sent_reports.c.case_no).where(here)).scalar_one_or_none()
    return None if found is None else str(found)


def note_form(conn: Connection, username: str, token: str, case_no: str) -> None:
    """Store which case a form became, and forget the forms of earlier days."""
    old = sent_reports.c.sent_at < sa.func.now() - KEPT
    conn.execute(sa.delete(sent_reports).where(old))
    row = {"username": username, "token": token, "case_no": case_no}
    conn.execute(sa.insert(sent_reports).values(row))
