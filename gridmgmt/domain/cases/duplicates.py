"""Duplicates: open cases that may tell of one and the same matter. Nothing is merged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gridmgmt.domain.cases.case import CaseStatus

# How far apart two cases may lie and be reported, unless a deployment says otherwise.
DUPLICATE_M = 50.0
DUPLICATE_HOURS = 24.0

# Of one case at most so many others are told: a heap on one default coordinate has thousands.
MOST_ALIKE = 20


@dataclass(frozen=True)
class DuplicateRule:
    """Which open cases may be the same: of one minor class, near in space and in time.

    A category without a minor class is a class of its own. Both limits are inclusive; 0
    ``metres`` ask for no hint at all.
    """

    metres: float = DUPLICATE_M
    hours: float = DUPLICATE_HOURS


@dataclass(frozen=True, slots=True)
class Comparable:
    """An open case that lies somewhere, with what tells whether others may be the same.

    ``kind`` is its minor class, or its category where that has none.
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
    """An open case that may be the same as the open case ``of``.

    ``metres`` lie between them; ``hours`` is how much later than that one it was reported,
    below 0 where earlier.
    """

    of: str
    case_no: str
    category: str
    reported_at: datetime
    status: CaseStatus
    metres: float
    hours: float


def grouped(found: Iterable[Alike]) -> list[list[str]]:
    """Put cases together that may be the same, directly or through others.

    Each group by number, the groups by their first.

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
            # Half way up at every step keeps long chains short.
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
