"""Detect changes of anything that routes cases: duties, areas and all they refer to.

A trigger on each such table stores the number of the transaction (``routing_changes``).
Transactions do not become visible in the order of their numbers, so the greatest number is not
enough. But a transaction with a number below the oldest running one can no longer appear. It is
enough to remember that oldest number and how many later changes were visible, and to count the
later changes again.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.asked_once import asked_once, is_reading

# How many changes one look takes along. An answer kept for longer is asked about by itself.
_NEWEST = 64

# A new database or table with the same name counts as a different one.
_SEEN = sa.text(
    """
    SELECT
      (SELECT oid FROM pg_database WHERE datname = current_database())
        || '/' || CAST(CAST('routing_changes' AS regclass) AS oid) AS place,
      CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS oldest,
      (
        SELECT count(*) FROM routing_changes
        WHERE transaction_id >= coalesce(
          CAST(CAST(:oldest AS text) AS xid8), pg_snapshot_xmin(pg_current_snapshot())
        )
      ) AS later,
      coalesce(current_setting('gridmgmt.routing_changed', true), '') <> '' AS own
    """
)

_LOOK = sa.text(
    f"""
    SELECT
      (SELECT oid FROM pg_database WHERE datname = current_database())
        || '/' || CAST(CAST('routing_changes' AS regclass) AS oid) AS place,
      CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS oldest,
      ARRAY(
        SELECT CAST(CAST(transaction_id AS text) AS bigint) FROM routing_changes
        ORDER BY transaction_id DESC LIMIT {_NEWEST}
      ) AS newest
    """  # noqa: S608 (a number of ours)
)


class Revision(NamedTuple):
    """A state of everything that routes cases, as one transaction sees it.

    ``place`` identifies the table of changes and its database. ``oldest`` is the oldest
    transaction that was still running. ``later`` is the number of visible changes from it on.
    ``own`` is whether one of these is this transaction's own change, which nobody else sees.
    """

    place: str
    oldest: int
    later: int
    own: bool


def read_revision(conn: Connection) -> Revision:
    """Return the state that the transaction sees now."""
    return Revision(*conn.execute(_SEEN, {"oldest": None}).one())


class _Look(NamedTuple):
    """The newest changes that a transaction saw when it looked, the newest first."""

    place: str
    oldest: int
    newest: list[int]

    def holds(self, revision: Revision) -> bool | None:
        """Return whether a revision is what was seen, None where this look cannot tell."""
        if self.oldest < revision.oldest:
            return None
        later = sum(one >= revision.oldest for one in self.newest)
        if later == _NEWEST:
            return None
        return (self.place, later) == (revision.place, revision.later)


def still_holds(conn: Connection, revision: Revision) -> bool:
    """Return whether the transaction sees exactly the state of a revision.

    A transaction that only reads looks once: the state is that of its first look.
    """
    if is_reading(conn):
        look = asked_once(conn, _LOOK, lambda: _Look(*conn.execute(_LOOK).one()))
        holds = look.holds(revision)
        if holds is not None:
            return holds
    now = Revision(*conn.execute(_SEEN, {"oldest": str(revision.oldest)}).one())
    same_place = now.place == revision.place and now.oldest >= revision.oldest
    return same_place and now.later == revision.later


def note_change(conn: Connection) -> None:
    """Record that this transaction changes what kept answers are made of, as a trigger does."""
    conn.execute(
        sa.text(
            "INSERT INTO routing_changes (transaction_id)"
            " SELECT pg_current_xact_id()"
            " WHERE set_config('gridmgmt.routing_changed', 'yes', true) IS NOT NULL"
        )
    )
