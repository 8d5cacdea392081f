"""``gridmgmt case bounces`` and ``case reroute`` as a person and a machine read them."""

from pathlib import Path
from typing import Any

import pytest

from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.cli.test_case import Bureau
from tests.services import bounce_city, reroute_city


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    return Bureau(settings, capsys)


@pytest.fixture
def bounced(bureau: Bureau, tmp_path: Path) -> Bureau:
    with make_engine(bureau.settings.database_url or "").begin() as conn:
        bounce_city.fill(conn, tmp_path)
    return bureau


@pytest.fixture
def published(bureau: Bureau, tmp_path: Path) -> Bureau:
    with make_engine(bureau.settings.database_url or "").begin() as conn:
        reroute_city.fill(conn, tmp_path)
        reroute_city.publish_second(conn)
    return bureau


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


def test_days_in_the_wrong_order_are_refused(bounced: Bureau) -> None:
    given = ("--since", "2026-06-02", "--until", "2026-06-01")
    assert bounced("case", "bounces", *given) == 2
    assert "put the earlier day first" in bounced.err


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
    assert "in force is edition 2 (second)" in published.err
