from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.locating.locate import locate
from gridmgmt.geometry.locating.locator_index import build_locator
from gridmgmt.store.areas import areas
from gridmgmt.store.areas.editions import close_withdrawn
from tests.factories import make_edition, make_level, square, two_streets


def test_the_areas_of_an_edition_come_topmost_first_and_codes_ascending(
    conn: Connection,
) -> None:
    given = two_streets()
    number = make_edition(conn, {"cell": given["cell"], "street": given["street"]})
    stored = areas.areas_in(conn, number)
    assert list(stored) == ["street", "cell"]
    assert stored["cell"].codes.tolist() == ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]
    assert stored["cell"].parent_codes.tolist() == list("AAAABBBB")
    assert list(areas.areas_in(conn, number, "cell")) == ["cell"]
    assert areas.leaf_level(conn, number) == "cell"


def test_geometry_comes_back_bit_by_bit(conn: Connection) -> None:
    given = two_streets()
    number = make_edition(conn, given)
    for level, stored in areas.areas_in(conn, number).items():
        parts = shapely.get_parts(stored.geoms)
        assert [part.wkb for part in parts] == [geom.wkb for geom in given[level].geoms]


def test_before_the_first_edition_there_are_no_areas(conn: Connection) -> None:
    make_edition(conn, two_streets())
    assert areas.areas_in(conn, None) == {}
    assert areas.areas_in(conn, 0) == {}
    assert areas.areas_in(conn, 1, "river") == {}
    assert areas.chains(conn, 0, "cell") == {}
    assert areas.leaf_level(conn, 0) is None


def test_codes_sort_by_code_point_as_in_python(conn: Connection) -> None:
    codes = ["a", "B", "Ä", "中", "10", "9", "A-1", "A1"]
    number = make_edition(
        conn, {"cell": make_level("cell", {c: square(i, 0) for i, c in enumerate(codes)})}
    )
    assert areas.areas_in(conn, number)["cell"].codes.tolist() == sorted(codes)


def test_an_unchanged_area_is_not_copied_from_edition_to_edition(conn: Connection) -> None:
    make_edition(conn, two_streets())
    changed = two_streets()
    changed["cell"].names[0] = "renamed"
    make_edition(conn, changed)
    rows = conn.execute(sa.text("SELECT count(*) FROM areas WHERE level = 'cell'")).scalar_one()
    assert rows == 9
    assert areas.areas_in(conn, 1)["cell"].names[0] == "A1"
    assert areas.areas_in(conn, 2)["cell"].names[0] == "renamed"


def test_a_chain_leads_from_an_area_to_the_topmost_one(conn: Connection) -> None:
    levels = two_streets()
    levels["city"] = make_level("city", {"H": square(0, 0, 2)})
    levels["street"] = LevelAreas(
        "street",
        levels["street"].codes,
        levels["street"].names,
        np.array(["H", None], dtype=object),
        levels["street"].geoms,
    )
    number = make_edition(conn, levels)
    chains = areas.chains(conn, number, "cell")
    assert list(chains) == sorted(levels["cell"].codes)
    assert chains["A3"] == (("cell", "A3"), ("street", "A"), ("city", "H"))
    assert chains["B1"] == (("cell", "B1"), ("street", "B")), "street B names no city"
    assert areas.chains(conn, number, "city") == {"H": (("city", "H"),)}


def test_counts_say_how_many_and_how_large(conn: Connection) -> None:
    number = make_edition(conn, two_streets())
    street, cell = areas.count_areas(conn, number)
    assert (street.level, street.areas, cell.level, cell.areas) == ("street", 2, "cell", 8)
    assert street.area_m2 == pytest.approx(cell.area_m2, rel=1e-6)


def test_the_database_refuses_two_live_versions_of_a_code(conn: Connection) -> None:
    make_edition(conn, two_streets())
    with pytest.raises(sa.exc.IntegrityError, match="ex__areas__one_live_version"):
        areas.open_areas(conn, 1, make_level("cell", {"A1": square(5, 5)}))


def test_the_database_refuses_an_outline_that_crosses_itself(conn: Connection) -> None:
    make_edition(conn, two_streets())
    bow_tie = shapely.Polygon([(120, 30), (120.1, 30.1), (120.1, 30), (120, 30.1)])
    with pytest.raises(sa.exc.IntegrityError, match="ck__areas__geom"):
        areas.open_areas(conn, 1, make_level("cell", {"X": bow_tie}))


@pytest.mark.parametrize(
    ("column", "row"),
    [
        (0.25, 0.25),  # inside A1
        (0.5, 0.25),  # on the border of A1 and A2
        (0.5, 0.5),  # where four cells meet
        (-0.01, 0.25),  # about 10 m outside: snapped
        (-0.5, 0.25),  # 480 m outside: unlocated
    ],
)
def test_one_point_is_located_as_the_locator_does(
    conn: Connection, column: float, row: float
) -> None:
    levels = two_streets()
    number = make_edition(conn, levels)
    corner = shapely.bounds(square(column, row))
    lon, lat = float(corner[0]), float(corner[1])
    answer = areas.locate_point(
        conn, lon, lat, edition=number, level="cell", candidate_m=1.0, snap_m=30.0
    )
    cells = levels["cell"]
    index = build_locator(cells.codes, cells.geoms)
    found = locate(index, np.array([lon]), np.array([lat]), candidate_m=1.0, snap_m=30.0)
    expected = index.codes[found.cell[0]] if found.cell[0] >= 0 else None
    assert answer.code == expected
    assert answer.on_boundary == found.on_boundary[0]
    assert answer.snapped == found.snapped[0]
    assert list(answer.candidates) == [index.codes[i] for i in found.candidates]
    if expected is None:
        assert answer.distance_m is None
    else:
        assert answer.distance_m == found.distance_m[0]


def test_codes_of_a_withdrawn_edition_are_not_known(conn: Connection) -> None:
    make_edition(conn, {"street": make_level("street", {"A": square(0, 0)})})
    later = datetime(2030, 1, 1, tzinfo=UTC)
    level = make_level("street", {"B": square(0, 0)})
    number = make_edition(conn, {"street": level}, effective_from=later)
    assert (
        areas.known_areas(conn).level_of("A", None)[1]
        == "street 'A' is in an older edition only"
    )
    assert areas.known_areas(conn).level_of("B", None) == ("street", None)
    close_withdrawn(conn, number)
    assert areas.known_areas(conn).level_of("A", None) == ("street", None)
    assert areas.known_areas(conn).levels[0] == "city"


def test_the_index_that_may_hide_rows_is_read_by_the_constraint_alone(
    conn: Connection,
) -> None:
    for one in ("DROP INDEX ix__areas__code", "SET LOCAL enable_seqscan = off"):
        conn.execute(sa.text(one))
    asked = "EXPLAIN SELECT FROM areas WHERE level = 'cell' AND code = 'A1' AND until IS NULL"
    plan = "\n".join(conn.execute(sa.text(asked)).scalars())
    assert "ex__areas__one_live_version" not in plan, plan
