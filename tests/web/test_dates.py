"""Dates at every door of a bureau whose clock is set forward and back: New York."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from gridmgmt.store.schema import cases
from tests.web.conftest import Login, csrf_of
from tests.web.test_api import Program, program

NEVER = "never was in America/New_York: the clocks were set forward over it"
OUTSIDE = "lies outside the years 1900 to 2199"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, tz=ZoneInfo("America/New_York"))


@pytest.fixture
def chief(app: Flask, city: Engine) -> Program:
    return program(app, city, "duty_chief")


@pytest.fixture
def acceptor(city: Engine, login: Login) -> FlaskClient:
    return login("acceptor")


def reported(engine: Engine, case_no: str) -> datetime:
    query = sa.select(cases.c.reported_at).where(cases.c.case_no == case_no)
    with engine.connect() as conn:
        at: datetime = conn.execute(query).scalar_one()
    return at


def test_a_form_means_the_first_of_two_hours(acceptor: FlaskClient, city: Engine) -> None:
    token = csrf_of(acceptor.get("/cases/new").text)
    given = {"category": "E1", "reported_at": "2015-11-01T01:16", "csrf_token": token}
    answer = acceptor.post("/cases/new", data=given)
    assert answer.status_code == 303
    number = answer.headers["Location"].rsplit("/", 1)[1]
    assert reported(city, number) == datetime(2015, 11, 1, 5, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("reported_at", "2015-03-08T02:30", NEVER),
        ("due_at", "2027-03-14T02:30", NEVER),
        ("due_at", "9999-12-31T23:59", OUTSIDE),
        ("reported_at", "1899-12-31T23:59", OUTSIDE),
    ],
)
def test_a_form_refuses_what_an_import_refuses(
    acceptor: FlaskClient, field: str, text: str, words: str
) -> None:
    token = csrf_of(acceptor.get("/cases/new").text)
    given = {"category": "E1", "reported_at": "2015-03-08T01:30", "csrf_token": token}
    answer = acceptor.post("/cases/new?lang=en", data={**given, field: text})
    assert answer.status_code == 400
    assert words in answer.text


def test_a_program_reports_either_of_two_hours(chief: Program, city: Engine) -> None:
    for number, offset in (("P1", "-04:00"), ("P2", "-05:00")):
        given = {
            "case_no": number,
            "category": "E1",
            "reported_at": f"2015-11-01T01:16:00{offset}",
        }
        assert [chief.post("/cases", given).status_code for _ in range(2)] == [201, 200]
        assert reported(city, number) == datetime.fromisoformat(given["reported_at"])
        told = chief.get(f"/cases/{number}").get_json()["reported_at"]
        # What is told can be sent again.
        assert chief.post("/cases", {**given, "reported_at": told}).status_code == 200


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("reported_at", "2026-03-01T10:00:00-18:00", "no clock has the offset -18:00"),
        ("due_at", "9999-12-31T23:59:59Z", OUTSIDE),
        ("due_at", "9999-12-31T23:59:59-12:00", OUTSIDE),
        ("due_at", "2200-01-01T05:00:00Z", OUTSIDE),
        ("reported_at", "0001-01-01T00:00:00+14:00", OUTSIDE),
        ("reported_at", "1900-01-01T04:00:00Z", OUTSIDE),  # still 1899 in New York
        # Nobody says on which clock.
        (
            "reported_at",
            "2015-03-08T02:30:00",
            "has no offset; write 2024-01-05T08:30:00+08:00",
        ),
        ("reported_at", "2015-03-08", "has no offset"),
        ("reported_at", "2026-02-30T08:30:00Z", "2026-02 has no day 30"),
        ("reported_at", "2024-W01-5T08:30:00Z", "is no date"),
        ("reported_at", "2024-01-05T24:00:00Z", "there is no hour 24"),
        ("reported_at", 1704414600, "is no text"),
    ],
)
def test_a_program_is_refused_what_an_import_refuses(
    chief: Program, field: str, text: object, words: str
) -> None:
    given = {"category": "E1", "reported_at": "2015-03-08T01:30:00Z"}
    answer = chief.post("/cases", {**given, field: text})
    assert answer.status_code == 422
    assert words in answer.text


def test_the_last_moment_of_the_years_is_a_deadline(chief: Program) -> None:
    given = {"category": "E1", "case_no": "P1", "due_at": "2199-12-31T23:59:59-05:00"}
    assert chief.post("/cases", given).status_code == 201
    told = chief.get("/cases/P1").get_json()["due_at"]
    assert datetime.fromisoformat(told) == datetime.fromisoformat(given["due_at"])


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "2026-02-30", "soon"])
def test_days_of_filters_are_in_the_same_years(chief: Program, login: Login, text: str) -> None:
    client = login("duty_chief", "another")
    for name in ("from", "to"):
        assert chief.get("/cases", **{name: text}).status_code == 400
        assert client.get("/cases", query_string={name: text}).status_code == 400
    assert client.get("/duties", query_string={"on": text}).status_code == 400


@pytest.mark.parametrize(
    "text", ["2026/3/1 10:00:00+08:00", "2026年3月1日 02:00:00Z", "2026-03-01T10:00:00+0800"]
)
def test_a_program_may_write_a_time_as_files_do(chief: Program, text: str) -> None:
    answer = chief.post("/cases", {"category": "E1", "reported_at": text})
    assert answer.status_code == 201, answer.text
    told = datetime.fromisoformat(answer.get_json()["reported_at"])
    assert told == datetime(2026, 3, 1, 2, tzinfo=UTC)


def test_days_of_filters_may_have_slashes(chief: Program, login: Login, city: Engine) -> None:
    # An instant is the day of the bureau's clock.
    for text, count in (("2026/3/1", 5), ("20260302", 0), ("2026-03-02T04:00:00Z", 5)):
        answer = chief.get("/cases", **{"from": text})
        assert answer.status_code == 200
        assert len(answer.get_json()["cases"]) == count, text
    client = login("duty_chief", "another")
    listed = client.get("/cases?from=2026/3/1&to=20260331")
    assert listed.status_code == 200
