"""``gridmgmt case reroute`` as a person and a machine read it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.cli.cases.test_case import Bureau
from tests.services import reroute_city


@pytest.fixture
def published(
    settings: Settings, engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Bureau:
    with engine.begin() as conn:
        reroute_city.fill(conn, tmp_path)
        reroute_city.publish_second(conn)
    return Bureau(settings, capsys)


def test_a_reroute_is_a_dry_run_unless_committed_and_says_who_loses_and_gains(
    published: Bureau,
) -> None:
    before = published.held
    assert published("case", "reroute", "--edition", "2") == 0
    assert published.last.startswith("dry run: nothing was changed")
    assert published.held == before
    lines = [" ".join(line.split()) for line in published.out.splitlines()]
    assert "OA 3 3 1 1" in lines
    assert "OA S2 3" in lines
    assert "S2 (nobody) 1" in lines
    assert "11 open case(s): 2 unchanged, 3 to another responder" in published.err
    assert "2 of them stood under another edition" in published.err
    told: Any = published.json("case", "reroute", "--edition", "2", "--commit")
    assert (told["open"], told["changed"], told["fates"]["assigned"]) == (11, 6, 2)
    assert published.last == "committed"
    again: Any = published.json("case", "reroute", "--edition", "2", "--commit")
    assert again["changed"] == 0


def test_an_edition_that_is_not_in_force_is_refused_by_name(published: Bureau) -> None:
    assert published("case", "reroute", "--edition", "1", "--commit") == 5
    assert "was in force until" in published.err
    assert "edition 2 (second) is in force" in published.err
