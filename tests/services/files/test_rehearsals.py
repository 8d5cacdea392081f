"""What was done to see what it would do is taken back, whatever came of it."""

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from gridmgmt.services.drafts import drafts
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.store.areas.drafts import list_drafts


def test_a_rehearsal_leaves_nothing_and_the_work_before_it_stays(conn: Connection) -> None:
    drafts.create(conn, "kept", actor="me")
    with rehearsal(conn):
        drafts.create(conn, "tried", actor="me")
        assert len(list_drafts(conn)) == 2
    assert [one.label for one in list_drafts(conn)] == ["kept"]


def test_a_rehearsal_that_the_database_refuses_leaves_the_connection_usable(
    conn: Connection,
) -> None:
    with pytest.raises(IntegrityError), rehearsal(conn):
        conn.exec_driver_sql("INSERT INTO drafts (label, status) VALUES ('x', 'nonsense')")
    assert list_drafts(conn) == []
