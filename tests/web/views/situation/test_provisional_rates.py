"""Rates say how many of their deadlines are provisional, and a setting leaves these out."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.web.conftest import Login
from tests.web.views.cases.test_cases import listed
from tests.web.views.situation.test_overview import MARCH, text_of

LATER = "as_of=2026-03-10T00:00:00%2B08:00"


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return replace(settings, provisional_deadlines=getattr(request, "param", True))


@pytest.fixture
def commander(city: Engine, login: Login) -> FlaskClient:
    """C1 and C4 are overdue, C2 was disposed of on time; the deadline of C1 is provisional."""
    with city.begin() as conn:
        given = {"due_limit": "1天", "due_provisional": True}
        cases = sa.table("cases", *map(sa.column, ("case_no", *given)))
        conn.execute(cases.update().where(cases.c.case_no == "C1").values(given))
    return login("commander")


def test_pages_say_how_many_of_a_rate_are_provisional(commander: FlaskClient) -> None:
    said = text_of(commander.get(MARCH).text)
    assert "33.33 % (1/3)" in said
    assert (
        "Provisional deadlines, counted in plain hours: 1 of the 3 cases that should be"
        " disposed of." in said
    )
    assert "应处置的 3 件中，1 件为暂定时限" in commander.get(f"{MARCH[:-2]}zh").text
    panel = commander.get("/map/areas/street/A?from=2026-03-01&to=2026-03-10&lang=en").text
    found = re.search(r"<dt>Provisional deadline</dt>\s*<dd>(.*?)</dd>", panel, re.DOTALL)
    assert found is not None
    assert "1 of" in text_of(found[1]).strip().replace("  ", " ")
    link = re.search(r'href="/cases\?([^"]*deadline=provisional[^"]*)"', found[1])
    assert link is not None
    assert listed(commander, link[1].replace("&amp;", "&")) == ["C1"]


def test_a_rate_without_provisional_deadlines_says_nothing_of_them(
    commander: FlaskClient, city: Engine
) -> None:
    with city.begin() as conn:
        conn.execute(sa.text("UPDATE cases SET due_provisional = false"))
    assert "rovisional" not in text_of(commander.get(MARCH).text)


@pytest.mark.parametrize("settings", [False], indirect=True)
def test_a_setting_counts_them_as_without_a_deadline_in_figures_and_lists(
    commander: FlaskClient,
) -> None:
    said = text_of(commander.get(MARCH).text)
    assert "50.00 % (1/2)" in said
    assert "Cases with a provisional deadline count as without one." in said
    for deadline, numbers in {
        "overdue": ["C4"],
        "due": ["C4", "C2"],
        "on_time": ["C2"],
        "provisional": [],
        "without": ["C5", "C3", "C1"],
    }.items():
        assert sorted(listed(commander, f"deadline={deadline}&{LATER}")) == sorted(numbers)
    assert listed(commander, f"overdue=1&{LATER}") == ["C4"]
    for page in ("/responders/S1?lang=en", "/responders?lang=en"):
        assert (
            "responder=S1&amp;status=dispatched&amp;overdue=1" not in commander.get(page).text
        )
    assert "rate_without_provisional" in commander.get("/map?lang=en").text
