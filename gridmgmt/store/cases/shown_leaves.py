"""The leaf area for which a case counts while an edition is shown, as a part of queries."""

from typing import NamedTuple

import sqlalchemy as sa

from gridmgmt.store.schema import case_leaves, cases


class ShownLeaf(NamedTuple):
    """The code of the leaf area of each row of ``cases``, and the tables it comes from.

    The code is NULL where a case has no area, and where it is in no area of the edition.
    """

    code: sa.ColumnElement[str | None]
    table: sa.FromClause


def leaf_under(edition: int | None) -> ShownLeaf:
    """Return the leaf areas of cases under an edition.

    It is the area a case was judged into, unless it is stored that the case lies elsewhere
    (``case_leaves``).
    """
    elsewhere = case_leaves.c.case_no.is_not(None)
    code = sa.case((elsewhere, case_leaves.c.area_code), else_=cases.c.area_code)
    here = (case_leaves.c.edition == edition) & (case_leaves.c.case_no == cases.c.case_no)
    return ShownLeaf(code, cases.outerjoin(case_leaves, here))
