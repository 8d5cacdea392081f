"""A transaction that only reads asks once, any other each time."""

import itertools

from sqlalchemy.engine import Connection, Engine

from gridmgmt.services.judging.directory import directory
from gridmgmt.store.asked_once import asked_once, begin_reading
from gridmgmt.store.schema import responders
from tests.services.answering import make_city


def test_what_only_reads_asks_once(engine: Engine) -> None:
    count = itertools.count()
    with engine.connect() as conn:
        begin_reading(conn)
        assert [asked_once(conn, "a", lambda: next(count)) for _ in range(3)] == [0, 0, 0]
        assert asked_once(conn, "b", lambda: next(count)) == 1
    # Nothing of it is left on the connection that goes back to the pool.
    with engine.connect() as conn:
        assert [asked_once(conn, "a", lambda: next(count)) for _ in range(2)] == [2, 3]


def name_of(conn: Connection, code: str) -> str:
    return directory(conn).responder_names[code]


def test_what_only_reads_stays_with_its_first_look(engine: Engine) -> None:
    with engine.begin() as conn:
        make_city(conn)
    with engine.connect() as early, engine.connect() as plain, engine.connect() as later:
        begin_reading(early)
        assert name_of(early, "S1") == name_of(plain, "S1") == "一中队"
        for turn in range(3):
            with engine.begin() as writer:
                writer.execute(responders.update().values(name=f"another {turn}"))
            # Each has names of one state, and whoever looks now has the newest.
            assert name_of(plain, "S1") == f"another {turn}"
        begin_reading(later)
        assert name_of(later, "S1") == "another 2"
        # The kept names hold no longer for the first look, so they are read anew.
        assert name_of(early, "S1") == "another 2"


def test_more_changes_than_one_look_takes_along_are_asked_about(engine: Engine) -> None:
    with engine.begin() as conn:
        make_city(conn)
    with engine.connect() as holding:
        # While this one runs, nothing that is changed meanwhile is settled.
        holding.execute(responders.update().where(responders.c.code == "H").values(name="h"))
        with engine.connect() as reader:
            assert name_of(reader, "S1") == "一中队"
        for turn in range(70):
            with engine.begin() as writer:
                writer.execute(
                    responders.update()
                    .where(responders.c.code == "S1")
                    .values(name=f"another {turn}")
                )
            if turn in (0, 63, 64, 69):
                with engine.connect() as reader:
                    begin_reading(reader)
                    assert name_of(reader, "S1") == f"another {turn}"
                    assert name_of(reader, "S1") == f"another {turn}"
        holding.rollback()
