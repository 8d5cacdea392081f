"""Read and write categories."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import categories
from gridmgmt.store.upsert import upsert


def list_categories(conn: Connection) -> list[Category]:
    """List all categories by code, including those known only from cases."""
    query = sa.select(categories).order_by(categories.c.code)
    return [_from_row(row) for row in conn.execute(query)]


def get_category(conn: Connection, code: str) -> Category:
    """Return one category, also if it is known only from cases.

    Raises
    ------
    NotFoundError
        when there is no such category
    """
    row = conn.execute(sa.select(categories).where(categories.c.code == code)).one_or_none()
    if row is None:
        raise NotFoundError(kind="category", key=code)
    return _from_row(row)


def mapped_codes(conn: Connection) -> frozenset[str]:
    """Return the codes of all categories that a code set defines."""
    mapped = sa.select(categories.c.code).where(categories.c.mapped)
    return frozenset(conn.execute(mapped).scalars())


def put_categories(conn: Connection, kinds: Sequence[Category]) -> None:
    """Store categories; known codes are replaced."""
    upsert(conn, categories, [asdict(kind) for kind in kinds])


def _from_row(row: Row[tuple[object, ...]]) -> Category:
    return Category(
        code=row.code,
        name=row.name,
        code_set=row.code_set,
        category_class=None
        if row.category_class is None
        else CategoryClass(row.category_class),
        major_class=row.major_class,
        minor_class=row.minor_class,
        time_limit=row.time_limit,
        mapped=row.mapped,
        class_code=row.class_code,
    )
