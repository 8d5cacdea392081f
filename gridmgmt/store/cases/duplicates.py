"""Find open cases that may be duplicates of other cases."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.cases.case import CaseMark, CaseStatus
from gridmgmt.domain.cases.duplicates import MOST_ALIKE, Alike, Comparable, DuplicateRule
from gridmgmt.store.cases.case_filter import CaseFilter, case_scope_binds
from gridmgmt.store.schema import cases, categories
from gridmgmt.store.statements import statement

_AT_ONCE = 2_000


def cases_alike(
    conn: Connection,
    case_nos: Sequence[str],
    rule: DuplicateRule,
    *,
    case_scope: CaseScope = ALL_CASES,
    only_earlier: bool = False,
    most: int = MOST_ALIKE,
) -> list[Alike]:
    """Find open cases that may be duplicates of these cases, nearest first for each case.

    Only cases in ``case_scope`` are found. Cases that are not open or have no position have no
    duplicates.

    Parameters
    ----------
    only_earlier : only cases reported earlier, so that each pair is found once
    most : largest number of cases found for each case
    """
    if not rule.metres:
        return []
    asked = {
        "metres": rule.metres,
        "hours": rule.hours,
        "only_earlier": only_earlier,
        **case_scope_binds(case_scope),
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
    """Yield all open cases with a position, or those reported since ``since``, in chunks.

    Cases at a default position are left out.

    They are ordered by the time of the report, then by number.
    """
    # Nobody knows how near to others a case at a default position really is.
    wanted = CaseFilter(open=True, since=since, unmarked=CaseMark.DEFAULT_POSITION)
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
