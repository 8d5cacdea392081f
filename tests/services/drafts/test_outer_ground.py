"""A draft says what ground it takes out of the city, or brings into it."""

import math
from datetime import UTC, datetime

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import area_m2
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
    m2 = area_m2([square(2, 0, 0.1)])[0]
    assert told == f"level street: {m2:,.0f} m² are in an area that were in none before"


@pytest.mark.parametrize(("side_m", "is_told"), [(0.5, False), (2.0, True)])
def test_ground_counts_from_a_square_metre_on(
    base: Connection, side_m: float, is_told: bool
) -> None:
    streets = two_streets()["street"]
    side = math.sqrt(side_m**2 / area_m2([square(0, 0, 1)])[0])
    known = dict(zip(streets.codes, streets.geoms, strict=True))
    make_draft(base, "d", [make_level("street", known | {"C": square(2, 0, side, side)})])
    assert bool(checks.check(base, "d").notes) == is_told


def test_an_outline_that_crosses_itself_has_the_ground_inside_its_rings(
    base: Connection,
) -> None:
    streets = two_streets()["street"]
    known = dict(zip(streets.codes, streets.geoms, strict=True))
    west, south, east, north = square(2, 0, 0.1).bounds
    tie = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    make_draft(base, "d", [make_level("street", known | {"C": tie})])
    m2 = area_m2([shapely.make_valid(tie)])[0]
    told = f"level street: {m2:,.0f} m² are in an area that were in none before"
    assert told in checks.check(base, "d").notes


def test_a_first_edition_and_borders_inside_have_no_such_note(conn: Connection) -> None:
    make_draft(conn, "first", two_streets().values())
    assert checks.check(conn, "first").notes == ()
    publish(conn, "first", MAY, actor="li")
    make_draft(conn, "inner", [make_level("cell", {"A1": square(0, 0, 1.2)})])
    assert all("m²" not in one for one in checks.check(conn, "inner").notes)
