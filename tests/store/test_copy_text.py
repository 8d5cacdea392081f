import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import shapely
import sqlalchemy as sa
from geoalchemy2 import Geometry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import Connection

from gridmgmt.store.copy_text import copy_lines
from gridmgmt.store.geometries import hex_ewkb

METADATA = sa.MetaData()
COPIED = sa.Table(
    "copied",
    METADATA,
    sa.Column("a_text", sa.Text),
    sa.Column("a_number", sa.Float),
    sa.Column("a_count", sa.Integer),
    sa.Column("a_truth", sa.Boolean),
    sa.Column("a_moment", sa.DateTime(timezone=True)),
    sa.Column("an_array", ARRAY(sa.Text)),
    sa.Column("a_document", JSONB),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
ROWS = st.tuples(
    *(
        st.none() | values
        for values in (
            TEXTS | st.sampled_from(["\\N", "\\.", "\\", "a\tb\r\nc", "NULL", ""]),
            st.floats(allow_nan=False),
            st.integers(-(2**31), 2**31 - 1),
            st.booleans(),
            st.datetimes(datetime.fromisoformat("1900-01-01"), timezones=st.timezones()),
            st.lists(TEXTS | st.sampled_from(['"', "\\", "NULL", "{", ",", ""])),
            st.sampled_from(['{"a": "\\\\n\\"\\t"}', "[1, null]", '"x"']),
        )
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(ROWS, max_size=5))
def test_every_value_comes_back_from_the_database_as_it_was(
    conn: Connection, rows: list[tuple[Any, ...]]
) -> None:
    with conn.begin_nested() as work:
        COPIED.create(conn)
        driver = conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        with driver.cursor() as cursor, cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write(copy_lines(list(COPIED.c), rows))
        back = [tuple(row) for row in conn.execute(sa.select(COPIED))]
        work.rollback()
    assert back == [(*row[:-1], row[-1] and json.loads(row[-1])) for row in rows]


def test_geometries_are_copied_and_unknown_types_refused() -> None:
    point = hex_ewkb([shapely.Point(120.1, 30.2)])[0]
    column: sa.Column[Any] = sa.Column("geom", Geometry("POINT", srid=4326))
    assert copy_lines([column], [(point,), (None,)]) == f"{point}\n\\N\n".encode()
    assert copy_lines([column], []) == b""
    with pytest.raises(TypeError, match="nobody said how"):
        copy_lines([sa.Column("x", sa.Interval)], [(None,)])


def test_moments_of_any_zone_are_the_same_instants() -> None:
    column: sa.Column[Any] = sa.Column("at", sa.DateTime(timezone=True))
    at = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert copy_lines([column], [(at,)]) == b"2026-03-02T01:30:00+00:00\n"
