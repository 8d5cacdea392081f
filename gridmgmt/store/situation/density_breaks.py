"""Read and write the limits between classes of density."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gridmgmt.domain.period import Period
from gridmgmt.store.schema import cases, density_breaks


@dataclass(frozen=True, slots=True)
class BreaksKey:
    """What limits are for: a level of an edition, or the surface of a bandwidth.

    ``category`` None means all cases; ``first_month`` is the first day of the twelve months.
    """

    edition: int
    level: str | None
    bandwidth_m: float | None
    category: str | None
    first_month: date


@dataclass(frozen=True, slots=True)
class StoredBreaks:
    """Limits, ascending, in cases per square kilometre per 30 days.

    ``months`` is how many of the twelve months had cases of any category, ``cases`` how many
    cases were counted.
    """

    key: BreaksKey
    breaks: tuple[float, ...]
    months: int
    cases: int
    made_at: datetime


def get_breaks(conn: Connection, key: BreaksKey) -> StoredBreaks | None:
    """Return the stored limits of a key, or None."""
    row = conn.execute(sa.select(density_breaks).where(*_same(key))).one_or_none()
    return None if row is None else _from_row(row)


def list_breaks(conn: Connection) -> list[StoredBreaks]:
    """List all stored limits: the newest months first, levels before the surface."""
    columns = density_breaks.c
    order = (
        columns.first_month.desc(),
        columns.edition.desc(),
        columns.category.asc().nulls_first(),
        columns.level.asc().nulls_last(),
        columns.bandwidth_m,
    )
    return [_from_row(row) for row in conn.execute(sa.select(density_breaks).order_by(*order))]


def delete_breaks(conn: Connection, keys: Iterable[BreaksKey]) -> None:
    """Delete the limits of keys."""
    for key in keys:
        conn.execute(density_breaks.delete().where(*_same(key)))


def can_store(conn: Connection) -> bool:
    """Return whether the transaction may write; that of a wall screen only reads."""
    return bool(conn.execute(sa.text("SHOW transaction_read_only")).scalar_one() == "off")


def put_breaks(conn: Connection, found: Iterable[StoredBreaks]) -> None:
    """Store limits; those of a known key are replaced."""
    rows = [_row(one) for one in found]
    if not rows:
        return
    put = insert(density_breaks)
    new = {name: put.excluded[name] for name in ("breaks", "months", "cases", "made_at")}
    conn.execute(put.on_conflict_do_update(constraint="uq__density_breaks", set_=new), rows)


def count_months_with_cases(conn: Connection, months: Iterable[Period]) -> int:
    """Count the months in which any case was reported."""
    has_case = [
        sa.exists()
        .where(cases.c.reported_at >= month.begin, cases.c.reported_at < month.end)
        .label(f"month_{n}")
        for n, month in enumerate(months)
    ]
    if not has_case:
        return 0
    return sum(conn.execute(sa.select(*has_case)).one())


def has_cases(conn: Connection, category: str, first: Period, last: Period) -> bool:
    """Return whether a case of a category was reported in these periods or between them."""
    since, until = cases.c.reported_at >= first.begin, cases.c.reported_at < last.end
    found = sa.exists().where(cases.c.category == category, since, until)
    return bool(conn.execute(sa.select(found)).scalar_one())


def _same(key: BreaksKey) -> list[sa.ColumnElement[bool]]:
    return [
        density_breaks.c[name].is_not_distinct_from(value)
        for name, value in asdict(key).items()
    ]


def _row(one: StoredBreaks) -> dict[str, Any]:
    stored = {"breaks": list(one.breaks), "months": one.months, "cases": one.cases}
    return {**asdict(one.key), **stored, "made_at": one.made_at}


def _from_row(row: sa.Row[Any]) -> StoredBreaks:
    key = BreaksKey(row.edition, row.level, row.bandwidth_m, row.category, row.first_month)
    return StoredBreaks(key, tuple(row.breaks), row.months, row.cases, row.made_at)
