"""Where changed areas went, as stored with the edition that changed them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.geometry.lineage import Descent
from gridmgmt.store.schema import levels, lineage


@dataclass(frozen=True)
class LevelDescent:
    """One line of an edition's lineage, with its level."""

    level: str
    descent: Descent


def add_lineage(
    conn: Connection, edition: int, level: str, descents: Sequence[Descent]
) -> None:
    """Store where the areas of a level went that an edition changed."""
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
    """Read where the areas went that an edition changed, from the topmost level down."""
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


def delete_lineage(conn: Connection, edition: int) -> int:
    """Remove the lineage of an edition that is withdrawn; return how many lines it had."""
    return conn.execute(lineage.delete().where(lineage.c.edition == edition)).rowcount
