"""The history of an area through the API, and an area of any instant."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.services.drafts.publishing import publish
from tests.factories import make_draft, make_edition, two_streets
from tests.services.drafts.test_publishing import merged_a1_a2
from tests.web.test_api import Program, program


@pytest.fixture
def planner(app: Flask, engine: Engine) -> Program:
    with engine.begin() as conn:
        make_edition(conn, two_streets(), effective_from=datetime(2026, 1, 1, tzinfo=UTC))
        make_draft(conn, "merge", [merged_a1_a2()])
        publish(conn, "merge", datetime(2026, 3, 1, tzinfo=UTC), actor="a")
    return program(app, engine, "planner")


def test_what_became_of_an_area(planner: Program) -> None:
    told = planner.get("/areas/cell/A2/history")
    assert told.status_code == 200
    made, retired = told.get_json()["steps"]
    assert (made["event"], made["edition"]["number"], made["before"]) == ("made", 1, None)
    assert (retired["event"], retired["after"]) == ("retired", None)
    assert [(one["code"], one["share"]) for one in retired["went"]] == [("A1", 1.0)]
    assert [(one["code"], one["share"]) for one in made["came"]] == [(None, 1.0)]
    assert planner.get("/areas/cell/Z9/history").status_code == 404
    assert planner.get("/areas/cell/A2/history", edition=1).status_code == 400


def test_an_area_of_an_instant(planner: Program) -> None:
    then = planner.get("/areas/cell/A2", on="2026-02-28T12:00:00+08:00")
    assert (then.status_code, then.get_json()["edition"]) == (200, 1)
    assert planner.get("/areas/cell/A2", on="2026-03-02T12:00:00+08:00").status_code == 404
    assert planner.get("/areas/cell/A2", on="2025-03-02T12:00:00+08:00").status_code == 409
    both = planner.get("/areas/cell/A2", on="2026-02-28T12:00:00+08:00", edition=1)
    assert both.status_code == 400
    assert "not both" in both.text
