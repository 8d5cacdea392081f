from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import editions_at
from gridmgmt.errors import NotFoundError
from gridmgmt.store.areas import editions
from gridmgmt.store.areas.areas import areas_in
from tests.factories import make_edition, two_streets

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def test_an_edition_is_in_force_until_the_next_one_begins(conn: Connection) -> None:
    first = make_edition(conn, two_streets(), effective_from=JANUARY)
    second = make_edition(conn, two_streets(), effective_from=MARCH)
    assert (first, second) == (1, 2)
    old, new = editions.list_editions(conn)
    assert (old.effective_from, old.in_force_until) == (JANUARY, MARCH)
    assert (new.effective_from, new.in_force_until) == (MARCH, None)
    at = np.array(["2025-12-31", "2026-02-28", "2026-03-01"], "datetime64[us]")
    assert editions_at([old, new], at).tolist() == [-1, 1, 2]


def test_a_withdrawn_edition_never_was_in_force_and_its_number_is_not_given_again(
    conn: Connection,
) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_edition(conn, two_streets(), effective_from=MARCH)
    editions.close_withdrawn(conn, 2)
    assert [edition.number for edition in editions.list_editions(conn)] == [1]
    assert editions.list_editions(conn)[0].in_force_until is None
    withdrawn = editions.get_edition(conn, 2)
    assert withdrawn.withdrawn_at is not None
    assert withdrawn.in_force_until is None
    assert editions.open_edition(conn, "again", MARCH, 1.0, "a test") == 3


def test_an_edition_that_never_was_is_not_found(conn: Connection) -> None:
    with pytest.raises(NotFoundError, match="edition 7"):
        editions.get_edition(conn, 7)


def test_the_database_itself_refuses_two_editions_in_force(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_edition(conn, two_streets(), effective_from=MARCH)
    with pytest.raises(sa.exc.IntegrityError, match="ex__editions__in_force"):
        conn.execute(
            sa.text("UPDATE editions SET in_force = '[2026-01-01Z,)' WHERE number = 1")
        )


def test_the_store_gives_back_the_geometry_bit_by_bit(conn: Connection) -> None:
    given = two_streets()
    number = make_edition(conn, given)
    stored = areas_in(conn, number)
    assert list(stored) == ["street", "cell"]
    for level, areas in given.items():
        assert stored[level].codes.tolist() == areas.codes.tolist()
        parts = [part.wkb for part in shapely.get_parts(stored[level].geoms)]
        assert parts == [geom.wkb for geom in areas.geoms]
