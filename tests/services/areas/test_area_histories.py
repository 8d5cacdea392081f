"""The history of areas over editions that were really published."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area_history import AreaEvent, AreaStep
from gridmgmt.errors import EditionError, NotFoundError
from gridmgmt.services.areas.area_histories import edition_on, history, level_of
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.reverting import revert
from tests.factories import make_draft, make_edition, square, two_streets
from tests.services.drafts.test_publishing import merged_a1_a2, renamed, with_border_at

CELLS = two_streets()["cell"]


def month(number: int) -> datetime:
    return datetime(2026, number, 1, tzinfo=UTC)


@pytest.fixture
def city(conn: Connection) -> Connection:
    """Edition 1; 2 moves the border of A1 and A2; 3 merges both; 4 is 1 again."""
    make_edition(conn, two_streets(), effective_from=month(1))
    for number, cells in ((2, renamed(with_border_at(0.4), "A1", "西")), (3, merged_a1_a2())):
        make_draft(conn, f"d{number}", [cells])
        publish(conn, f"d{number}", month(number), actor="a")
    revert(conn, 1, "back", actor="a")
    publish(conn, "back", month(4), actor="a")
    return conn


def told(steps: list[AreaStep]) -> list[tuple[int, AreaEvent]]:
    return [(one.edition.number, one.event) for one in steps]


def shares(step: AreaStep, side: str) -> dict[str | None, float]:
    return {one.code: one.share for one in getattr(step, side)}


def test_an_area_is_made_changed_retired_and_brought_back(city: Connection) -> None:
    steps = history(city, "cell", "A2")
    assert told(steps) == [
        (1, AreaEvent.MADE),
        (2, AreaEvent.CHANGED),
        (3, AreaEvent.RETIRED),
        (4, AreaEvent.BROUGHT_BACK),
    ]
    made, changed, retired, back = steps
    assert shares(made, "came") == {None: 1.0}
    assert (made.before, made.went) == (None, ())
    # A2 grew from a half to six tenths of the street's width.
    assert changed.redrawn
    assert shares(changed, "came") == pytest.approx({"A2": 5 / 6, "A1": 1 / 6}, abs=1e-4)
    assert shares(changed, "went") == {"A2": 1.0}
    assert (retired.after, retired.came) == (None, ())
    assert shares(retired, "went") == {"A1": 1.0}
    assert shares(back, "came") == pytest.approx({"A1": 1.0})
    assert back.before is None


def test_names_parents_and_square_metres_are_told_before_and_after(city: Connection) -> None:
    steps = history(city, "cell", "A1")
    assert told(steps) == [
        (1, AreaEvent.MADE),
        (2, AreaEvent.CHANGED),
        (3, AreaEvent.CHANGED),
        (4, AreaEvent.CHANGED),
    ]
    second = steps[1]
    assert second.before is not None
    assert second.after is not None
    assert (second.before.name, second.after.name) == ("A1", "西")
    assert second.after.area_m2 / second.before.area_m2 == pytest.approx(0.8, abs=1e-4)
    assert (second.before.parent_code, second.after.parent_code) == ("A", "A")


def test_shares_sum_to_one_in_both_directions(city: Connection) -> None:
    for code in CELLS.codes:
        for step in history(city, "cell", str(code)):
            for side in ("came", "went"):
                found = getattr(step, side)
                if found:
                    assert sum(one.share for one in found) == pytest.approx(1.0), (code, step)
            assert bool(step.came) is (step.after is not None)
            assert bool(step.went) is (step.before is not None)


def test_ground_of_no_area_is_told(conn: Connection) -> None:
    make_edition(conn, {"street": two_streets()["street"]}, effective_from=month(1))
    streets = two_streets()["street"]
    streets.geoms[1] = square(1, 0, 2, 1)
    make_draft(conn, "grown", [streets])
    publish(conn, "grown", month(2), actor="a")
    grown = history(conn, "street", "B")[-1]
    assert shares(grown, "came") == pytest.approx({"B": 0.5, None: 0.5}, abs=1e-4)


def test_the_edition_of_any_day_is_found(city: Connection) -> None:
    assert edition_on(city, datetime(2026, 2, 28, tzinfo=UTC)).number == 2
    assert edition_on(city, month(4)).number == 4
    with pytest.raises(EditionError, match="the first is since 2026-01-01 00:00"):
        edition_on(city, datetime(2025, 12, 31, tzinfo=UTC))


def test_the_level_of_a_code_is_found_or_asked_for(city: Connection) -> None:
    assert level_of(city, "A2", None) == "cell"
    with pytest.raises(NotFoundError, match="there is no area 'Z'"):
        level_of(city, "Z", None)
    with pytest.raises(NotFoundError):
        history(city, "cell", "Z")


def test_without_editions_there_is_none_in_force(conn: Connection) -> None:
    with pytest.raises(EditionError, match="no edition has been published yet"):
        edition_on(conn, month(1))
