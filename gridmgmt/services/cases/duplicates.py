"""Find all open cases that may be duplicates: pairs, and groups connected by pairs."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.duplicates import (
    MOST_ALIKE,
    Alike,
    Comparable,
    DuplicateRule,
    grouped,
)
from gridmgmt.geometry.locating.moving_index import MovingIndex
from gridmgmt.store.cases.duplicates import open_by_time


@dataclass(frozen=True)
class Duplicates:
    """The result: each later case with earlier ones, nearest first, and the groups.

    ``open`` is the number of open cases with a position that were compared; a default position
    is none.
    """

    open: int
    pairs: list[Alike]
    groups: list[list[str]]


def find_duplicates(
    conn: Connection, rule: DuplicateRule, *, since: datetime | None = None
) -> Duplicates:
    """Find earlier open cases that may be duplicates.

    With ``since`` only cases reported since then are compared with earlier ones.
    """
    count = 0
    pairs: list[Alike] = []
    # Earlier cases are read too, as the possible originals of the first ones.
    begin = since and since - timedelta(hours=rule.hours)
    for case, alike in earlier_alike(open_by_time(conn, since=begin), rule):
        if since is None or case.reported_at >= since:
            count += 1
            pairs += alike
    pairs.sort(key=lambda one: one.of)
    return Duplicates(count, pairs, grouped(pairs))


def earlier_alike(
    cases: Iterable[Comparable], rule: DuplicateRule, *, most: int = MOST_ALIKE
) -> Iterator[tuple[Comparable, list[Alike]]]:
    """Yield each case with the earlier cases that may be duplicates, nearest first.

    The result equals that of ``store.duplicates.cases_alike`` with ``only_earlier``, but for
    all cases in one reading: only those of the last hours are in memory.

    Parameters
    ----------
    cases : by the time of their report, then by number
    most : largest number for each case
    """
    span = timedelta(hours=rule.hours)
    window: deque[tuple[int, Comparable]] = deque()
    held: dict[int, Comparable] = {}
    # One index for each class: only cases of one class are compared.
    indexes: dict[tuple[str, ...], MovingIndex] = defaultdict(MovingIndex)
    for number, case in enumerate(cases):
        while window and case.reported_at - window[0][1].reported_at > span:
            gone, old = window.popleft()
            indexes[old.kind].remove(gone)
            del held[gone]
        index = indexes[case.kind]
        near = index.near(case.lon, case.lat, rule.metres) if rule.metres else []
        near.sort(key=lambda one: (one[1], -held[one[0]].reported_at.timestamp(), one[0]))
        yield case, [_alike(case, held[other], metres) for other, metres in near[:most]]
        # After the search, so that no case finds itself.
        index.put(number, case.lon, case.lat)
        window.append((number, case))
        held[number] = case


def _alike(case: Comparable, other: Comparable, metres: float) -> Alike:
    return Alike(
        of=case.case_no,
        case_no=other.case_no,
        category=other.category,
        reported_at=other.reported_at,
        status=other.status,
        metres=metres,
        hours=(other.reported_at - case.reported_at).total_seconds() / 3600,
    )
