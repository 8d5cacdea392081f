"""Columns of cases as one snapshot of the database sees them, and how they follow it."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import IntArray
from gridmgmt.indicators.case_columns import (
    CaseColumns,
    CaseEntries,
    joined,
    rows_of,
    without,
)
from gridmgmt.indicators.case_counting import GroupCounts
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.store.cases.case_changes import Changed, Snapshot, Unseen

# The last answers of a part, of at most some MB each.
_ANSWERS = 64


class ColumnPart:
    """Some cases, with their places under editions and the answers that were asked for last."""

    def __init__(self, columns: CaseColumns) -> None:
        self.columns = columns
        self._under: RecentlyUsed[NDArray[np.int32]] = RecentlyUsed(most=4)
        self._answers: OrderedDict[bytes, tuple[int, GroupCounts]] = OrderedDict()
        self._turn = Lock()

    def under(self, edition: int | None) -> NDArray[np.int32]:
        """Return the (n,) places of the cases under an edition."""
        return self._under.get(edition, lambda: self.columns.place_under(edition))

    def answer(self, question: bytes, as_of: int) -> GroupCounts | None:
        """Return the answer to a question if it is known and still right at an instant."""
        with self._turn:
            since, counted = self._answers.get(question, (0, None))
            if counted is None or not since <= as_of < counted.holds_until:
                return None
            self._answers.move_to_end(question)
            return counted

    def keep(self, question: bytes, as_of: int, counted: GroupCounts) -> None:
        """Keep the answer that a question had at an instant."""
        with self._turn:
            self._answers[question] = (as_of, counted)
            self._answers.move_to_end(question)
            while len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)


@dataclass(frozen=True, slots=True)
class ColumnState:
    """All cases that a snapshot sees: those of ``base`` without ``removed``, and ``added``.

    ``place`` says of which database and which run of its server. ``gone`` are the rows of
    ``base`` that are ``removed``. ``content`` is the same object for states of the same cases.
    ``log`` tells which cases each transaction changed that the snapshot sees, of all
    transactions from ``log_since`` on.
    """

    place: str
    snapshot: Snapshot
    entries: CaseEntries
    base: ColumnPart
    gone: IntArray
    removed: ColumnPart
    added: ColumnPart
    log: Mapping[int, Changed]
    log_since: int
    content: object = field(default_factory=object)

    @classmethod
    def of(
        cls,
        columns: CaseColumns,
        entries: CaseEntries,
        place: str,
        snapshot: Snapshot,
        *,
        log: Mapping[int, Changed] | None = None,
        log_since: int | None = None,
    ) -> Self:
        """Return the state of columns as a snapshot sees them."""
        nothing = ColumnPart(CaseColumns.empty())
        return cls(
            place=place,
            snapshot=snapshot,
            entries=entries,
            base=ColumnPart(columns),
            gone=np.zeros(0, dtype=np.int64),
            removed=nothing,
            added=nothing,
            log=log or {},
            log_since=snapshot.next if log_since is None else log_since,
        )

    @property
    def apart(self) -> int:
        """Return how many rows are kept beside the base."""
        return len(self.gone) + len(self.added.columns)

    def ahead_of(self, snapshot: Snapshot) -> Sequence[Changed] | None:
        """Return what transactions changed that are seen here, but not in a snapshot.

        None: the log does not go back far enough to tell.
        """
        unseen = [one for one in snapshot.running if self.snapshot.sees(one)]
        if snapshot.next < self.snapshot.next:
            if snapshot.next < self.log_since:
                return None
            unseen += [one for one in self.log if one >= snapshot.next]
        if any(one < self.log_since for one in unseen):
            return None
        return [self.log[one] for one in unseen if one in self.log]

    def advanced(self, unseen: Unseen, also: Iterable[int] = ()) -> Self:
        """Return the state in which the changes of a later snapshot are seen.

        Parameters
        ----------
        also : keys of cases that were read anew without having been changed
        """
        assert unseen.changes is not None
        if not unseen.changes and not also:
            return replace(self, snapshot=unseen.shared_snapshot)
        changed = {key for one in unseen.changes.values() for key in one.keys}
        keys = np.array([*changed.union(also)], dtype=np.int64)
        base, added = self.base.columns, self.added.columns
        gone = np.union1d(self.gone, rows_of(base, keys))
        left = without(added, rows_of(added, keys))
        seen = {one: cases for one, cases in unseen.changes.items() if one != unseen.own}
        return replace(
            self,
            snapshot=unseen.shared_snapshot,
            gone=gone,
            removed=self.removed
            if len(gone) == len(self.gone)
            else ColumnPart(base.rows(gone)),
            added=ColumnPart(joined([left, unseen.columns])),
            log={**self.log, **seen},
            content=object(),
        )

    def compact(self) -> CaseColumns:
        """Return all cases in one set of columns."""
        if not self.apart:
            return self.base.columns
        return joined([without(self.base.columns, self.gone), self.added.columns])
