from datetime import UTC, datetime

from gridmgmt.store.area_codes import known_areas
from gridmgmt.store.editions import close_withdrawn
from tests.factories import make_edition, make_level, square


def test_codes_of_a_withdrawn_edition_are_not_known(conn):
    make_edition(conn, {"street": make_level("street", {"A": square(0, 0)})})
    later = datetime(2030, 1, 1, tzinfo=UTC)
    level = make_level("street", {"B": square(0, 0)})
    number = make_edition(conn, {"street": level}, effective_from=later)
    assert known_areas(conn).level_of("A", None)[1] == "street 'A' is in an older edition only"
    assert known_areas(conn).level_of("B", None) == ("street", None)
    close_withdrawn(conn, number)
    assert known_areas(conn).level_of("A", None) == ("street", None)
    assert known_areas(conn).levels[0] == "city"
