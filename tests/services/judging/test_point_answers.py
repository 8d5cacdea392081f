from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import UnlocatedReason
from gridmgmt.errors import InputError, NotAllowedError
from gridmgmt.geometry.crs.crs import from_lonlat
from gridmgmt.geometry.crs.datum import resolve
from gridmgmt.services.judging.point_answers import PointAnswer, locate_position
from tests.factories import make_edition, make_level, square, two_streets
from tests.services.case_city import A1, B1, BETWEEN_A1_AND_A2, FAR_AWAY, TEN_METRES_WEST

JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def edition(conn: Connection) -> int:
    return make_edition(conn, two_streets())


def locate(conn: Connection, position: tuple[float, float], **given) -> PointAnswer:
    plain = {"at": JUNE, "candidate_m": 1.0, "snap_m": 30.0}
    return locate_position(conn, position, **{**plain, **given})


def codes(answer: PointAnswer) -> list[str]:
    return [one.code for one in answer.areas]


def test_a_position_lies_in_its_leaf_area_and_all_above(conn: Connection, edition: int) -> None:
    found = locate(conn, A1)
    assert codes(found) == ["A1", "A"]
    assert (found.edition, found.candidates, found.unlocated_reason) == (edition, ("A1",), None)
    assert (found.lon, found.lat) == A1


def test_on_a_border_the_smallest_code_answers_and_both_are_candidates(
    conn: Connection, edition: int
) -> None:
    found = locate(conn, BETWEEN_A1_AND_A2)
    assert codes(found)[0] == "A1"
    assert found.on_boundary
    assert found.candidates == ("A1", "A2")


def test_a_position_near_the_border_snaps_and_one_far_off_is_unlocated(
    conn: Connection, edition: int
) -> None:
    near = locate(conn, TEN_METRES_WEST)
    assert (codes(near)[0], near.snapped) == ("A1", True)
    assert near.distance_m == pytest.approx(9.6, abs=0.5)
    assert locate(conn, TEN_METRES_WEST, snap_m=0.0).unlocated_reason is UnlocatedReason.OUTSIDE
    assert locate(conn, FAR_AWAY).unlocated_reason is UnlocatedReason.OUTSIDE


def test_the_edition_in_force_at_the_moment_answers(conn: Connection, edition: int) -> None:
    whole = {"street": two_streets()["street"]}
    whole["cell"] = make_level("cell", {"A9": square(0, 0)}, parents={"A9": "A"})
    july = datetime(2026, 7, 1, tzinfo=UTC)
    make_edition(conn, whole, effective_from=july)
    assert codes(locate(conn, A1))[0] == "A1"
    assert codes(locate(conn, A1, at=july))[0] == "A9"
    early = locate(conn, A1, at=datetime(2025, 12, 31, tzinfo=UTC))
    assert early.edition is None
    assert early.unlocated_reason is UnlocatedReason.BEFORE_FIRST_EDITION


def test_without_any_edition_nothing_is_located(conn: Connection) -> None:
    assert locate(conn, A1).unlocated_reason is UnlocatedReason.BEFORE_FIRST_EDITION


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4490", "EPSG:4549"])
def test_a_position_is_read_in_the_datum_it_is_said_to_be_in(
    conn: Connection, edition: int, crs: str
) -> None:
    datum = resolve(crs)
    x, y = (float(one[0]) for one in from_lonlat([A1[0]], [A1[1]], datum))
    found = locate(conn, (x, y), datum=datum)
    assert codes(found)[0] == "A1"
    assert (found.lon, found.lat) == pytest.approx(A1, abs=1e-7)


@pytest.mark.parametrize(
    "position",
    [
        (180.1, 0),
        (0, 90.1),
        (500_000, 3_300_000),
        (float("nan"), 1),
        (120.0, -float("inf")),
        (1e8, 1e8),
    ],
)
def test_a_position_that_is_nowhere_on_earth_is_refused(
    conn: Connection, edition: int, position: tuple[float, float]
) -> None:
    with pytest.raises(InputError, match="no position on earth"):
        locate(conn, position)


def test_who_is_limited_to_an_area_is_told_of_no_other(conn: Connection, edition: int) -> None:
    assert codes(locate(conn, A1, top=("street", "A"))) == ["A1", "A"]
    with pytest.raises(NotAllowedError, match="outside street A"):
        locate(conn, B1, top=("street", "A"))
