"""The page of a reroute: told first, then applied by the worker."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.schema import jobs
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.services import reroute_city
from tests.web.conftest import Login, csrf_of


@pytest.fixture
def published(engine: Engine, tmp_path: Path) -> Engine:
    with engine.begin() as conn:
        reroute_city.fill(conn, tmp_path)
        reroute_city.publish_second(conn)
    return engine


def asked(client: FlaskClient, page: str, action: str) -> int:
    """Press a button of a page and return the job it made."""
    answer = client.post(action, data={"csrf_token": csrf_of(page)})
    found = re.fullmatch(r"/jobs/(\d+)", answer.headers["Location"])
    assert found
    return int(found[1])


def owner(engine: Engine, no: str) -> str | None:
    with engine.connect() as conn:
        return get_case(conn, no).responder_code


def test_what_it_would_do_is_told_and_then_applied(
    published: Engine, login: Login, settings: Settings
) -> None:
    client = login("dispatcher")
    assert "/editions/2/reroute" in client.get("/editions/2").text
    assert "/editions/1/reroute" not in client.get("/editions/1").text
    page = client.get("/editions/2/reroute").text
    job = asked(client, page, "/editions/2/reroute")
    run_job(published, KINDS, job, settings)
    assert f"/editions/reroutes/{job}" in client.get(f"/jobs/{job}").text
    told = client.get(f"/editions/reroutes/{job}?lang=en").text
    assert "nothing is changed yet" in told
    assert 'href="/cases/MOVED"' in told
    assert owner(published, "MOVED") == "OA"
    job = asked(client, told, "/editions/2/reroute/commit")
    run_job(published, KINDS, job, settings)
    told = client.get(f"/editions/reroutes/{job}?lang=en").text
    assert "now follow edition 2" in told
    assert "/editions/2/reroute/commit" not in told
    assert owner(published, "MOVED") == "S2"
    history = client.get("/cases/MOVED?lang=en").text
    assert "Open cases followed edition 2" in history
    assert "had open cases follow edition 2" in history


def test_an_edition_that_is_not_in_force_offers_nothing(
    published: Engine, login: Login, settings: Settings
) -> None:
    client = login("gis_officer")
    page = client.get("/editions/1/reroute?lang=en").text
    assert "This edition is not in force" in page
    job = asked(client, page, "/editions/1/reroute/commit")
    run_job(published, KINDS, job, settings)
    assert "was in force until" in client.get(f"/jobs/{job}?lang=en").text
    assert client.get("/editions/9/reroute").status_code == 404


def test_who_lost_the_permission_meanwhile_changes_nothing(
    published: Engine, login: Login, settings: Settings
) -> None:
    client = login("dispatcher")
    job = asked(client, client.get("/editions/2/reroute").text, "/editions/2/reroute/commit")
    with published.begin() as conn:
        accounts.change(
            conn,
            "dispatcher",
            role="dispatcher",
            name="",
            area=("street", "A"),
            responder_code=None,
            actor="a test",
        )
    run_job(published, KINDS, job, settings)
    with published.connect() as conn:
        assert conn.execute(sa.select(jobs.c.status)).scalar_one() == "failed"
    assert owner(published, "MOVED") == "OA"


def test_a_reroute_is_shown_to_who_asked_for_it(
    published: Engine, login: Login, settings: Settings
) -> None:
    client = login("dispatcher")
    job = asked(client, client.get("/editions/2/reroute").text, "/editions/2/reroute")
    assert login("duty_chief").get(f"/editions/reroutes/{job}").status_code == 404


def test_a_limit_to_an_area_takes_the_reroute_away(published: Engine, login: Login) -> None:
    client = login("dispatcher", area=("street", "A"))
    assert client.get("/editions/2/reroute").status_code == 403
    assert "/editions/2/reroute" not in client.get("/editions/2").text
