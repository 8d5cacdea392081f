"""The figures of an area in the API are those of its panel, and lead to as many cases."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.services.cases.default_positions import accept
from tests.services.case_city import A1, case_file, row, take_in
from tests.web.conftest import Login
from tests.web.test_api import Program, chief, program  # noqa: F401 - a fixture

MARCH = {"from": "2026-03-01", "to": "2026-03-10"}
CHOICES = [
    {},
    {"open": "true"},
    {"overdue": "true"},
    {"responder": "S1"},
    {"class": "event"},
    {"major_class": "街面秩序"},
    {"channel": "app,热线"},
    {"weekday": "1,7"},
    {"weekday": "2"},
    {"hour": "9"},
    {"hour": "0,23"},
    {"open": "true", "weekday": "1", "hour": "8,9", "responder": "S1"},
]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize(("level", "code"), [("cell", "A1"), ("street", "A"), ("street", "B")])
def test_figures_are_as_many_cases_as_the_list_and_as_the_panel_says(
    chief: Program,  # noqa: F811
    login: Login,
    level: str,
    code: str,
    choice: dict[str, str],
) -> None:
    told = chief.get(f"/areas/{level}/{code}/figures", **MARCH, **choice).get_json()
    listed = chief.get("/cases", **MARCH, **choice, area=f"{level}:{code}").get_json()["cases"]
    assert told["figures"]["cases"] == len(listed)
    assert told["area"] == {"level": level, "code": code, "name": code}
    assert (told["edition"], told["before"], told["year_before"]) == (1, None, None)
    assert told["from"] == MARCH["from"]
    query = {**MARCH, **{name: value.replace("true", "1") for name, value in choice.items()}}
    page = login("dispatcher").get(f"/map/areas/{level}/{code}", query_string=query).text
    labels = re.findall(r'map-panel-value">(?:<a [^>]*>)?([\d,]+)', page)
    assert labels == [str(told["figures"][name]) for name in ("cases", "open", "overdue")]


def test_rates_stand_with_their_counts(chief: Program) -> None:  # noqa: F811
    told = chief.get("/areas/street/A/figures", **MARCH).get_json()["figures"]
    assert told["on_time_rate"] == {"numerator": 1, "denominator": 2, "value": 0.5}
    assert told["due"] == told["on_time"] + told["late"] + told["overdue"] == 2
    nothing = chief.get("/areas/street/A/figures", hour="3", **MARCH).get_json()["figures"]
    assert nothing["on_time_rate"] == {"numerator": 0, "denominator": 0, "value": None}


def test_earlier_periods_are_counted_on_the_same_ground(
    app: Flask, city: Engine, tmp_path: Path
) -> None:
    rows = [
        row("P2", reported_at="2026-02-25 10:00", due_at="2026-02-26"),
        row("P3", reported_at="2026-02-25 10:00"),
        row("P0", reported_at="2026-02-10 10:00"),
    ]
    with city.begin() as conn:
        take_in(conn, case_file(tmp_path, rows, "earlier.csv"))
    asks = program(app, city, "duty_chief")
    told = asks.get("/areas/cell/A1/figures", **MARCH).get_json()
    before = told["before"]
    assert (before["from"], before["to"]) == ("2026-02-19", "2026-02-28")
    assert (before["figures"]["cases"], before["figures"]["overdue"]) == (2, 1)
    as_of, was = (datetime.fromisoformat(one["as_of"]) for one in (told, before))
    assert as_of - was == timedelta(days=10)
    # No case is older than a year.
    assert told["year_before"] is None
    # Last year's list is counted, whatever the list of this year says.
    next_year = {name: day.replace("2026", "2027") for name, day in MARCH.items()}
    told = asks.get("/areas/cell/A1/figures", **next_year).get_json()
    last_year = told["year_before"]
    assert (last_year["from"], last_year["to"]) == (MARCH["from"], MARCH["to"])
    assert (told["figures"]["cases"], last_year["figures"]["cases"]) == (0, 2)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/areas/cell/Z9/figures", {}, 404),
        ("/areas/planet/A/figures", {}, 404),
        ("/areas/cell/A1/figures", {"edition": 99}, 404),
        ("/areas/cell/A1/figures", {"edition": 0}, 400),
        ("/areas/cell/A1/figures", {"from": "2026-03-03", "to": "2026-03-02"}, 400),
        ("/areas/cell/A1/figures", {"from": "2026-02-30"}, 400),
        ("/areas/cell/A1/figures", {"to": "soon"}, 400),
        ("/areas/cell/A1/figures", {"weekday": "8"}, 400),
        ("/areas/cell/A1/figures", {"weekday": "Monday"}, 400),
        ("/areas/cell/A1/figures", {"hour": "24"}, 400),
        ("/areas/cell/A1/figures", {"hour": "-1"}, 400),
        ("/areas/cell/A1/figures", {"class": "thing"}, 400),
        ("/areas/cell/A1/figures", {"channel": '"app'}, 400),
        ("/areas/cell/A1/figures", {"open": "perhaps"}, 400),
        ("/areas/cell/A1/figures", {"colour": "red"}, 400),
        ("/cases", {"hour": "24"}, 400),
        ("/cases", {"weekday": "0"}, 400),
    ],
)
def test_an_unfit_question_says_what_is_wrong(
    chief: Program,  # noqa: F811
    path: str,
    query: dict[str, object],
    status: int,
) -> None:
    answer = chief.get(path, **query)
    assert (answer.status_code, answer.get_json()["status"]) == (status, status)
    if status == 400:
        assert next(iter(query)) in answer.text


def test_all_unfit_arguments_are_named_at_once(chief: Program) -> None:  # noqa: F811
    answer = chief.get("/areas/cell/A1/figures", weekday="8", hour="99", edition="x")
    assert set(answer.get_json()["errors"]["query"]) == {"weekday", "hour", "edition"}


def test_an_account_gets_figures_of_what_it_may_see(app: Flask, city: Engine) -> None:
    street = program(app, city, "duty_chief", area=("street", "A"))
    assert street.get("/areas/street/A/figures", **MARCH).get_json()["figures"]["cases"] == 3
    assert street.get("/areas/street/B/figures", **MARCH).status_code == 404
    nobody = Program(app.test_client(), "no token")
    assert nobody.get("/areas/street/A/figures").status_code == 401


def test_default_positions_stand_apart(app: Flask, city: Engine) -> None:
    with city.begin() as conn:
        accept(conn, A1, actor="wang")
    asks = program(app, city, "duty_chief")
    told = asks.get("/areas/cell/A1/figures", **MARCH).get_json()
    assert (told["figures"]["cases"], told["at_default"]["cases"]) == (0, 2)
