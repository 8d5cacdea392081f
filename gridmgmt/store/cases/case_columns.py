"""Read cases as columns, all of them or some, with COPY."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
import pyarrow as pa
from pyarrow import csv
from sqlalchemy.engine import Connection

from gridmgmt.indicators.case_columns import CaseColumns, CaseEntries
from gridmgmt.store.cases.case_facts import (
    FACT_TYPES,
    FACTS,
    LEAF_TYPES,
    LEAVES,
    columns_of,
    located,
)

# The size of the pieces in which COPY is read: large enough for pyarrow, small for memory.
_PIECE_BYTES = 32 << 20


def read_columns(
    conn: Connection, entries: CaseEntries, *, case_nos: Sequence[str] | None = None
) -> CaseColumns:
    """Read all cases, or some; two statements, so the transaction must be REPEATABLE READ.

    Raises
    ------
    TooManyValuesError
        when there are more different values than a column can number
    """
    parts = [columns_of(table, entries) for table in _copied(conn, FACTS, "c", case_nos)]
    return located(parts, [*_copied(conn, LEAVES, "k", case_nos)], entries)


def _copied(
    conn: Connection, query: str, table: str, case_nos: Sequence[str] | None
) -> Iterator[pa.Table]:
    """Yield what a query returns, piece by piece."""
    types = FACT_TYPES if query is FACTS else LEAF_TYPES
    given: tuple[Any, ...] = ()
    if case_nos is not None:
        query, given = f"{query} WHERE {table}.case_no = ANY (%s)", (list(case_nos),)
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor:
        statement = f"COPY ({query}) TO STDOUT (FORMAT csv)"
        with cursor.copy(statement.encode(), given or None) as rows:
            piece = bytearray()
            for some in rows:
                piece += some
                # Each of these is a whole row.
                if len(piece) >= _PIECE_BYTES:
                    yield _parsed(piece, types)
                    piece = bytearray()
            if piece:
                yield _parsed(piece, types)


def _parsed(piece: bytearray, types: Mapping[str, pa.DataType]) -> pa.Table:
    return csv.read_csv(
        pa.BufferReader(piece),
        read_options=csv.ReadOptions(column_names=list(types), block_size=len(piece) + 1),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        ),
    )
