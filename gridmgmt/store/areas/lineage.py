"""Read and write lineage: which new areas replaced the areas an edition changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.geometry.coverage.lineage import Descent
from gridmgmt.store.schema import levels, lineage


@dataclass(frozen=True)
class LevelDescent:
    """One line of an edition's lineage, with its level."""

    level: str
    descent: Descent


def add_lineage(
    conn: Connection, edition: int, level: str, descents: Sequence[Descent]
) -> None:
    """Store the lineage of the areas of a level that an edition changed."""
    if not descents:
        return
    rows = [
        {
            "edition": edition,
            "level": level,
            "old_code": descent.old_code,
            "new_code": descent.new_code,
            "overlap_m2": descent.overlap_m2,
            "share": descent.share,
        }
        for descent in descents
    ]
    conn.execute(lineage.insert(), rows)


def lineage_of(conn: Connection, edition: int) -> list[LevelDescent]:
    """Read the lineage of an edition, from the topmost level down."""
    query = (
        sa.select(lineage)
        .join(levels, levels.c.level == lineage.c.level)
        .where(lineage.c.edition == edition)
        .order_by(levels.c.rank, lineage.c.old_code, lineage.c.new_code)
    )
    return [
        LevelDescent(row.level, Descent(row.old_code, row.new_code, row.overlap_m2, row.share))
        for row in conn.execute(query)
    ]


def find_lineage(
    conn: Connection,
    edition: int,
    level: str,
    *,
    codes: Sequence[str] | None = None,
    words: str | None = None,
    after: str | None = None,
    most: int,
) -> list[Descent]:
    """Read the lineage of a level, for a page of ``most`` old codes in their order.

    Parameters
    ----------
    codes : only lines that name one of these, as old or new code; None for all
    words : only lines with this text in one of their codes
    after : the last old code of the page before
    """
    lines = sa.select(lineage).where(lineage.c.edition == edition, lineage.c.level == level)
    if codes is not None:
        wanted = sa.any_(sa.literal(list(codes), sa.ARRAY(sa.Text)))
        lines = lines.where(sa.or_(lineage.c.old_code == wanted, lineage.c.new_code == wanted))
    if words:
        lines = lines.where(
            sa.or_(
                lineage.c.old_code.icontains(words, autoescape=True),
                lineage.c.new_code.icontains(words, autoescape=True),
            )
        )
    if after is not None:
        lines = lines.where(lineage.c.old_code > after)
    chosen = lines.with_only_columns(lineage.c.old_code).distinct()
    page = chosen.order_by(lineage.c.old_code).limit(most).subquery()
    rows = conn.execute(
        lines.where(lineage.c.old_code.in_(sa.select(page.c.old_code))).order_by(
            lineage.c.old_code, lineage.c.share.desc(), lineage.c.id
        )
    )
    return [Descent(row.old_code, row.new_code, row.overlap_m2, row.share) for row in rows]


def moved_ground(conn: Connection, edition: int) -> dict[str, float]:
    """Return the ground in m² that got another code, or none, in an edition: level -> m²."""
    elsewhere = lineage.c.new_code.is_distinct_from(lineage.c.old_code)
    summed = (
        sa.select(lineage.c.level, sa.func.sum(lineage.c.overlap_m2).label("m2"))
        .where(lineage.c.edition == edition, elsewhere)
        .group_by(lineage.c.level)
    )
    return {row.level: row.m2 for row in conn.execute(summed)}


def delete_lineage(conn: Connection, edition: int) -> int:
    """Delete the lineage of a withdrawn edition; return the number of lines."""
    return conn.execute(lineage.delete().where(lineage.c.edition == edition)).rowcount
