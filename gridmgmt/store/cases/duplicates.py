"""Open cases that may be the same as others, found where the cases are stored."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.sight import EVERYTHING, Sight
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.domain.cases.duplicates import MOST_ALIKE, Alike, Comparable, DuplicateRule
from gridmgmt.store.cases.case_filter import CaseFilter, sight_binds
from gridmgmt.store.schema import cases, categories
from gridmgmt.store.statements import statement

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
        **sight_binds(sight),
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


def open_by_time(conn: Connection, *, since: datetime | None = None) -> Iterator[Comparable]:
    """Give all open cases that lie somewhere, or those reported since then, some at a time.

    By when they were reported, at the same moment the smaller number first.
    """
    wanted = CaseFilter(open=True, since=since)
    query = (
        sa.select(
            cases.c.case_no,
            cases.c.category,
            categories.c.category_class,
            categories.c.major_class,
            categories.c.minor_class,
            cases.c.reported_at,
            cases.c.status,
            sa.func.ST_X(cases.c.geom).label("lon"),
            sa.func.ST_Y(cases.c.geom).label("lat"),
        )
        .join_from(cases, categories, categories.c.code == cases.c.category)
        .where(*wanted.conditions(), cases.c.geom.is_not(None))
        .order_by(cases.c.reported_at, cases.c.case_no)
    )
    for row in conn.execute(query, execution_options={"yield_per": _AT_ONCE}):
        minor = (row.category_class, row.major_class, row.minor_class)
        yield Comparable(
            row.case_no,
            row.category,
            (row.category,) if row.minor_class is None else minor,
            row.reported_at,
            CaseStatus(row.status),
            row.lon,
            row.lat,
        )
