"""The impact of a draft is what judging and measuring everything again by it gives."""

import random
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.errors import DraftError, NotFoundError
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_result import Impact
from tests.factories import make_draft
from tests.services.judging.test_case_leaves import city_of
from tests.services.reroute_city import draft_a2_to_b
from tests.services.reroute_city import fill as fill_small
from tests.services.workbench.impact_city import ASKED, compare, fill


def impact(conn: Connection, label: str = "d") -> Impact:
    return DraftImpact(conn, label, ASKED).measured()


@pytest.mark.parametrize("seed", range(3))
def test_an_impact_is_that_of_judging_everything_again(
    conn: Connection, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    fill(conn, tmp_path, chance)
    make_draft(conn, "d", city_of(chance).values())
    compare(conn, "d", impact(conn))


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(3, 60))
def test_any_impact_is_that_of_judging_everything_again(
    conn: Connection, tmp_path: Path, seed: int
) -> None:
    test_an_impact_is_that_of_judging_everything_again(conn, tmp_path, seed)


def test_open_cases_that_change_hands_are_listed(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    found = impact(conn, draft_a2_to_b(conn, "d"))
    told = {one.case_no: (one.from_responder, one.to_responder) for one in found.cases}
    assert told["MOVED"] == ("OA", "S2")
    assert "ASSIGNED" not in told
    assert "BOUNCED" not in told
    assert found.held == 3
    assert {(one.from_area, one.to_area) for one in found.cases} == {("A2", "A2")}
    compare(conn, "d", found)


def test_a_draft_that_changes_nothing_has_no_impact(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    drafts.create(conn, "d", actor="a")
    found = impact(conn)
    assert (found.leaf_areas, found.judged, found.moving, found.held) == (0, 0, 0, 0)
    assert not found.responders
    assert not found.streets
    assert found.other_streets == 2


def test_a_published_or_unknown_draft_is_refused(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    draft_a2_to_b(conn, "d")
    publish(conn, "d", ASKED.now, actor="a")
    with pytest.raises(DraftError, match="published already"):
        impact(conn)
    with pytest.raises(NotFoundError):
        impact(conn, "x")
