"""Open cases that may be the same as others, found where the cases are stored."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.case import CaseStatus
from gridmgmt.domain.duplicates import Alike, DuplicateRule
from gridmgmt.domain.sight import EVERYTHING, Sight
from gridmgmt.store.case_filter import CaseFilter
from gridmgmt.store.schema import cases
from gridmgmt.store.statements import statement

# Of one case at most so many others are told: a heap on one default coordinate has thousands.
MOST_ALIKE = 20

_AT_ONCE = 2_000


def cases_alike(
    conn: Connection,
    case_nos: Sequence[str],
    rule: DuplicateRule,
    *,
    sight: Sight = EVERYTHING,
    only_earlier: bool = False,
    most: int = MOST_ALIKE,
) -> list[Alike]:
    """Find open cases in sight that may be the same as one of these, each the nearest first.

    Cases that are not open, or lie nowhere, have none.

    Parameters
    ----------
    only_earlier : only those reported before it, so that of each pair one case has the other
    most : at most so many for each
    """
    if not rule.metres:
        return []
    asked = {
        "metres": rule.metres,
        "hours": rule.hours,
        "only_earlier": only_earlier,
        "editions": None if sight.leaves is None else [edition for edition, _ in sight.leaves],
        "codes": None if sight.leaves is None else [code for _, code in sight.leaves],
        "responder_code": sight.responder_code,
        "most": most,
    }
    found = []
    for start in range(0, len(case_nos), _AT_ONCE):
        some = list(case_nos[start : start + _AT_ONCE])
        rows = conn.execute(statement("cases_alike"), {**asked, "case_nos": some})
        found += [
            Alike(
                of=row.of_case,
                case_no=row.case_no,
                category=row.category,
                reported_at=row.reported_at,
                status=CaseStatus(row.status),
                metres=row.metres,
                hours=row.hours,
            )
            for row in rows
        ]
    return found


def open_case_nos(conn: Connection, *, since: datetime | None = None) -> Iterator[str]:
    """Give the numbers of all open cases that lie somewhere, those reported since then."""
    wanted = CaseFilter(open=True, since=since)
    query = sa.select(cases.c.case_no).where(*wanted.conditions(), cases.c.geom.is_not(None))
    yield from conn.execute(query.order_by(cases.c.case_no)).scalars()
