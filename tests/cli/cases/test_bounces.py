"""``gridmgmt case bounces`` as a person and a machine read it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.cli.cases.test_case import Bureau
from tests.services import bounce_city


@pytest.fixture
def bounced(
    settings: Settings, engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Bureau:
    with engine.begin() as conn:
        bounce_city.fill(conn, tmp_path)
    return Bureau(settings, capsys)


def test_bounces_are_told_in_tables_and_sentences(bounced: Bureau) -> None:
    assert bounced("case", "bounces") == 0
    assert "A2 | B1" in bounced.out
    assert (
        "4 of 4 cases bounced at the border A2 | B1 ended with who answers on the other side:"
        " look at this border" in bounced.out
    )
    assert "3 of 4 “占道” in A went from 一中队 to 总街长: look at duty" in bounced.out
    assert "(letter 17号)" in bounced.out
    assert "fewer than three" in bounced.out
    assert bounced.last == "9 bounce(s) of 9 case(s)"


def test_bounces_can_be_read_by_a_machine_and_narrowed(bounced: Bureau) -> None:
    told: Any = bounced.json(
        "case", "bounces", "--since", "2026-06-01", "--until", "2026-06-01"
    )
    assert (told["bounces"], told["level"]) == (9, "street")
    (border,) = told["borders"]
    assert (border["one"], border["other"], border["cases"]) == ("A2", "B1", 4)
    assert border["ended_with"][0] == {"responder": "S2", "cases": 3}
    assert border["proposal"]["look"] == "border"
    none: Any = bounced.json("case", "bounces", "--until", "2026-05-31", "--border-m", "5")
    assert (none["bounces"], none["borders"], none["matters"]) == (0, [], [])


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "soon"])
@pytest.mark.parametrize("command", ["bounces", "duplicates"])
def test_days_nobody_means_are_refused(bounced: Bureau, command: str, day: str) -> None:
    assert bounced("case", command, "--since", day) == 2
    assert repr(day) in bounced.err


def test_days_in_the_wrong_order_are_refused(bounced: Bureau) -> None:
    given = ("--since", "2026-06-02", "--until", "2026-06-01")
    assert bounced("case", "bounces", *given) == 2
    assert "put the earlier day first" in bounced.err
