"""Read and write what is declared about the areas of levels, and how often it is used."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind, Attributes
from gridmgmt.store.schema import area_attributes, levels
from gridmgmt.store.statements import statement

# The attributes of each level that has any: level -> name -> attribute.
Declared = dict[str, dict[str, AreaAttribute]]


def declared_attributes(conn: Connection) -> Declared:
    """Return what is declared: levels from the topmost down, attributes in their order."""
    table = area_attributes
    query = (
        sa.select(table)
        .join(levels, levels.c.level == table.c.level)
        .order_by(levels.c.rank, table.c.place)
    )
    found = [
        AreaAttribute(
            row.level,
            row.name,
            row.name_zh,
            row.name_en,
            AttributeKind(row.kind),
            tuple(row.allowed),
        )
        for row in conn.execute(query)
    ]
    return {
        level: {one.name: one for one in group}
        for level, group in groupby(found, key=lambda one: one.level)
    }


def store_attributes(conn: Connection, wanted: Sequence[AreaAttribute]) -> None:
    """Store these attributes in their order, and delete all others."""
    conn.execute(area_attributes.delete())
    rows = [
        {**asdict(one), "place": place, "allowed": list(one.allowed)}
        for place, one in enumerate(wanted)
    ]
    if rows:
        conn.execute(area_attributes.insert(), rows)


def used_values(conn: Connection) -> dict[tuple[str, str], list[tuple[object, int]]]:
    """Return the values that areas of editions that stand, and drafts, have of attributes.

    Returns
    -------
    (level, attribute) -> each value and how many rows have it
    """
    found: dict[tuple[str, str], list[tuple[object, int]]] = {}
    for row in conn.execute(statement("used_attribute_values")):
        found.setdefault((row.level, row.name), []).append((row.value, row.rows))
    return found


def as_json(several: Iterable[Attributes]) -> list[str]:
    """Return attributes as they are handed to a statement."""
    return [json.dumps(dict(one), ensure_ascii=False, sort_keys=True) for one in several]
