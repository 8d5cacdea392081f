"""Read lists of cases page by page, by key, so that every page costs the same."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.store.cases.case_filter import CaseFilter, due_at
from gridmgmt.store.cases.cases import COLUMNS, from_row
from gridmgmt.store.schema import cases

Columns = tuple[sa.ColumnElement[Any], ...]

# For a period up to this length, all its cases are read and then sorted.
_SHORT = timedelta(days=100)


class CaseSort(StrEnum):
    """The column by which a list is sorted; equal values are sorted by case number.

    A case without a deadline is sorted as if its deadline were later than all others.
    """

    REPORTED_AT = "reported_at"
    DUE_AT = "due_at"
    CASE_NO = "case_no"


@dataclass(frozen=True)
class Order:
    """The order of a list.

    Examples
    --------
    >>> Order.read("-reported_at")
    Order(sort=<CaseSort.REPORTED_AT: 'reported_at'>, descending=True)
    >>> Order.read("due_at").write()
    'due_at'
    """

    sort: CaseSort = CaseSort.REPORTED_AT
    descending: bool = True

    @classmethod
    def read(cls, text: str) -> "Order":
        """Parse the name of a sort column; a minus before it means descending.

        Raises
        ------
        InputError
            when the text is not the name of a sort column
        """
        name = text.removeprefix("-")
        if name not in list(CaseSort):
            raise InputError(
                field="sort",
                message=Sentence("{} is none of: {}", repr(text), ", ".join(CaseSort)),
            )
        return cls(CaseSort(name), descending=text.startswith("-"))

    def write(self) -> str:
        """Return the order as text that ``read`` accepts."""
        return f"-{self.sort}" if self.descending else str(self.sort)


@dataclass(frozen=True)
class PageKey:
    """A position in a list: the case beside which a page begins.

    ``at`` is the instant by which the list is sorted, or None if the case has none.

    Examples
    --------
    >>> PageKey.read(PageKey("C1", None).write())
    PageKey(case_no='C1', at=None)
    """

    case_no: str
    at: datetime | None = None

    @classmethod
    def of(cls, case: Case, sort: CaseSort) -> "PageKey":
        """Return the position of a case."""
        moments = {
            CaseSort.REPORTED_AT: case.given.reported_at,
            CaseSort.DUE_AT: case.given.due_at,
        }
        return cls(case.given.case_no, moments.get(sort))

    @classmethod
    def read(cls, text: str) -> "PageKey":
        """Parse a text that ``write`` made.

        Raises
        ------
        InputError
            when the text is not a page key
        """
        try:
            padded = text + "=" * (-len(text) % 4)
            case_no, at = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            moment = None if at is None else datetime.fromisoformat(at)
            case_no.encode()  # an invalid surrogate cannot be part of a case number
            if "\0" in case_no or (moment is not None and moment.tzinfo is None):
                raise ValueError
        except (ValueError, TypeError, AttributeError, binascii.Error):
            raise InputError(
                field="page",
                message=Sentence("this is no place in a list; start from its first page"),
            ) from None
        return cls(case_no, moment)

    def write(self) -> str:
        """Return the key as text for a URL."""
        at = None if self.at is None else self.at.isoformat()
        text = json.dumps([self.case_no, at], ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class CasePage:
    """The cases of one page in order; a key is None if there is no page in that direction."""

    cases: list[Case]
    before: PageKey | None
    after: PageKey | None


def read_page(
    conn: Connection,
    wanted: CaseFilter,
    order: Order,
    *,
    limit: int,
    after: PageKey | None = None,
    before: PageKey | None = None,
) -> CasePage:
    """Read at most ``limit`` cases after a position in the list, or right before one."""
    backwards = before is not None and after is None
    key = before if backwards else after
    down = order.descending != backwards
    columns = _columns(order.sort)
    query = sa.select(*COLUMNS).order_by(*_sorted(columns, down=down))
    if order.sort is not CaseSort.REPORTED_AT and _is_short(wanted):
        page = _numbers_of_period(wanted, columns, key, down=down).limit(limit + 1)
        query = query.where(cases.c.case_no.in_(page))
    else:
        query = query.where(*wanted.conditions(), *_beyond(columns, key, down=down))
    found = [from_row(row) for row in conn.execute(query.limit(limit + 1))]
    more = len(found) > limit
    found = found[:limit]
    if backwards:
        found.reverse()
    if not found:
        return CasePage([], None, None)
    first, last = (PageKey.of(case, order.sort) for case in (found[0], found[-1]))
    there_is_before = more if backwards else key is not None
    there_is_after = True if backwards else more
    return CasePage(found, first if there_is_before else None, last if there_is_after else None)


def count_cases(conn: Connection, wanted: CaseFilter) -> int:
    """Count the cases of a filter."""
    query = sa.select(sa.func.count()).select_from(cases).where(*wanted.conditions())
    return int(conn.execute(query).scalar_one())


def count_up_to(conn: Connection, wanted: CaseFilter, limit: int) -> int:
    """Count cases, but stop at ``limit``, where a larger number makes no difference."""
    some = sa.select(sa.literal(1)).select_from(cases).where(*wanted.conditions())
    query = sa.select(sa.func.count()).select_from(some.limit(limit).subquery())
    return int(conn.execute(query).scalar_one())


def _numbers_of_period(
    wanted: CaseFilter, columns: Columns, key: PageKey | None, *, down: bool
) -> sa.Select[tuple[str]]:
    """Select the case numbers of a short period, sorted by another column than its dates.

    PostgreSQL does not know that both columns rise together. It would walk through all cases in
    sort order until it reaches the period. The offset hides the inner query from the planner.
    """
    named = [column.label(f"sorted_{n}") for n, column in enumerate(columns)]
    every = sa.select(*named).where(*wanted.conditions())
    inside = every.offset(sa.literal_column("0")).subquery()
    inner = tuple(inside.c)
    chosen = sa.select(inner[-1]).where(*_beyond(inner, key, down=down))
    return chosen.order_by(*_sorted(inner, down=down))


def _sorted(columns: Columns, *, down: bool) -> list[sa.ColumnElement[Any]]:
    return [one.desc() if down else one.asc() for one in columns]


def _beyond(
    columns: Columns, key: PageKey | None, *, down: bool
) -> Iterator[sa.ColumnElement[bool]]:
    if key is None:
        return
    # A row comparison lets the index find the page without reading the rows before it.
    here, there = sa.tuple_(*columns), _values(columns, key)
    yield here < there if down else here > there


def _is_short(wanted: CaseFilter) -> bool:
    if wanted.since is None or wanted.until is None:
        return False
    return wanted.until - wanted.since <= _SHORT


def _columns(sort: CaseSort) -> Columns:
    if sort is CaseSort.CASE_NO:
        return (cases.c.case_no,)
    first = cases.c.reported_at if sort is CaseSort.REPORTED_AT else due_at
    return (first, cases.c.case_no)


def _values(columns: Columns, key: PageKey) -> sa.ColumnElement[Any]:
    case_no = sa.literal(key.case_no, sa.Text)
    if len(columns) == 1:
        return sa.tuple_(case_no)
    at = sa.literal("infinity" if key.at is None else key.at.isoformat(), sa.Text)
    return sa.tuple_(sa.cast(at, sa.DateTime(timezone=True)), case_no)
