"""The page of what a draft would change: for who edits and who reviews, small or large."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.workbench import impact
from gridmgmt.settings import Settings
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.engine import make_engine
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.services.reroute_city import draft_a2_to_b, fill
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of

TOLD = ("MOVED", "−3", "+3", "二中队")


@pytest.fixture
def page(engine: Engine, tmp_path: Path) -> str:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        return f"/drafts/{get_draft(conn, draft_a2_to_b(conn, 'A2')).id}/impact"


@pytest.fixture(params=["gis_officer", "commander"])
def person(login: Login, request: pytest.FixtureRequest) -> FlaskClient:
    """Who edits drafts, or reviews them."""
    client = login(request.param)
    client.get("/?lang=en")
    return client


def test_the_page_tells_who_gains_which_cases(person: FlaskClient, page: str) -> None:
    told = text_of(person.get(page).text)
    for one in TOLD:
        assert one in told, one
    assert f'href="{page}"' in person.get(page.removesuffix("/impact")).text


def test_the_impact_of_a_large_draft_is_measured_by_a_job_that_leads_back(
    person: FlaskClient, page: str, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(impact, "MOST_CASES", 0)
    asked = person.get(page).text
    assert "MOVED" not in asked
    queued = person.post(page, data={"csrf_token": csrf_of(asked)})
    found = re.fullmatch(r"/jobs/(\d+)", queued.location)
    assert found is not None
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    run_job(engine, KINDS, int(found[1]), settings)
    engine.dispose()
    result = f"/drafts/impacts/{found[1]}"
    assert result in person.get(queued.location).text
    told = text_of(person.get(result).text)
    for one in TOLD:
        assert one in told, one
