"""What other transactions changed of cases since a snapshot was taken.

Triggers note for each transaction which cases it changed. Transactions do not become visible in
the order of their numbers, so a state is described by the snapshot in which it was read: what
another snapshot sees differs from it by the transactions that only one of both sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.indicators.case_columns import CaseColumns, CaseEntries
from gridmgmt.store.cases.case_facts import (
    FACT_TYPES,
    FACTS,
    LEAF_TYPES,
    LEAVES,
    columns_of,
    located,
    table_of,
)

_UNSEEN = sa.text(
    f"""
    WITH unseen AS MATERIALIZED (
      SELECT transaction_id, case_nos FROM case_changes
      WHERE transaction_id >= CAST(CAST(:next AS text) AS xid8)
      UNION ALL
      SELECT transaction_id, case_nos FROM case_changes
      WHERE transaction_id = ANY (CAST(CAST(:running AS text[]) AS xid8[]))
    ),
    amount AS (
      SELECT
        coalesce(sum(cardinality(case_nos)), 0) AS cases,
        coalesce(bool_or(case_nos IS NULL), false) AS is_all
      FROM unseen
    ),
    -- A case is read by its key: no plan may read the whole table for it.
    wanted AS MATERIALIZED (
      SELECT ARRAY(
        SELECT unnest(case_nos) FROM unseen
        WHERE (SELECT cases FROM amount) <= CAST(:most AS bigint)
        UNION SELECT unnest(CAST(:also AS text[]))
      ) AS case_nos
    )
    SELECT
      k.identity || '/' || CAST(CAST('case_changes' AS regclass) AS oid)
        || '/' || extract(epoch FROM pg_postmaster_start_time()) AS place,
      CAST(CAST(k.since AS text) AS bigint) AS oldest,
      CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS first_running,
      CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS next,
      ARRAY(
        SELECT CAST(CAST(x AS text) AS bigint)
        FROM pg_snapshot_xip(pg_current_snapshot()) AS x
      ) AS running,
      CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint) AS own,
      CAST(amount.cases AS bigint) AS cases,
      amount.is_all,
      (
        SELECT json_agg(json_build_array(
          CAST(CAST(u.transaction_id AS text) AS bigint),
          u.case_nos,
          ARRAY(SELECT hashtextextended(n, 0) FROM unnest(u.case_nos) AS n)
        ))
        FROM unseen u
        WHERE amount.cases <= CAST(:most AS bigint)
      ) AS changes,
      (
        SELECT json_agg(to_json(f)) FROM ({FACTS}
        WHERE c.case_no = ANY (CAST((SELECT case_nos FROM wanted) AS text[]))) AS f
      ) AS facts,
      (
        SELECT json_agg(to_json(f)) FROM ({LEAVES}
        WHERE k.case_no = ANY (CAST((SELECT case_nos FROM wanted) AS text[]))) AS f
      ) AS leaves
    FROM case_changes_kept k
    CROSS JOIN amount
    """  # noqa: S608 (texts of ours)
)


_FORGET = sa.text(
    """
    WITH gone AS (
      DELETE FROM case_changes
      WHERE transaction_id < CAST(CAST(:before AS text) AS xid8)
        AND recorded_at < clock_timestamp() - CAST(:age AS interval)
      RETURNING transaction_id
    ),
    newest AS (SELECT max(CAST(CAST(transaction_id AS text) AS bigint)) AS id FROM gone)
    UPDATE case_changes_kept
    SET since = CAST(CAST(newest.id + 1 AS text) AS xid8)
    FROM newest
    WHERE newest.id >= CAST(CAST(since AS text) AS bigint)
    """
)
_BEGIN = sa.text(
    """
    INSERT INTO case_changes_kept (since)
    SELECT pg_current_xact_id() WHERE NOT EXISTS (SELECT FROM case_changes_kept)
    """
)


def begin_notes(conn: Connection) -> None:
    """Give the notes of a restored database a beginning, if they have none."""
    conn.execute(sa.text("LOCK TABLE case_changes_kept IN SHARE ROW EXCLUSIVE MODE"))
    conn.execute(_BEGIN)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which transactions a statement sees: all before ``next`` but those still ``running``.

    ``first_running`` is the first of these.
    """

    first_running: int
    next: int
    running: frozenset[int]

    def sees(self, transaction: int) -> bool:
        """Return whether it sees what a transaction changed, if that was not rolled back."""
        return transaction < self.next and transaction not in self.running


class Changed(NamedTuple):
    """Cases that a transaction changed, with their keys."""

    case_nos: tuple[str, ...]
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a statement sees that another snapshot did not.

    ``place`` says of which database and which run of its server the numbers of transactions
    are; ``oldest`` is the transaction from which on all changes are noted. ``snapshot`` is that
    of the statement and ``own`` its own transaction, None before its first change. ``cases`` is
    how often cases were changed, None if that is not known. ``changes`` and ``columns`` are
    None if that is more than was asked for.
    """

    place: str
    oldest: int
    snapshot: Snapshot
    own: int | None
    cases: int | None
    changes: Mapping[int, Changed] | None
    columns: CaseColumns

    @property
    def shared_snapshot(self) -> Snapshot:
        """Return the snapshot as one that does not see the statement's own transaction.

        PostgreSQL counts a transaction among those that its snapshot sees, but others do not
        see yet what it changed or will change.
        """
        own, seen = self.own, self.snapshot
        if own is None or own >= seen.next:
            return seen
        return Snapshot(min(seen.first_running, own), seen.next, seen.running | {own})


def read_unseen(
    conn: Connection,
    seen: Snapshot,
    entries: CaseEntries,
    *,
    most: int,
    also: Sequence[str] = (),
) -> Unseen | None:
    """Read the changes that a snapshot did not see, and the cases as they are now.

    Everything is read in one statement, so it is one state. Cases that are not there any more
    are in ``changes`` only.

    Parameters
    ----------
    most : read no cases if more were changed
    also : numbers of cases that are read whether they changed or not

    Returns
    -------
    None if nothing is noted in this database: it was restored
    """
    asked = {
        "next": str(seen.next),
        "running": [str(one) for one in seen.running],
        "most": most,
        "also": list(also),
    }
    row = conn.execute(_UNSEEN, asked).one_or_none()
    if row is None:
        return None
    changes = None
    if not row.is_all and row.cases <= most:
        changes = _by_transaction(row.changes or ())
    return Unseen(
        place=row.place,
        oldest=row.oldest,
        snapshot=Snapshot(row.first_running, row.next, frozenset(row.running)),
        own=row.own,
        cases=None if row.is_all else row.cases,
        changes=changes,
        columns=_columns(row.facts, row.leaves, entries),
    )


def _columns(
    facts: Sequence[Mapping[str, Any]] | None,
    leaves: Sequence[Mapping[str, Any]] | None,
    entries: CaseEntries,
) -> CaseColumns:
    # Mostly nothing has changed, and making columns of nothing takes longer than asking.
    if not facts and not leaves:
        return CaseColumns.empty()
    return located(
        [columns_of(table_of(facts, FACT_TYPES), entries)],
        [table_of(leaves, LEAF_TYPES)],
        entries,
    )


def _by_transaction(changes: Sequence[Any]) -> dict[int, Changed]:
    """Put together what each transaction changed in several statements."""
    found: dict[int, dict[str, int]] = {}
    for transaction, case_nos, keys in changes:
        found.setdefault(transaction, {}).update(zip(case_nos, keys, strict=True))
    return {
        transaction: Changed(tuple(cases), tuple(cases.values()))
        for transaction, cases in found.items()
    }


def forget_changes(conn: Connection, before: int, *, older_than: timedelta) -> None:
    """Delete old notes of transactions before a given one.

    Columns that stand at an earlier snapshot are built anew from then on.
    """
    asked = {"before": str(before), "age": older_than}
    conn.execute(_FORGET, asked)
