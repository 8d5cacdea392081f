from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.store.cases.case_copy import copy_in
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.upkeep.table_sizes import look_at_new_tables
from tests.store.cases.test_case_counts import make_cases, nobody


def rows_known(conn: Connection) -> float:
    query = "SELECT reltuples FROM pg_class WHERE relname = 'cases'"
    return float(conn.exec_driver_sql(query).scalar_one())


def test_a_table_that_grows_from_nothing_is_looked_at_when_it_is_large(
    conn: Connection,
) -> None:
    put_categories(conn, [Category("E1", "E1")])
    copy_in(conn, make_cases([(None, None, None)]), nobody)
    # Another test may have had the table counted when it was large; no rollback undoes that.
    conn.exec_driver_sql("ANALYZE cases")
    look_at_new_tables(conn)
    assert rows_known(conn) <= 1
    # Short enough to lie in the table itself: 6,000 rows of 1.8 kB.
    conn.exec_driver_sql(
        "INSERT INTO cases SELECT made.* FROM cases c, generate_series(1, 6000) AS n"
        " CROSS JOIN LATERAL (SELECT string_agg(md5(n || '-' || k), '') AS description"
        " FROM generate_series(1, 56) AS k) AS long"
        " CROSS JOIN LATERAL jsonb_populate_record(c, jsonb_build_object("
        "'case_no', 'D' || n, 'description', long.description)) AS made"
    )
    look_at_new_tables(conn)
    assert rows_known(conn) > 5_000
