import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import Level, ordered_levels
from gridmgmt.store.areas.levels import (
    count_uses,
    levels_with_parents,
    list_levels,
    store_levels,
)
from tests.factories import make_edition, two_streets

DEFAULT_LEVELS = (
    Level("city", 0, "市", "City"),
    Level("district", 1, "区", "District"),
    Level("street", 2, "街道", "Street"),
    Level("community", 3, "社区", "Community"),
    Level("cell", 4, "单元网格", "Grid cell", size_m2=10_000.0),
)
WARDS = ordered_levels(
    [Level("city", 0, "市", "City"), Level("ward", 0, "选区", "Ward", "[0-9]+")]
)


def test_a_new_database_has_the_default_levels(conn: Connection) -> None:
    assert list_levels(conn) == list(DEFAULT_LEVELS)


def test_levels_can_be_replaced_and_turned_round(conn: Connection) -> None:
    store_levels(conn, WARDS)
    assert list_levels(conn) == WARDS
    turned = ordered_levels(WARDS[::-1])
    store_levels(conn, turned)
    assert [one.name for one in list_levels(conn)] == ["ward", "city"]


def test_each_level_has_a_view_for_gis_clients(conn: Connection) -> None:
    store_levels(conn, WARDS)
    views = conn.execute(
        sa.text("SELECT viewname FROM pg_views WHERE viewname LIKE 'area\\_%' ORDER BY 1")
    )
    assert views.scalars().all() == ["area_city", "area_ward"]


def test_what_uses_a_level_is_counted_by_table(conn: Connection) -> None:
    make_edition(conn, two_streets())
    assert count_uses(conn) == {"street": {"areas": 2}, "cell": {"areas": 8}}
    assert levels_with_parents(conn) == {"street": False, "cell": True}


def test_the_database_keeps_a_level_that_is_in_use(conn: Connection) -> None:
    make_edition(conn, two_streets())
    with pytest.raises(sa.exc.IntegrityError, match="fk__areas__level"):
        store_levels(conn, WARDS)
