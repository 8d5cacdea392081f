"""Find open cases that may be duplicates of other cases."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.cases.case import CaseMark, CaseStatus
from gridmgmt.domain.cases.duplicates import MOST_ALIKE, Alike, Comparable, DuplicateRule
from gridmgmt.store.cases.case_filter import CaseFilter, in_case_scope
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
    }
    query = _nearest(case_scope, most)
    found = []
    for start in range(0, len(case_nos), _AT_ONCE):
        some = list(case_nos[start : start + _AT_ONCE])
        rows = conn.execute(query, {**asked, "case_nos": some})
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


def _nearest(case_scope: CaseScope, most: int) -> sa.Select[Any]:
    """Select from all that are alike those that may be seen, at most so many for each case."""
    alike = (
        statement("cases_alike")
        .columns(
            sa.column("of_case", sa.Text),
            sa.column("case_no", sa.Text),
            sa.column("category", sa.Text),
            sa.column("reported_at", sa.DateTime(timezone=True)),
            sa.column("status", sa.Text),
            sa.column("metres", sa.Double),
            sa.column("hours", sa.Double),
        )
        .subquery("alike")
    )
    order = (alike.c.metres, sa.func.abs(alike.c.hours), alike.c.case_no)
    place = sa.func.row_number().over(partition_by=alike.c.of_case, order_by=order)
    seen = (
        sa.select(alike, place.label("place"))
        .join(cases, cases.c.case_no == alike.c.case_no)
        .where(*in_case_scope(case_scope))
        .subquery("seen")
    )
    return sa.select(seen).where(seen.c.place <= most).order_by(seen.c.of_case, seen.c.place)


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
