"""Open cases that may be the same, all of them: pairs, and what hangs together by pairs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.duplicates import Alike, DuplicateRule, grouped
from gridmgmt.store.duplicates import cases_alike, open_case_nos


@dataclass(frozen=True)
class Duplicates:
    """What was found: each later case with earlier ones, the nearest first, and the groups.

    ``open`` counts the open cases with a position that were looked at.
    """

    open: int
    pairs: list[Alike]
    groups: list[list[str]]


def find_duplicates(
    conn: Connection, rule: DuplicateRule, *, since: datetime | None = None
) -> Duplicates:
    """Look for earlier open cases that may be the same as one reported since, or as any."""
    numbers = list(open_case_nos(conn, since=since))
    pairs = cases_alike(conn, numbers, rule, only_earlier=True)
    return Duplicates(len(numbers), pairs, grouped(pairs))
