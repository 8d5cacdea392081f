"""Errors of the database as they reach a log: what is wrong, without what was typed."""

import logging
import traceback

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.error_words import without_values

PLANTED = "王小明"

# Each kind of refusal that repeats a value, and what must still be said of it.
REFUSED = [
    ("INSERT INTO planted (name) VALUES (:name), (:name)", "uq_planted"),
    ("INSERT INTO planted (name, many) VALUES (:name, -1)", "ck_planted"),
    ("INSERT INTO planted (name, other) VALUES ('x', :name)", "fk_planted"),
    ("INSERT INTO planted (name, many) VALUES (NULL, 1)", "name"),
    ("SELECT CAST(:name AS text)::integer", "invalid input syntax for type integer"),
    ("SELECT CAST(CAST(:name AS text) AS timestamptz)", "timestamp with time zone"),
    ("SELECT CAST(CAST(:name AS text) AS jsonb)", "json"),
    ("SELECT CAST(:name AS text)::geometry", "parse error"),
    ("SELECT no_such_column FROM planted WHERE name = :name", "no_such_column"),
]


@pytest.fixture
def planted(conn: Connection) -> Connection:
    conn.exec_driver_sql(
        "CREATE TEMPORARY TABLE planted (name text NOT NULL CONSTRAINT uq_planted UNIQUE,"
        " many integer CONSTRAINT ck_planted CHECK (many > 0),"
        " other text CONSTRAINT fk_planted REFERENCES planted (name))"
    )
    return conn


@pytest.mark.parametrize(("statement", "said"), REFUSED)
def test_a_refused_statement_says_what_is_wrong_but_no_value(
    planted: Connection, statement: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    bound = sa.text(statement.replace("::", r"\:\:"))
    with pytest.raises(sa.exc.DBAPIError) as caught, planted.begin_nested():
        planted.execute(bound, {"name": PLANTED} if ":name" in statement else {})
    logging.getLogger("a test").error("refused", exc_info=caught.value)
    chain = "".join(traceback.format_exception(caught.value))
    for told in (caplog.text, chain, str(caught.value), str(caught.value.orig)):
        assert PLANTED not in told
        assert said in told


def test_a_refused_copy_says_no_value(planted: Connection) -> None:
    driver = planted.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with (
        pytest.raises(psycopg.Error) as caught,
        driver.transaction(),
        driver.cursor() as one,
        one.copy("COPY planted (name, many) FROM STDIN") as copy,
    ):
        copy.write(f"x\t{PLANTED}\n")
    assert PLANTED in str(caught.value)
    assert PLANTED not in without_values(caught.value)
    assert PLANTED not in "".join(traceback.format_exception(caught.value))


def test_an_error_of_the_connection_keeps_its_words() -> None:
    error = psycopg.OperationalError("connection failed: no such host")
    assert without_values(error) == "connection failed: no such host"
