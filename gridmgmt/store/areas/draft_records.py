"""Read and write the rows other than areas that drafts state."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.areas.draft_record import DraftRecord, RecordKind
from gridmgmt.domain.areas.draft_record import Row as Cells
from gridmgmt.domain.areas.edit_log import Side
from gridmgmt.store.schema import draft_edit_records, draft_records, drafts

RecordKey = tuple[RecordKind, str]


def read_records(conn: Connection, draft_id: int) -> dict[RecordKey, DraftRecord]:
    """Read what a draft states, by kind and key."""
    table = draft_records
    query = sa.select(table).where(table.c.draft_id == draft_id)
    rows = conn.execute(query.order_by(table.c.kind, table.c.key))
    return {(one.kind, one.key): one for one in map(_from_row, rows)}


def count_records(conn: Connection, draft_id: int) -> int:
    """Count the rows that a draft states."""
    query = sa.select(sa.func.count()).where(draft_records.c.draft_id == draft_id)
    return int(conn.execute(query).scalar_one())


def put_records(
    conn: Connection, draft_id: int, keys: Iterable[RecordKey], stated: Iterable[DraftRecord]
) -> None:
    """Store what a draft states about some rows in place of what it stated about ``keys``."""
    table = draft_records
    replaced = [_named(key) for key in keys]
    if replaced:
        conn.execute(table.delete().where(*_is_named(draft_id)), replaced)
    rows = [_to_row(draft_id, one) for one in stated]
    if rows:
        conn.execute(table.insert(), rows)


def add_sides(
    conn: Connection, draft_id: int, stated: Iterable[tuple[int, Side, DraftRecord]]
) -> None:
    """Add what a draft stated before or after edits, each by its number, to its log."""
    rows = [
        {**_to_row(draft_id, one), "number": number, "side": side}
        for number, side, one in stated
    ]
    if rows:
        conn.execute(draft_edit_records.insert(), rows)


def read_side(
    conn: Connection, draft_id: int, number: int, side: Side
) -> dict[RecordKey, DraftRecord]:
    """Read what a draft stated before or after an edit, of the rows that the edit is about."""
    table = draft_edit_records
    query = (
        sa.select(table)
        .where(table.c.draft_id == draft_id, table.c.number == number, table.c.side == side)
        .order_by(table.c.kind, table.c.key)
    )
    return {(one.kind, one.key): one for one in map(_from_row, conn.execute(query))}


def read_row_names(
    conn: Connection, draft_id: int, numbers: Collection[int] | None = None
) -> dict[int, list[str]]:
    """Read which rows the entries of a log are about: number -> kind and name of each.

    Parameters
    ----------
    numbers : of which entries, None: of all
    """
    table = draft_edit_records
    query = (
        sa.select(table)
        .where(table.c.draft_id == draft_id)
        .order_by(table.c.number, table.c.kind, table.c.key)
    )
    if numbers is not None:
        query = query.where(table.c.number.in_(numbers))
    found: dict[int, dict[RecordKey, str]] = {}
    for row in conn.execute(query):
        record = _from_row(row)
        told = f"{record.kind.said} {record.name}"
        found.setdefault(row.number, {})[record.kind, record.key] = told
    return {number: [*rows.values()] for number, rows in found.items()}


def set_written(conn: Connection, draft_id: int, written: Mapping[RecordKey, Cells]) -> None:
    """Note the rows as they were stored with the edition."""
    if not written:
        return
    mine = draft_records.update().where(*_is_named(draft_id))
    rows = [{**_named(key), "cells": dict(cells)} for key, cells in written.items()]
    conn.execute(mine.values(written=sa.bindparam("cells")), rows)


def forget_written(conn: Connection, edition: int) -> None:
    """Note that the rows that were stored with an edition are so no more."""
    table = draft_records
    of_edition = sa.select(drafts.c.id).where(drafts.c.edition == edition)
    conn.execute(table.update().where(table.c.draft_id.in_(of_edition)).values(written=None))


def read_written(conn: Connection, edition: int) -> list[tuple[DraftRecord, Cells]]:
    """Read the rows stored with an edition: what its draft stated, and what was stored."""
    table = draft_records
    query = (
        sa.select(table)
        .join(drafts, drafts.c.id == table.c.draft_id)
        .where(drafts.c.edition == edition, table.c.written.is_not(None))
        .order_by(table.c.kind, table.c.key)
    )
    return [(_from_row(row), row.written) for row in conn.execute(query)]


def count_written_since(conn: Connection, edition: int) -> int:
    """Count the rows that were stored with later editions and not taken back."""
    table = draft_records
    query = (
        sa.select(sa.func.count())
        .select_from(table.join(drafts, drafts.c.id == table.c.draft_id))
        .where(drafts.c.edition > edition, table.c.written.is_not(None))
    )
    return int(conn.execute(query).scalar_one())


def _is_named(draft_id: int) -> list[sa.ColumnElement[bool]]:
    """Return the condition of the row of a draft that the values of `_named` name."""
    table = draft_records
    return [
        table.c.draft_id == draft_id,
        table.c.kind == sa.bindparam("of_kind"),
        table.c.key == sa.bindparam("of_key"),
    ]


def _named(key: RecordKey) -> dict[str, str]:
    return dict(zip(("of_kind", "of_key"), key, strict=True))


def _to_row(draft_id: int, one: DraftRecord) -> dict[str, Any]:
    return {
        "draft_id": draft_id,
        "kind": one.kind,
        "key": one.key,
        "name": one.name,
        "edit": one.edit,
        "before": None if one.before is None else dict(one.before),
        "after": dict(one.after),
    }


def _from_row(row: Row[*tuple[Any, ...]]) -> DraftRecord:
    return DraftRecord(RecordKind(row.kind), row.key, row.name, row.edit, row.before, row.after)
