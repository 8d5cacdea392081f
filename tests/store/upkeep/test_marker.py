from sqlalchemy.engine import Connection

from gridmgmt.store.engine import make_engine, transaction
from gridmgmt.store.upkeep.marker import holds_anything, read_mark, write_mark


def test_a_mark_is_read_back_whatever_is_in_it(conn: Connection) -> None:
    for mark in ("ready 12ab", 'it\'s 100 % :ready \\ "quoted" 合成', "plain"):
        write_mark(conn, mark)
        assert read_mark(conn) == mark


def test_a_database_without_a_comment_has_no_mark(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    with transaction(engine, commit=False) as conn:
        assert read_mark(conn) is None
    engine.dispose()


def test_what_an_extension_brought_is_not_anybodys_data(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    with transaction(engine, commit=False) as conn:
        assert not holds_anything(conn)
        conn.exec_driver_sql("CREATE EXTENSION postgis")
        assert not holds_anything(conn)
        conn.exec_driver_sql("CREATE SCHEMA elsewhere")
        conn.exec_driver_sql("CREATE TABLE elsewhere.theirs (a int)")
        assert holds_anything(conn)
    engine.dispose()


def test_a_migrated_database_holds_something(database_url: str) -> None:
    engine = make_engine(database_url)
    with transaction(engine, commit=False) as conn:
        assert holds_anything(conn)
    engine.dispose()
