"""The impact of a draft on the command line."""

import json
from pathlib import Path

import pytest

from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine, transaction
from tests.cli.areas.test_draft import Bureau
from tests.services.reroute_city import draft_a2_to_b, fill


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Bureau:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with transaction(engine, commit=True) as conn:
        fill(conn, tmp_path)
        draft_a2_to_b(conn, "d")
    engine.dispose()
    return Bureau(settings, capsys)


def test_an_impact_is_printed_in_tables(bureau: Bureau) -> None:
    assert bureau("draft", "impact", "d", "--limit", "1") == 0
    lines = bureau.out.splitlines()
    assert lines[0] == "open cases that change their disposer:"
    assert lines[1].split() == ["from", "to", "cases"]
    assert lines[2].split()[:2] == ["OA", "S2"]
    assert "lost and gained by responder:" in lines
    assert "1 leaf area(s) touched" in bureau.err
    assert "(1 listed); 3 more stay" in bureau.err


def test_an_impact_is_told_to_programs(bureau: Bureau) -> None:
    assert bureau("draft", "impact", "d", "--json") == 0
    told = json.loads(bureau.out)
    assert told["moves"] == [
        {"from_responder": "OA", "to_responder": "S2", "cases": told["moving"]}
    ]
    assert told["base_edition"] == 1
    assert bureau("draft", "impact", "x") == 6
