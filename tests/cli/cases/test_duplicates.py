"""``gridmgmt case duplicates`` as a person and a machine read it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.cli.cases.test_case import Bureau
from tests.services.answering import make_city
from tests.services.case_city import A1, A2, case_file, row, take_in


@pytest.fixture
def bureau(
    settings: Settings, engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Bureau:
    made = Bureau(settings, capsys)
    rows = [
        row("C1", A1),
        row("C2", A1, reported_at="2026-03-02 11:00"),
        row("C3", A1, reported_at="2026-03-03 11:00"),
        row("C4", A2),
        row("C5", None),
        row("C6", A2, reported_at="2026-03-02 12:00", disposed_at="2026-03-02 13:00"),
    ]
    with engine.begin() as conn:
        make_city(conn)
        take_in(conn, case_file(tmp_path, rows))
    return made


def test_pairs_are_listed_with_how_far_apart_they_are(bureau: Bureau) -> None:
    assert bureau("case", "duplicates") == 0
    lines = [line.split() for line in bureau.out.splitlines()]
    assert ["C2", "C1", "0.0", "1.5", "E1"] in lines
    assert ["C3", "C2", "0.0", "24.0", "E1"] in lines
    assert bureau.last == (
        "4 open cases looked at: 2 pairs in 1 groups, of one minor class within 50 m and 24 h"
    )


def test_a_machine_gets_pairs_and_groups_of_the_days_it_asks_for(bureau: Bureau) -> None:
    told: Any = bureau.json("case", "duplicates")
    assert (told["rule"], told["open"]) == ({"metres": 50.0, "hours": 24.0}, 4)
    assert told["groups"] == [["C1", "C2", "C3"]]
    later: Any = bureau.json("case", "duplicates", "--since", "2026-03-03")
    assert [(one["of"], one["case_no"]) for one in later["pairs"]] == [("C3", "C2")]


def test_a_deployment_may_want_no_hint(
    bureau: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = Bureau(replace(bureau.settings, duplicate_m=0.0), capsys)
    told: Any = silent.json("case", "duplicates")
    assert (told["pairs"], told["groups"]) == ([], [])
