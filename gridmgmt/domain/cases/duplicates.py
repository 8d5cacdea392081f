"""Duplicates: open cases that may be about the same matter. Nothing is merged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gridmgmt.domain.cases.case import CaseStatus

# Default limits for the distance and the time between two cases.
DUPLICATE_M = 50.0
DUPLICATE_HOURS = 24.0

# The largest number of others for one case: a heap of cases on one default coordinate has
# thousands.
MOST_ALIKE = 20


@dataclass(frozen=True)
class DuplicateRule:
    """Which open cases may be duplicates: same minor class, near in space and time.

    A category without a minor class is its own class. Both limits are inclusive; 0 ``metres``
    turns the search off.
    """

    metres: float = DUPLICATE_M
    hours: float = DUPLICATE_HOURS


@dataclass(frozen=True, slots=True)
class Comparable:
    """An open case with a position, and the values by which duplicates are found.

    ``kind`` is its minor class, or its category without one.
    """

    case_no: str
    category: str
    kind: tuple[str, ...]
    reported_at: datetime
    status: CaseStatus
    lon: float
    lat: float


@dataclass(frozen=True)
class Alike:
    """An open case that may be a duplicate of the open case ``of``.

    ``metres`` is the distance; ``hours`` is how much later it was reported, negative if
    earlier.
    """

    of: str
    case_no: str
    category: str
    reported_at: datetime
    status: CaseStatus
    metres: float
    hours: float


def grouped(found: Iterable[Alike]) -> list[list[str]]:
    """Group cases that may be duplicates, directly or through others.

    Each group is sorted by number, and the groups by their first number.

    Examples
    --------
    >>> at = datetime.fromisoformat("2026-01-05T08:30:00+08:00")
    >>> pairs = [("C3", "C1"), ("C5", "C4"), ("C1", "C2")]
    >>> grouped(Alike(a, b, "E1", at, CaseStatus.TRIAGE, 1.0, -1.0) for a, b in pairs)
    [['C1', 'C2', 'C3'], ['C4', 'C5']]
    """
    head: dict[str, str] = {}

    def head_of(case_no: str) -> str:
        while head.setdefault(case_no, case_no) != case_no:
            # Path halving (each step links to the grandparent) keeps long chains short.
            head[case_no] = head[head[case_no]]
            case_no = head[case_no]
        return case_no

    for one in found:
        first, second = sorted((head_of(one.of), head_of(one.case_no)))
        head[second] = first
    groups: dict[str, list[str]] = {}
    for case_no in sorted(head):
        groups.setdefault(head_of(case_no), []).append(case_no)
    return [groups[first] for first in sorted(groups)]
