"""A draft says what ground it takes out of the city, or brings into it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.drafts import checks
from gridmgmt.services.drafts.publishing import publish
from tests.factories import make_draft, make_edition, make_level, square, two_streets

MAY = datetime(2027, 5, 1, tzinfo=UTC)


@pytest.fixture
def base(conn: Connection) -> Connection:
    make_edition(conn, two_streets())
    return conn


def without_b() -> list[LevelAreas]:
    """Street A alone, with the cells that lie in it."""
    levels = two_streets()
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    kept = {code: geom for code, geom in cells.items() if code.startswith("A")}
    return [
        make_level("street", {"A": levels["street"].geoms[0]}),
        make_level("cell", kept, parents=dict.fromkeys(kept, "A")),
    ]


def test_ground_that_leaves_the_city_is_told_by_check_and_publication(
    base: Connection,
) -> None:
    make_draft(base, "d", without_b())
    checked = checks.check(base, "d")
    assert checked.errors == ()
    [told] = [one for one in checked.notes if "m²" in one]
    assert told.startswith("level street: ")
    assert told.endswith(" m² are in no area any more that were in one before")
    assert publish(base, "d", MAY, actor="li").notes == checked.notes


def test_ground_that_comes_to_the_city_is_told_with_its_square_metres(
    base: Connection,
) -> None:
    streets = dict(
        zip(two_streets()["street"].codes, two_streets()["street"].geoms, strict=True)
    )
    make_draft(base, "d", [make_level("street", streets | {"C": square(2, 0, 0.1)})])
    [told] = checks.check(base, "d").notes
    assert told.endswith(" m² are in an area that were in none before")


def test_a_first_edition_and_borders_inside_have_no_such_note(conn: Connection) -> None:
    make_draft(conn, "first", two_streets().values())
    assert checks.check(conn, "first").notes == ()
    publish(conn, "first", MAY, actor="li")
    make_draft(conn, "inner", [make_level("cell", {"A1": square(0, 0, 1.2)})])
    assert all("m²" not in one for one in checks.check(conn, "inner").notes)
