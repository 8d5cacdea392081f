"""One area on any day, what became of it, and an edition that is brought back."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.settings import Settings
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.engine import make_engine
from tests.cli.areas.test_draft import Bureau
from tests.factories import make_draft, make_edition, two_streets
from tests.services.drafts.test_publishing import merged_a1_a2


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    """Two editions, of which the second gives the ground of A2 to A1."""
    engine = make_engine(str(settings.database_url))
    with engine.begin() as conn:
        # The first of January and of March on the bureau's clock.
        make_edition(conn, two_streets(), effective_from=datetime(2025, 12, 31, 16, tzinfo=UTC))
        make_draft(conn, "merge", [merged_a1_a2()])
        publish(conn, "merge", datetime(2026, 2, 28, 16, tzinfo=UTC), actor="a")
    engine.dispose()
    return Bureau(settings, capsys)


def codes(bureau: Bureau, number: int) -> set[str]:
    engine = make_engine(str(bureau.settings.database_url))
    with engine.connect() as conn:
        found = {str(code) for code in areas_in(conn, number)["cell"].codes}
    engine.dispose()
    return found


def test_an_area_is_shown_as_it_was_on_a_day(bureau: Bureau) -> None:
    assert bureau("area", "show", "A2", "--on", "2026-02-28") == 0
    assert "cell A2 in edition 1" in bureau.err
    assert "until 2026-03-01 00:00" in bureau.err
    assert bureau.out.splitlines()[1].split()[:3] == ["cell", "A2", "A2"]
    assert bureau("area", "show", "A2", "--on", "2026-03-01") == 6
    assert "there is no cell 'A2'" in bureau.err
    # The remedy is a command that works.
    assert "gridmgmt area history A2 --level cell tells which editions do" in bureau.err
    assert bureau("area", "history", "A2", "--level", "cell") == 0
    assert bureau("area", "show", "A1", "--json") == 0
    told = json.loads(bureau.out)
    assert told["properties"]["edition"] == 2
    assert told["properties"]["within"] == [{"level": "street", "code": "A", "name": "A"}]
    assert told["properties"]["edition_until"] is None
    assert told["geometry"]["type"] == "MultiPolygon"
    assert bureau("area", "show", "A1", "--on", "2025-12-31") == 5
    assert "the first is since 2026-01-01 00:00" in bureau.err
    assert bureau("area", "show", "A1", "--on", "yesterday") == 2
    assert bureau("area", "show", "Z") == 6
    assert bureau("area", "show", "A1", "--level", "street") == 6
    assert "there is no street 'A1'; choose one of: cell A1" in bureau.err
    assert bureau("area", "show", "A1", "--level", "moon") == 6


def test_the_history_of_an_area_is_told(bureau: Bureau) -> None:
    assert bureau("area", "history", "A2") == 0
    _, made, retired = bureau.out.splitlines()
    assert made.split()[:4] == ["1", "2026-01-01", "00:00", "made"]
    assert "no area 100.00%" in made
    assert retired.split()[:4] == ["2", "2026-03-01", "00:00", "retired"]
    assert "A1 100.00%" in retired
    assert bureau("area", "history", "A1", "--json") == 0
    told = json.loads(bureau.out)
    assert (told["level"], [one["event"] for one in told["steps"]]) == (
        "cell",
        ["made", "changed"],
    )
    changed = told["steps"][1]
    assert changed["edition"]["number"] == 2
    assert changed["after"]["area_m2"] == pytest.approx(
        2 * changed["before"]["area_m2"], rel=1e-3
    )
    assert {one["code"]: one["share"] for one in changed["came"]} == pytest.approx(
        {"A1": 0.5, "A2": 0.5}, abs=1e-3
    )


def test_an_edition_is_brought_back_as_a_draft_or_published(bureau: Bureau) -> None:
    assert bureau("edition", "revert", "1", "--commit") == 0
    assert "1 added, 1 altered, 0 dropped" in bureau.err
    assert "it is not published yet" in bureau.err
    assert bureau("draft", "check", "back to edition 1") == 0
    assert codes(bureau, 2) != codes(bureau, 1)
    at_once = ("edition", "revert", "1", "--label", "x", "--effective-from", "2026-04-01")
    before = bureau.held
    assert bureau(*at_once) == 0
    assert bureau.last == "dry run: nothing was changed; add --commit to do it"
    assert bureau.held == before
    assert bureau(*at_once, "--commit") == 0
    assert "edition 3 (x) in force from 2026-04-01 00:00" in bureau.err
    assert codes(bureau, 3) == codes(bureau, 1)
    assert bureau("edition", "revert", "1", "--label", "y", "--commit") == 5
    assert "edition 1 has the same areas as edition 3" in bureau.err


def test_where_a_review_is_asked_for_it_is_not_published_at_once(bureau: Bureau) -> None:
    always = Bureau(replace(bureau.settings, review=ReviewRule.ALWAYS), bureau.capsys)
    before = bureau.held
    at_once = ("edition", "revert", "1", "--effective-from", "2026-04-01", "--commit")
    assert always(*at_once) == 5
    assert "once another account has approved it" in always.err
    assert bureau.held == before
    assert always("edition", "revert", "1", "--commit") == 0
    assert always("draft", "submit", "back to edition 1", "--commit") == 0
