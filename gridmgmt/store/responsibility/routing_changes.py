"""Whether anything that routes cases has changed: duties, areas and all they refer to.

A trigger on each such table notes the transaction (``routing_changes``). Transactions do not
become visible in the order of their numbers, so the greatest number tells nothing. But those
below the oldest that was still running can no longer come to light: who remembers that number
and how many later ones were there need only count those.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# A database, or a table, that is made anew under the same name is another one.
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


class Revision(NamedTuple):
    """A state of what routes cases, as one transaction sees it.

    ``place`` tells the table of changes from that of another database, ``oldest`` is the
    oldest transaction that was still running, ``later`` how many changes from it on are seen.
    ``own`` is whether one of them is the transaction's own, which nobody else sees.
    """

    place: str
    oldest: int
    later: int
    own: bool


def read_revision(conn: Connection) -> Revision:
    """Tell what the transaction sees now."""
    return Revision(*conn.execute(_SEEN, {"oldest": None}).one())


def still_holds(conn: Connection, revision: Revision) -> bool:
    """Tell whether the transaction sees what was seen then, and nothing else."""
    now = Revision(*conn.execute(_SEEN, {"oldest": str(revision.oldest)}).one())
    same_place = now.place == revision.place and now.oldest >= revision.oldest
    return same_place and now.later == revision.later
