"""Store where cases lie under editions in which the area that judged them is not in force."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray
from gridmgmt.store.cases.case_copy import copy_rows
from gridmgmt.store.copy_text import copy_lines
from gridmgmt.store.schema import case_leaves
from gridmgmt.store.statements import statement

_COLUMNS = ("edition", "case_no", "area_code")
_COPIED = [case_leaves.c[name] for name in _COLUMNS]

# Cases read at once; a hundred thousand take some 20 MB.
_AT_ONCE = 50_000


class CaseLeaf(NamedTuple):
    """Where a case lies under an edition; ``area_code`` is None if it is in no area of it."""

    edition: int
    case_no: str
    area_code: str | None


class JudgedArea(NamedTuple):
    """The area into which an edition judged cases."""

    edition: int
    level: str
    code: str


class Span(NamedTuple):
    """The editions ``[since, until)`` in which a row of an area is in force; None: no end."""

    since: int
    until: int | None


class MovedCases(NamedTuple):
    """Some cases whose area is not in force in an edition: (n,) numbers and degrees.

    Degrees are NaN where a case has no position.
    """

    case_nos: Sequence[str]
    lon: FloatArray
    lat: FloatArray


def leaf_levels(conn: Connection) -> dict[int, str]:
    """Return the deepest level of each edition that was not withdrawn."""
    return {row.edition: row.level for row in conn.execute(statement("leaf_levels"))}


def spans_of(conn: Connection, areas: Sequence[JudgedArea]) -> Mapping[JudgedArea, Span]:
    """Return in which editions the rows of areas are in force; unknown areas are absent."""
    asked = {
        "editions": [one.edition for one in areas],
        "levels": [one.level for one in areas],
        "codes": [one.code for one in areas],
    }
    return {
        JudgedArea(row.edition, row.level, row.code): Span(row.since, row.until)
        for row in conn.execute(statement("area_spans"), asked)
    }


def cases_without_leaf(conn: Connection, edition: int, leaf_level: str) -> Iterator[MovedCases]:
    """Yield the located cases of which nobody knows where they lie under an edition.

    They were judged into an area that is not in force there, or not on its deepest level.
    """
    rows = conn.execute(
        statement("cases_without_leaf"),
        {"edition": edition, "leaf_level": leaf_level},
        execution_options={"yield_per": _AT_ONCE},
    )
    for some in rows.partitions():
        case_nos, lon, lat = zip(*some, strict=True)
        # None becomes NaN: no position.
        degrees = np.array([lon, lat], dtype=np.float64)
        yield MovedCases(case_nos, *degrees)


def add_case_leaves(conn: Connection, leaves: Sequence[CaseLeaf]) -> None:
    """Store where cases lie; nothing may be stored for the same case and edition."""
    copy_rows(conn, case_leaves.name, _COLUMNS, copy_lines(_COPIED, leaves))


def delete_case_leaves(
    conn: Connection, *, edition: int | None = None, case_nos: Sequence[str] | None = None
) -> None:
    """Delete what is stored for an edition, or for some cases."""
    deleted = case_leaves.delete()
    if edition is not None:
        deleted = deleted.where(case_leaves.c.edition == edition)
    if case_nos is not None:
        wanted = sa.cast(list(case_nos), ARRAY(sa.Text))
        deleted = deleted.where(case_leaves.c.case_no == sa.any_(wanted))
    conn.execute(deleted)
