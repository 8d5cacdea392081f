"""The page on which the first edition is made to begin earlier."""

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.domain.areas.edition import first_edition
from gridmgmt.settings import Settings
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases.cases import get_case
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, give_duties, row, take_in
from tests.services.reroute_city import publish_second
from tests.web.conftest import Login, csrf_of


@pytest.fixture
def early(engine: Engine, tmp_path: Path) -> Engine:
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        take_in(
            conn, case_file(tmp_path, [row("OLD", A1, reported_at="2020-05-01"), row("NEW")])
        )
        publish_second(conn)
    return engine


def test_it_is_tried_out_and_then_applied(
    early: Engine, login: Login, settings: Settings
) -> None:
    client = login("gis_officer")
    assert "/editions/1/extend" in client.get("/editions/1").text
    assert "/editions/2/extend" not in client.get("/editions/2").text
    page = client.get("/editions/1/extend?lang=en").text
    assert "1 cases wait for it; the first was reported on 2020-05-01." in page
    assert 'value="2020-05-01"' in page

    def pressed(page: str, action: str) -> int:
        form = {"csrf_token": csrf_of(page), "from": "2020-05-01"}
        job = int(client.post(action, data=form).headers["Location"].rpartition("/")[2])
        run_job(early, KINDS, job, settings)
        assert f"/editions/extensions/{job}" in client.get(f"/jobs/{job}").text
        return job

    told = client.get(
        f"/editions/extensions/{pressed(page, '/editions/1/extend')}?lang=en"
    ).text
    assert "nothing is changed yet" in told
    with early.connect() as conn:
        assert get_case(conn, "OLD").location.area_code is None
    done = pressed(told, "/editions/1/extend/commit")
    assert (
        "Edition 1 begins on 2020-05-01 now"
        in client.get(f"/editions/extensions/{done}?lang=en").text
    )
    with early.connect() as conn:
        assert get_case(conn, "OLD").location.area_code == "A1"
        first = first_edition(list_editions(conn))
        assert first is not None
        assert first.effective_from.astimezone(settings.tz).date().isoformat() == "2020-05-01"
    history = login("dispatcher").get("/cases/OLD?lang=en").text
    assert "Edition 1, the first, was made to begin earlier" in history


def test_a_day_that_cannot_be_is_refused(
    early: Engine, login: Login, settings: Settings
) -> None:
    client = login("gis_officer")
    page = client.get("/editions/1/extend?lang=en").text
    for day in ("", "1899-12-31", "soon"):
        form = {"csrf_token": csrf_of(page), "from": day}
        assert client.post("/editions/1/extend", data=form).status_code == 400
    later = {"csrf_token": csrf_of(page), "from": "2030-01-01"}
    answer = client.post("/editions/1/extend/commit", data=later)
    job = int(answer.headers["Location"].rpartition("/")[2])
    run_job(early, KINDS, job, settings)
    assert "name an earlier day" in client.get(f"/jobs/{job}?lang=en").text
    assert "Only the first edition" in client.get("/editions/2/extend?lang=en").text
